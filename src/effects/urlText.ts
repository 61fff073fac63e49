/** What an address is made of, in plain text: its password too, so that it stays in here. */
export interface UrlParts {
  readonly dialect: string
  readonly driver: string | null
  readonly user: string | null
  readonly password: string | null
  readonly host: string | null
  readonly port: number | null
  readonly database: string | null
  readonly options: Readonly<Record<string, string | ReadonlyArray<string>>>
}

/** Which part cannot be read, and what it should be; never what it is. */
export interface Unreadable {
  readonly wrong: string
  readonly says: string
}

/** The address of a file has neither account nor host. */
const isOfFile = (dialect: string): boolean => dialect === "sqlite"

class Broken {
  readonly part: string
  constructor(part: string) {
    this.part = part
  }
}

const decoded = (text: string, part: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Broken(part)
  }
}

const unreadable = (wrong: string, says: string): Unreadable => ({ wrong, says })

/** Reads an address; the platform's own reader rewrites what it reads, and its errors tell it. */
export const readUrl = (text: string): UrlParts | Unreadable => {
  if (text === ":memory:") return { ...nothing, dialect: "sqlite", database: text }
  const scheme = /^([a-z][a-z0-9.-]*)(?:\+([a-z0-9.-]+))?:/i.exec(text)
  if (scheme === null)
    return unreadable("url", "a database's address begins with a scheme, as in sqlite::memory:")
  const [whole, dialect = "", driver = null] = scheme
  const [place = "", ...questions] = text.slice(whole.length).split("?")
  try {
    const options = optionsIn(questions.join("?"))
    const named = { ...nothing, dialect: dialect.toLowerCase(), driver, options }
    return isOfFile(named.dialect) || !place.startsWith("//")
      ? { ...named, database: decoded(place.replace(/^\/\//, ""), "database") }
      : inNetwork(named, place.slice(2), text)
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    return unreadable(
      error.part,
      `the ${error.part} in the database's address has a broken percent-encoding`
    )
  }
}

const nothing: UrlParts = {
  dialect: "",
  driver: null,
  user: null,
  password: null,
  host: null,
  port: null,
  database: null,
  options: {}
}

/** `user:password@host:port/database` */
const inNetwork = (named: UrlParts, place: string, text: string): UrlParts | Unreadable => {
  if (/[\s#]/.test(text))
    return unreadable("url", "a space and a # in a database's address are written %20 and %23")
  const slash = place.indexOf("/")
  const authority = slash < 0 ? place : place.slice(0, slash)
  const database = slash < 0 ? "" : place.slice(slash + 1)
  const at = authority.lastIndexOf("@")
  const account = at < 0 ? "" : authority.slice(0, at)
  const colon = account.indexOf(":")
  const found = /^(\[[^[\]]+\]|[^:[\]]*)(?::(.*))?$/s.exec(authority.slice(at + 1))
  if (found === null)
    return unreadable("host", "the host in the database's address is a name, or [an IPv6 address]")
  const [, host = "", port] = found
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))
    return unreadable("port", "the port in the database's address is a number from 0 to 65535")
  return {
    ...named,
    user: decoded(colon < 0 ? account : account.slice(0, colon), "user"),
    password: colon < 0 ? null : decoded(account.slice(colon + 1), "password"),
    host: decoded(host.replace(/^\[|\]$/g, ""), "host"),
    port: port === undefined ? null : Number(port),
    database: decoded(database, "database")
  }
}

const optionsIn = (text: string): Readonly<Record<string, string | ReadonlyArray<string>>> => {
  const found = new Map<string, string | ReadonlyArray<string>>()
  for (const one of text.split("&")) {
    if (one === "") continue
    const equals = one.indexOf("=")
    const [name, value] = [
      equals < 0 ? one : one.slice(0, equals),
      equals < 0 ? "" : one.slice(equals + 1)
    ].map((part) => decoded(part.replaceAll("+", " "), "options")) as [string, string]
    const before = found.get(name)
    found.set(name, before === undefined ? value : [before, value].flat())
  }
  return Object.fromEntries(found)
}

/** The one text of an address. */
export const writeUrl = (parts: UrlParts): string => {
  const { dialect, driver, options } = parts
  const scheme = driver === null ? dialect : `${dialect}+${driver}`
  const questions = Object.entries(options).flatMap(([name, value]) =>
    [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`)
  )
  const place = isOfFile(dialect) ? filePlace(parts) : networkPlace(parts)
  return `${scheme}:${place}${questions.length === 0 ? "" : `?${questions.join("&")}`}`
}

const filePlace = ({ database }: UrlParts): string => {
  const path = encodeURIComponent(database ?? "")
    .replaceAll("%2F", "/")
    .replaceAll("%3A", ":")
  return path.startsWith("/") ? `//${path}` : path
}

const networkPlace = ({ database, host, password, port, user }: UrlParts): string => {
  const secret = password === null ? "" : `:${encodeURIComponent(password)}`
  const account =
    user === null && secret === "" ? "" : `${encodeURIComponent(user ?? "")}${secret}@`
  const bare = encodeURIComponent(host ?? "")
  const name = host?.includes(":") === true ? `[${bare.replaceAll("%3A", ":")}]` : bare
  const at = `${account}${name}${port === null ? "" : `:${port}`}`
  return `//${at}${database === null ? "" : `/${encodeURIComponent(database)}`}`
}
