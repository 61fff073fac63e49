import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { ConfigInvalid } from "./DatabaseError.ts"
import { type DatabaseUrl, isDatabaseUrl, madeOf, parse, withOption } from "./DatabaseUrl.ts"
import { openTable, type OpenSettings } from "./open.ts"
import { configInvalid, type OptionKind, type OptionTable } from "./Options.ts"

/** What a configuration says of a database. */
export interface Configured {
  readonly url: Option.Option<Redacted.Redacted<string>>
  readonly parts: {
    readonly [K in keyof typeof partConfigs]: Option.Option<Config.Success<(typeof partConfigs)[K]>>
  }
  readonly options: Readonly<Record<string, string>>
  readonly settings: OpenSettings
}

const partConfigs = {
  dialect: Config.NonEmptyString("DIALECT"),
  driver: Config.NonEmptyString("DRIVER"),
  host: Config.NonEmptyString("HOST"),
  port: Config.Port("PORT"),
  database: Config.NonEmptyString("DATABASE"),
  user: Config.NonEmptyString("USER"),
  password: Config.Redacted("PASSWORD")
}

/** Options of the address, by their names there. */
const urlOptions = ["sslmode", "application_name", "pooler"] as const

/** `idleTimeout_ms` is `IDLE_TIMEOUT`, and says its unit itself. */
const keyOf = (name: string): string =>
  name
    .replace(/_ms$/, "")
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()

/** An option as a text says it; null for what no text can say. */
const configOf = (kind: OptionKind, key: string): Config.Config<unknown> | null => {
  switch (kind._tag) {
    case "number":
      return kind.unit === "milliseconds"
        ? Config.map(Config.Duration(key), Duration.toMillis)
        : Config.Number(key)
    case "choice":
      return Config.Literals(kind.of, key)
    case "flag":
      return Config.Boolean(key)
    case "text":
      return Config.String(key)
    case "secret":
      return Config.Redacted(key)
    case "nested":
      return Config.nested(configsOf(kind.options), key)
    case "function":
    case "functions":
    case "object":
    case "texts":
    case "flagOrObject":
      return null
  }
}

/** Those options of a table that are said. */
const configsOf = (table: OptionTable): Config.Config<object> => {
  const known = Object.entries(table).flatMap(([name, kind]) => {
    const config = configOf(kind, keyOf(name))
    return config === null ? [] : [[name, Config.option(config)] as const]
  })
  return said(Object.fromEntries(known))
}

const said = <A>(
  configs: Readonly<Record<string, Config.Config<Option.Option<A>>>>
): Config.Config<Readonly<Record<string, A>>> =>
  Config.map(Config.all(configs), (found) =>
    Object.fromEntries(
      Object.entries(found).flatMap(([name, value]) =>
        Option.isSome(value) && !isEmpty(value.value) ? [[name, value.value] as const] : []
      )
    )
  )

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  Object.keys(value).length === 0

/** The names of a table's options as keys say them, with those that are within others. */
const namesIn = (table: OptionTable): ReadonlyArray<string> =>
  Object.entries(table).flatMap(([name, kind]) => {
    const key = keyOf(name)
    if (kind._tag === "nested") return namesIn(kind.options).map((one) => `${key}_${one}`)
    return configOf(kind, key) === null ? [] : [key]
  })

/** All that is read under a prefix, without it. */
export const configKeys: ReadonlySet<string> = new Set([
  "URL",
  ...Object.keys(partConfigs).map(keyOf),
  ...urlOptions.map(keyOf),
  ...namesIn(openTable)
])

/** What stands under a prefix: `DATABASE_URL`, `DATABASE_POOL_SIZE`, `DATABASE_PASSWORD`. */
export const configured = (prefix: string): Config.Config<Configured> =>
  Config.nested(
    Config.all({
      url: Config.option(Config.Redacted("URL")),
      parts: Config.all({
        dialect: Config.option(partConfigs.dialect),
        driver: Config.option(partConfigs.driver),
        host: Config.option(partConfigs.host),
        port: Config.option(partConfigs.port),
        database: Config.option(partConfigs.database),
        user: Config.option(partConfigs.user),
        password: Config.option(partConfigs.password)
      }),
      options: said(
        Object.fromEntries(
          urlOptions.map((name) => [name, Config.option(Config.String(keyOf(name)))])
        )
      ),
      settings: configsOf(openTable)
    }),
    prefix
  )

/** The address a configuration means: its parts say otherwise than its `URL`. */
export const urlOf = ({
  options,
  parts,
  url
}: Configured): Effect.Effect<DatabaseUrl, ConfigInvalid> =>
  Effect.gen(function* () {
    const said = Object.fromEntries(
      Object.entries<Option.Option<unknown>>(parts).flatMap(([name, value]) =>
        Option.isSome(value) ? [[name, value.value] as const] : []
      )
    )
    const whole = Option.isSome(url) ? yield* parse(Redacted.value(url.value)) : null
    const dialect = Option.getOrUndefined(parts.dialect) ?? whole?.dialect
    if (dialect === undefined)
      return yield* configInvalid("url", "the configuration has neither an URL nor a DIALECT")
    const meant = madeOf({ ...whole, ...said, dialect })
    if (!isDatabaseUrl(meant)) return yield* configInvalid(meant.wrong, meant.says)
    return Object.entries(options).reduce(
      (one, [name, value]) => withOption(one, name, value),
      meant
    )
  })
