import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import { type CatalogSource, catalogSource, type Unsaid } from "../compile/source/catalogSource.ts"
import { entitySource } from "../compile/source/entitySource.ts"
import { quoted } from "../compile/source/texts.ts"
import { Database } from "../effects/Database.ts"
import type { DriverEntry } from "../effects/url.ts"

/** What the command is asked. */
export interface Pull {
  readonly url: string
  readonly schema: string | null
  readonly tables: ReadonlyArray<string>
  /** Classes with relations rather than tables. */
  readonly entities: boolean
  /** Where the source goes; null for standard output. */
  readonly file: string | null
}

/** How it is called. */
export const usage = `athanor pull [url] [options]

Reads the schema of a database and prints it as TypeScript. What the source
cannot say is told on standard error.

  url               sqlite:file.db, postgres://…, mysql://…, mariadb://…;
                    where left out, the environment's DATABASE_URL
  --schema <name>   instead of the one that names without a schema mean
  --entities        prints classes with relations rather than tables
  --table <name>    this table only; may be repeated
  --out <file>      writes a file instead of standard output
  --help            prints this
`

/** The arguments as a value, or how it is called, or why they are none. */
export const readArguments = (
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>
): Pull | { readonly help: true } | { readonly wrong: string } => {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        schema: { type: "string" },
        table: { type: "string", multiple: true },
        entities: { type: "boolean" },
        out: { type: "string" },
        help: { type: "boolean", short: "h" }
      }
    })
    if (values.help === true) return { help: true }
    const [command, url = environment["DATABASE_URL"], ...more] = positionals
    if (command === undefined) return { wrong: "no command: there is one, pull" }
    if (command !== "pull") return { wrong: `there is no command ${quoted(command)}` }
    if (url === undefined) return { wrong: "no address: give one, or set DATABASE_URL" }
    if (more.length > 0) return { wrong: `one address too many: ${quoted(more[0]!)}` }
    const { entities = false, out = null, schema = null, table = [] } = values
    return { url, schema, tables: table, entities, file: out }
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) }
  }
}

/** Reads the schema, and what its source is. */
export const pull = (
  { entities, schema, tables, url }: Pull,
  drivers: ReadonlyArray<DriverEntry>
): Effect.Effect<CatalogSource, unknown> =>
  Database.reflect(schema === null ? {} : { schema }).pipe(
    Effect.map((snapshot) =>
      (entities ? entitySource : catalogSource)(snapshot, tables.length === 0 ? {} : { tables })
    ),
    Effect.provide(Database.layerUrl(url, { drivers }))
  )

const told = ({ column, message, table }: Unsaid): string => {
  const where = [table, column].filter((name) => name !== null).map(quoted)
  return `${where.length === 0 ? "" : `${where.join(".")}: `}${message}\n`
}

/** Where the command writes. */
export interface Outlets {
  readonly output: (text: string) => void
  readonly error: (text: string) => void
}

/** The whole command; its number is the status it ends with. */
export const runPull = (
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>,
  drivers: ReadonlyArray<DriverEntry>,
  { error, output }: Outlets
): Effect.Effect<number> => {
  const asked = readArguments(args, environment)
  if ("help" in asked) {
    output(usage)
    return Effect.succeed(0)
  }
  if ("wrong" in asked) {
    error(`${asked.wrong}\n\n${usage}`)
    return Effect.succeed(2)
  }
  const { file } = asked
  return pull(asked, drivers).pipe(
    Effect.flatMap(({ text, unsaid }) => {
      for (const one of unsaid) error(told(one))
      if (file !== null)
        return Effect.as(
          Effect.tryPromise(() => writeFile(file, text)),
          0
        )
      output(text)
      return Effect.succeed(0)
    }),
    Effect.catchCause((cause) => {
      error(`${messageOf(cause.reasons)}\n`)
      return Effect.succeed(1)
    })
  )
}

/** Messages of failures: none of ours quotes a password. */
const messageOf = (reasons: ReadonlyArray<{ readonly _tag: string }>): string =>
  reasons
    .map((reason) => {
      const error = "error" in reason ? reason.error : "defect" in reason ? reason.defect : reason
      const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return inner instanceof Error ? inner.message : reason._tag
    })
    .join("\n")
