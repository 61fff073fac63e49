/** The address of a database as a value: what it is made of, and its one text. */
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { NodeInspectSymbol } from "effect/Inspectable"
import * as Redacted from "effect/Redacted"
import { refuse } from "../algebra/StatementError.ts"
import type { ConfigInvalid } from "./DatabaseError.ts"
import { configInvalid } from "./Options.ts"
import { readUrl, type Unreadable, type UrlParts, writeUrl } from "./urlText.ts"

/**
 * What an option says: one text, or several in the order they were given.
 *
 * @category models
 */
export type OptionValue = string | ReadonlyArray<string>

/**
 * The address of a database: `postgres://user:password@host:5432/database?option=value`.
 *
 * **Shape** immutable, equal by content. SQLite's has a file's path for its database, or
 * `:memory:`, and no host. Printed, inspected and as JSON it says `***` for the password and for
 * options that are called like secrets.
 *
 * @category models
 */
export interface DatabaseUrl extends Equal.Equal {
  /** What stands before the first colon: `postgres`, `mysql`, `mariadb`, `sqlite`. */
  readonly dialect: string
  /** `pg` in `postgres+pg://`. */
  readonly driver: string | null
  readonly user: string | null
  readonly password: Redacted.Redacted<string> | null
  readonly host: string | null
  readonly port: number | null
  readonly database: string | null
  readonly options: Readonly<Record<string, OptionValue>>
  readonly toString: () => string
  readonly toJSON: () => string
}

/**
 * What an address is made of; what is left out is not in it.
 *
 * @category models
 */
export interface Parts {
  readonly dialect: string
  readonly driver?: string | null
  readonly user?: string | null
  readonly password?: Redacted.Redacted<string> | null
  readonly host?: string | null
  readonly port?: number | null
  readonly database?: string | null
  readonly options?: Readonly<Record<string, OptionValue>>
}

const shown = "***"
const isSecret = (name: string): boolean => /pass|pwd|secret|token|key/i.test(name)

const masked = (url: DatabaseUrl): string =>
  writeUrl({
    ...url,
    password: url.password === null ? null : shown,
    options: Object.fromEntries(
      Object.entries(url.options).map(([name, value]) => [name, isSecret(name) ? shown : value])
    )
  })

const revealed = (url: DatabaseUrl): string =>
  writeUrl({ ...url, password: url.password === null ? null : Redacted.value(url.password) })

const prototype = {
  [Equal.symbol](this: DatabaseUrl, that: unknown): boolean {
    return isDatabaseUrl(that) && revealed(this) === revealed(that)
  },
  [Hash.symbol](this: DatabaseUrl): number {
    return Hash.string(masked(this))
  },
  [NodeInspectSymbol](this: DatabaseUrl): string {
    return `DatabaseUrl(${masked(this)})`
  },
  toString(this: DatabaseUrl): string {
    return masked(this)
  },
  toJSON(this: DatabaseUrl): string {
    return masked(this)
  }
}

/**
 * Is this a `DatabaseUrl`?
 *
 * @category guards
 */
export const isDatabaseUrl = (value: unknown): value is DatabaseUrl =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === prototype

/** Sorted by name: the order of options means nothing, that of one option's values does. */
const settled = (
  options: Readonly<Record<string, OptionValue>>
): Readonly<Record<string, OptionValue>> =>
  Object.freeze(
    Object.fromEntries(
      Object.entries(options)
        .map(([name, value]): readonly [string, OptionValue] =>
          typeof value === "string" || value.length !== 1 ? [name, value] : [name, value[0]!]
        )
        .filter(([, value]) => typeof value === "string" || value.length > 0)
        .map(([name, value]) => [
          name,
          typeof value === "string" ? value : Object.freeze([...value])
        ])
        .sort(([one], [other]) => ((one as string) < (other as string) ? -1 : 1))
    )
  )

const present = (text: string | null | undefined): string | null =>
  text === undefined || text === "" ? null : text

const build = (parts: UrlParts, password: Redacted.Redacted<string> | null): DatabaseUrl => {
  const made = Object.create(prototype)
  made.dialect = parts.dialect.toLowerCase()
  made.driver = present(parts.driver)
  made.user = present(parts.user)
  made.password = password === null || Redacted.value(password) === "" ? null : password
  made.host = present(parts.host)
  made.port = parts.port
  made.database = present(parts.database)
  made.options = settled(parts.options)
  return Object.freeze(made)
}

/**
 * The address made of these parts.
 *
 * **Shape** an empty text counts as left out.
 * **Errors** throws `StatementError` for what no address can say: a scheme with a space, a port
 * beyond 65,535, half of a surrogate pair.
 *
 * @example
 * ```ts
 * import { DatabaseUrl } from "athanor"
 * import { Redacted } from "effect"
 * const url = DatabaseUrl.make({ dialect: "postgres", user: "ann@home",
 *   password: Redacted.make("s3cret"), host: "db.internal", database: "blog" })
 * String(url) // => "postgres://ann%40home:***@db.internal/blog"
 * ```
 * @category constructors
 */
export const make = (parts: Parts): DatabaseUrl => {
  const made = madeOf(parts)
  return isDatabaseUrl(made) ? made : refuse(made.says)
}

/** What no address can say, and which part that is. */
export const madeOf = (parts: Parts): DatabaseUrl | Unreadable => {
  const { port = null } = parts
  for (const [wrong, word] of [
    ["dialect", parts.dialect],
    ["driver", parts.driver ?? "none"]
  ] as const)
    if (!/^[a-z][a-z0-9.-]*$/i.test(word))
      return { wrong, says: `the ${wrong} of a database's address is a word` }
  const { host, password, user } = parts
  if (parts.dialect === "sqlite" && [host, user, port, password].some(isSaid))
    return { wrong: "host", says: "the address of a file has neither host nor account" }
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    return { wrong: "port", says: "the port of a database's address is a number from 0 to 65535" }
  const url = build(
    {
      dialect: parts.dialect,
      driver: parts.driver ?? null,
      user: user ?? null,
      password: null,
      host: host ?? null,
      port,
      database: parts.database ?? null,
      options: parts.options ?? {}
    },
    password ?? null
  )
  return isSayable(url)
    ? url
    : { wrong: "url", says: "half of a surrogate pair is no character of a database's address" }
}

const isSaid = (part: unknown): boolean => part !== undefined && part !== null && part !== ""

const isSayable = (url: DatabaseUrl): boolean => {
  try {
    return revealed(url) !== ""
  } catch {
    return false
  }
}

/**
 * Reads an address.
 *
 * **Shape** `dialect[+driver]://[user[:password]@]host[:port]/database[?option=value&…]`,
 * `sqlite:path`, `sqlite:///absolute/path`, `sqlite::memory:`. What is reserved is percent-encoded;
 * an option given twice is a list.
 * **Laws** `parse(reveal(url))` gives an equal address.
 * **Errors** `ConfigInvalid` in one line, `culprit` the part: `url`, `port`, `host`, `user`,
 * `password`, `database`, `options`. It never holds the address.
 * **Source** SQLAlchemy 2.0 "Database URLs"; RFC 3986; PostgreSQL manual, "Connection URIs".
 *
 * @example
 * ```ts
 * import { DatabaseUrl } from "athanor"
 * import { Effect } from "effect"
 * const url = Effect.runSync(DatabaseUrl.parse("mysql+mysql2://blog@127.0.0.1:3307/a%20b?x=1&x=2"))
 * const { database, driver, options, port } = url
 * const parts = [driver, port, database, options.x]
 * parts // => ["mysql2", 3307, "a b", ["1", "2"]]
 * ```
 * @category constructors
 */
export const parse = (text: string): Effect.Effect<DatabaseUrl, ConfigInvalid> =>
  Effect.suspend(() => {
    const read = readUrl(text)
    return "wrong" in read
      ? Effect.fail(configInvalid(read.wrong, read.says))
      : Effect.succeed(build(read, read.password === null ? null : Redacted.make(read.password)))
  })

/**
 * The text of an address with its password, as a secret.
 *
 * @example
 * ```ts
 * import { DatabaseUrl } from "athanor"
 * import { Redacted } from "effect"
 * const password = Redacted.make("p/w")
 * const url = DatabaseUrl.make({ dialect: "mysql", user: "u", password, host: "h" })
 * const text = DatabaseUrl.reveal(url)
 * Redacted.value(text) // => "mysql://u:p%2Fw@h"
 * String(text) // => "<redacted>"
 * ```
 * @category conversions
 */
export const reveal = (url: DatabaseUrl): Redacted.Redacted<string> => Redacted.make(revealed(url))

const withOptions = (
  url: DatabaseUrl,
  options: Readonly<Record<string, OptionValue>>
): DatabaseUrl => build({ ...url, password: null, options }, url.password)

const all = (value: OptionValue | undefined): ReadonlyArray<string> =>
  value === undefined ? [] : typeof value === "string" ? [value] : value

const put = (
  url: DatabaseUrl,
  name: string,
  value: OptionValue
): Readonly<Record<string, OptionValue>> =>
  Object.fromEntries([
    ...Object.entries(url.options).filter(([one]) => one !== name),
    [name, value]
  ])

/**
 * The address with an option that says this and nothing else; of no values it is without it.
 *
 * @example
 * ```ts
 * import { DatabaseUrl } from "athanor"
 * const url = DatabaseUrl.make({ dialect: "postgres", host: "h", database: "blog" })
 * const safe = DatabaseUrl.withOption(url, "sslmode", "verify-full")
 * String(safe) // => "postgres://h/blog?sslmode=verify-full"
 * ```
 * @category combinators
 */
export const withOption = (url: DatabaseUrl, name: string, value: OptionValue): DatabaseUrl =>
  withOptions(url, put(url, name, value))

/**
 * The address with one value more for an option, after those it has.
 *
 * @example
 * ```ts
 * import { DatabaseUrl } from "athanor"
 * const url = DatabaseUrl.make({ dialect: "postgres", host: "h", options: { host: "a" } })
 * String(DatabaseUrl.addOption(url, "host", "b")) // => "postgres://h?host=a&host=b"
 * ```
 * @category combinators
 */
export const addOption = (url: DatabaseUrl, name: string, value: string): DatabaseUrl =>
  withOptions(
    url,
    put(url, name, [...(Object.hasOwn(url.options, name) ? all(url.options[name]) : []), value])
  )

/**
 * The address without an option.
 *
 * @example
 * ```ts
 * import { DatabaseUrl } from "athanor"
 * const url = DatabaseUrl.make({ dialect: "postgres", host: "h", options: { a: "1", b: "2" } })
 * String(DatabaseUrl.withoutOption(url, "a")) // => "postgres://h?b=2"
 * ```
 * @category combinators
 */
export const withoutOption = (url: DatabaseUrl, name: string): DatabaseUrl =>
  withOption(url, name, [])
