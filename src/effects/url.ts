import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { ConfigInvalid, OpenError } from "./DatabaseError.ts"
import type { Driver } from "./Driver.ts"
import type { ServerOptions } from "./drivers/ServerOptions.ts"
import { deadlinesOf, openTable, type OpenSettings } from "./open.ts"
import { configInvalid, invalidOption, object } from "./Options.ts"

/** How one kind of server is reached by an address: what `layerUrl` chooses among. */
export interface DriverEntry {
  /** `postgres`, `postgresql`: what stands before the first colon. */
  readonly schemes: ReadonlyArray<string>
  readonly fromUrl: (url: string, settings: OpenSettings) => Effect.Effect<Driver, OpenError>
}

type MakeDriver = (settings: OpenSettings) => Effect.Effect<Driver, OpenError>

/** The driver that knows the address's scheme. */
export const entryFor = (
  url: string,
  drivers: ReadonlyArray<DriverEntry>
): Effect.Effect<MakeDriver, ConfigInvalid> => {
  const scheme =
    url === ":memory:" ? "sqlite" : /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined)
    return Effect.fail(
      configInvalid("url", "a database's address begins with a scheme, as in sqlite::memory:")
    )
  const known = drivers.flatMap((driver) => driver.schemes)
  const entry = drivers.find((driver) => driver.schemes.includes(scheme))
  return entry === undefined
    ? Effect.fail(
        configInvalid(scheme, `no driver here knows the scheme "${scheme}": ${known.join(", ")}`)
      )
    : Effect.succeed((settings) => {
        const invalid = invalidOption(settings, { ...openTable, drivers: object })
        return invalid === null ? entry.fromUrl(url, settings) : Effect.fail(invalid)
      })
}

/** What may stand after `?` in an address. */
const parameters: ReadonlySet<string> = new Set(["sslmode", "application_name", "pooler"])

/** `scheme://user:password@host:port/database?sslmode=verify-full` */
export const serverOptionsOf = (
  url: string,
  defaultPort: number,
  settings: OpenSettings
): Effect.Effect<ServerOptions, ConfigInvalid> =>
  Effect.suspend(() => {
    let parsed: URL
    try {
      parsed = new URL(url)
    } catch {
      // The error of the platform holds the whole address, password and all: it goes no further.
      return Effect.fail(
        configInvalid(
          "url",
          "the database's address cannot be read: scheme://user:password@host:port/database, " +
            "special characters percent-encoded"
        )
      )
    }
    for (const name of parsed.searchParams.keys()) {
      if (!parameters.has(name))
        return Effect.fail(
          configInvalid(
            name,
            `the address's parameter "${name}" is not known: ${[...parameters].join(", ")}`
          )
        )
    }
    const tls = tlsOf(parsed.searchParams.get("sslmode"))
    if (tls === null)
      return Effect.fail(configInvalid("sslmode", "sslmode is disable, require or verify-full"))
    const pooler = parsed.searchParams.get("pooler") ?? "none"
    if (pooler !== "none" && pooler !== "transaction")
      return Effect.fail(configInvalid("pooler", "pooler is none or transaction"))
    if (parsed.hostname === "")
      return Effect.fail(configInvalid("host", "the database's address names no host"))
    const decoded = decodedParts(parsed)
    if (decoded === null)
      return Effect.fail(
        configInvalid("url", "the database's address has a broken percent-encoding")
      )
    return Effect.succeed({
      host: parsed.hostname.replace(/^\[|\]$/g, ""),
      port: parsed.port === "" ? defaultPort : Number(parsed.port),
      ...decoded,
      tls,
      applicationName: parsed.searchParams.get("application_name") ?? "athanor",
      statements: 100,
      pooler,
      driverOptions: {},
      deadlines: deadlinesOf(settings)
    })
  })

const decodedParts = (url: URL): Pick<ServerOptions, "database" | "user" | "password"> | null => {
  try {
    return {
      database: decodeURIComponent(url.pathname.slice(1)),
      user: decodeURIComponent(url.username),
      password: Redacted.make(decodeURIComponent(url.password))
    }
  } catch {
    return null
  }
}

/** Encrypted is always verified: there is no encrypted-if-possible. */
const tlsOf = (mode: string | null): boolean | null => {
  switch (mode) {
    case null:
    case "disable":
      return false
    case "require":
    case "verify-ca":
    case "verify-full":
      return true
    default:
      return null
  }
}
