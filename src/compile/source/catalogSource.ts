import type { Snapshot, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import { refuse } from "../../algebra/StatementError.ts"
import { capabilities } from "../capabilities.ts"
import { columnKeysOf, identifiersOf } from "./identifiers.ts"
import type { Printed } from "./Printed.ts"
import { printTable } from "./printTable.ts"
import { quoted } from "./texts.ts"

/**
 * What is printed of a snapshot.
 *
 * @category models
 */
export interface CatalogSourceOptions {
  /** Their names, or `schema.name` outside of the usual one; all of them where left out. */
  readonly tables?: ReadonlyArray<string>
}

/**
 * Something of a database that the printed source does not say.
 *
 * @category models
 */
export interface Unsaid {
  /** Null for what is no table's. */
  readonly table: string | null
  readonly column: string | null
  readonly message: string
}

/**
 * A module of TypeScript, and what of the database it leaves out.
 *
 * @category models
 */
export interface CatalogSource {
  readonly text: string
  readonly unsaid: ReadonlyArray<Unsaid>
}

/** What a module may need, from where, and by which word it shows that it does. */
const imports = [
  "Catalog",
  "Check",
  "Column",
  "Computed",
  "Exclude",
  "Expr",
  "ForeignKey",
  "Index",
  "PrimaryKey",
  "sql",
  "Table",
  "Type",
  "Unique"
] as const

const declarations = ["asGiven", "c", "catalog", "Columns", "constant", "Schema"]
const reserved: ReadonlySet<string> = new Set([...imports, ...declarations])

interface Place {
  readonly name: string
  readonly schema: string | null
}

const shownName = ({ name, schema }: Place): string =>
  schema === null ? name : `${schema}.${name}`

/** A dot may be part of a name, and this is not. */
const placeOf = ({ name, schema }: Place): string =>
  schema === null ? name : `${schema}\u0000${name}`

const chosen = (
  { tables }: Snapshot,
  { tables: asked }: CatalogSourceOptions
): ReadonlyArray<SnapshotTable> => {
  if (asked === undefined) return tables
  const known = new Set(tables.map(shownName))
  for (const name of asked)
    if (!known.has(name)) refuse(`catalogSource: there is no table ${quoted(name)}`)
  const wanted = new Set(asked)
  return tables.filter((table) => wanted.has(shownName(table)))
}

/** Objects beside tables, which no table of the source speaks of. */
const beside = ({ enums, sequences, views }: Snapshot): ReadonlyArray<Unsaid> =>
  (
    [
      ["view", views],
      ["sequence", sequences],
      ["type of labels", enums]
    ] as const
  ).flatMap(([kind, all]) =>
    all.map((one) => ({
      table: null,
      column: null,
      message: `the ${kind} ${quoted(shownName(one))} is not declared`
    }))
  )

const columns = `/** Columns a foreign key refers to: said, for tables that refer to each other. */
type Columns = [Expr.Value<unknown, unknown>, ...Array<Expr.Value<unknown, unknown>>]
`
const asGiven = `/** Values of a type that athanor does not know, as the driver gives them. */
const asGiven = { decode: (raw: unknown) => raw, encode: (value: unknown) => value }
`
const constant = `/** A default in the server's words, which is never NULL. */
const constant = <A>(text: Expr.Expr<A | null, never>) => text as Expr.Expr<A, never>
`

/**
 * A snapshot as a module of TypeScript that declares its tables and exports them as a catalog.
 *
 * **Shape** each table is a constant called like it, with `_` for what no identifier holds; names
 * of columns are their keys. Names and comments are printed so that they are nothing else. A type
 * athanor does not know is kept as the driver gives it. What the source cannot say stands in it as
 * a remark, and in `unsaid`.
 * **Laws** L29: the catalog of the module is the schema that was read, up to what is erased there.
 * **Errors** `StatementError` for a table that is not there.
 * **Source** SQLAlchemy 2.0 "Reflecting Database Objects"; sqlacodegen; Prisma "db pull".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Table } from "athanor"
 * import { catalogSource } from "athanor/compile"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const program = Database.script("create table pets (name text not null)").pipe(
 *   Effect.andThen(Database.reflect()),
 *   Effect.map((snapshot) => catalogSource(snapshot).text))
 * const text = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * text.includes("name: Column.make(Type.text)") // => true
 * ```
 * @category interpreters
 */
export const catalogSource = (
  snapshot: Snapshot,
  options: CatalogSourceOptions = {}
): CatalogSource => {
  const tables = chosen(snapshot, options)
  const identifiers = identifiersOf(tables.map(placeOf), reserved)
  const printed = new Map(
    tables.map((table): readonly [string, Printed] => [
      placeOf(table),
      {
        table,
        identifier: identifiers.get(placeOf(table))!,
        keys: columnKeysOf(table.columns.map(({ name }) => name))
      }
    ])
  )
  const unsaid: Array<Unsaid> = [...beside(snapshot)]
  const able = capabilities(snapshot.dialect)
  const texts = [...printed.values()].map((one) =>
    printTable(one, {
      capabilities: able,
      targetOf: ({ target }) =>
        printed.get(placeOf({ name: target.table, schema: target.schema })) ?? null,
      say: (column, message) => unsaid.push({ table: shownName(one.table), column, message })
    })
  )
  const members = [...printed.values()].map(({ identifier }) => identifier)
  const catalog = `export const catalog = Catalog.make({${
    members.length === 0 ? "" : `\n${members.map((one) => `  ${one}`).join(",\n")}\n`
  }})\n`
  const body = texts.join("\n")
  const code = withoutTexts(body)
  const preamble = [
    ...(code.includes("(): Columns =>") ? [columns] : []),
    ...(code.includes("codec: asGiven }") ? [asGiven] : []),
    ...(code.includes("constant(") ? [constant] : [])
  ].join("\n")
  const used = withoutTexts(`${preamble}${code}${catalog}`)
  const needed = imports
    .filter((name) => new RegExp(`\\b${name}[.(]`).test(used))
    .map((name) => (name === "Expr" ? "type Expr" : name))
  const heading = [
    `import { ${needed.join(", ")} } from "athanor"\n`,
    ...(code.includes("(Schema.Unknown)") ? [`import { Schema } from "effect"\n`] : [])
  ].join("")
  const parts = [heading, preamble, listed(unsaid), body, catalog]
  return { text: parts.filter((part) => part !== "").join("\n"), unsaid }
}

/** Source without what is in quotes and comments: there is nothing of the database in it. */
const withoutTexts = (source: string): string =>
  source.replaceAll(/"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\//g, "")

/** What is left out, as lines of a comment. */
const listed = (unsaid: ReadonlyArray<Unsaid>): string =>
  unsaid.length === 0
    ? ""
    : `// Not said here:\n${unsaid
        .map(({ column, message, table }) => {
          const where = table === null ? "" : column === null ? table : `${table}.${column}`
          return `// ${where === "" ? "" : `${quoted(where)}: `}${message}\n`
        })
        .join("")}`
