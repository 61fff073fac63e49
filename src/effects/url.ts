import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { ConfigInvalid, OpenError } from "./DatabaseError.ts"
import type { DatabaseUrl } from "./DatabaseUrl.ts"
import type { Driver } from "./Driver.ts"
import type { ServerOptions } from "./drivers/ServerOptions.ts"
import { deadlinesOf, openTable, type OpenSettings } from "./open.ts"
import { configInvalid, invalidOption } from "./Options.ts"

/** How one kind of server is reached by an address: what `layerUrl` chooses among. */
export interface DriverEntry {
  /** `postgres`, `postgresql`: what stands before the first colon. */
  readonly schemes: ReadonlyArray<string>
  /** `pg`: what may stand behind the scheme, in `postgres+pg://`. */
  readonly driver?: string
  readonly fromUrl: (url: DatabaseUrl, settings: OpenSettings) => Effect.Effect<Driver, OpenError>
}

/** The driver an address asks for, of those given. */
export const driverFor = (
  url: DatabaseUrl,
  settings: OpenSettings,
  drivers: ReadonlyArray<DriverEntry>
): Effect.Effect<Driver, OpenError> =>
  Effect.suspend(() => {
    const { dialect, driver } = url
    const known = drivers.filter(({ schemes }) => schemes.includes(dialect))
    if (known.length === 0) {
      const names = drivers.flatMap(({ schemes }) => schemes).join(", ")
      return Effect.fail(
        configInvalid(dialect, `no driver here knows the scheme "${dialect}": ${names}`)
      )
    }
    const entry = driver === null ? known[0] : known.find((one) => one.driver === driver)
    if (entry === undefined) {
      const names = known.map((one) => `${dialect}+${one.driver ?? ""}`).join(", ")
      return Effect.fail(
        configInvalid(driver!, `no driver here is called "${driver}" for ${dialect}: ${names}`)
      )
    }
    const invalid = invalidOption(settings, openTable)
    return invalid === null ? entry.fromUrl(url, settings) : Effect.fail(invalid)
  })

/** What may stand after `?` in an address. */
const parameters: ReadonlySet<string> = new Set(["sslmode", "application_name", "pooler"])

/** Why the options of an address are not those it may have; null where they are. */
export const optionOf = (
  url: DatabaseUrl,
  known: ReadonlySet<string> = parameters
): ConfigInvalid | null => {
  for (const [name, value] of Object.entries(url.options)) {
    if (!known.has(name)) {
      const names = [...known].join(", ") || "none"
      return configInvalid(name, `the address's option "${name}" is not known: ${names}`)
    }
    if (typeof value !== "string")
      return configInvalid(name, `the address's option "${name}" is given twice`)
  }
  return null
}

/** `scheme://user:password@host:port/database?sslmode=verify-full` */
export const serverOptionsOf = (
  url: DatabaseUrl,
  defaultPort: number,
  settings: OpenSettings
): Effect.Effect<ServerOptions, ConfigInvalid> =>
  Effect.suspend(() => {
    const invalid = optionOf(url)
    if (invalid !== null) return Effect.fail(invalid)
    const options = url.options as Readonly<Record<string, string>>
    const tls = tlsOf(options["sslmode"])
    if (tls === null)
      return Effect.fail(configInvalid("sslmode", "sslmode is disable, require or verify-full"))
    const pooler = options["pooler"] ?? "none"
    if (pooler !== "none" && pooler !== "transaction")
      return Effect.fail(configInvalid("pooler", "pooler is none or transaction"))
    if (url.host === null)
      return Effect.fail(configInvalid("host", "the database's address names no host"))
    return Effect.succeed({
      host: url.host,
      port: url.port ?? defaultPort,
      database: url.database ?? "",
      user: url.user ?? "",
      password: url.password ?? Redacted.make(""),
      tls,
      applicationName: options["application_name"] ?? "athanor",
      statements: 100,
      pooler,
      driverOptions: {},
      deadlines: deadlinesOf(settings)
    })
  })

/** Encrypted is always verified: there is no encrypted-if-possible. */
const tlsOf = (mode: string | undefined): boolean | null => {
  switch (mode) {
    case undefined:
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
