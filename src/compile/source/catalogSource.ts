import type {
  Snapshot,
  SnapshotForeignKey,
  SnapshotTable,
  SnapshotView
} from "../../algebra/schema/Snapshot.ts"
import { inQuotes } from "../../algebra/inQuotes.ts"
import { noNotes, type Notes } from "../../algebra/schema/notes.ts"
import { refuse } from "../../algebra/StatementError.ts"
import { capabilities } from "../capabilities.ts"
import type { EntityNaming } from "./entityNames.ts"
import { type EntityPlan, entityPlans } from "./entityPlan.ts"
import { columnKeysOf, identifiersOf } from "./identifiers.ts"
import type { Printed, Say } from "./Printed.ts"
import {
  domainFault,
  enumFault,
  printDomain,
  printEnum,
  printSequence,
  printView,
  viewFault
} from "./printObjects.ts"
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
  /** What no server keeps, as `Catalog.notes` gives it: by table, and by table and column. */
  readonly notes?: Readonly<Record<string, Notes>>
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
  "Entity",
  "Exclude",
  "Expr",
  "ForeignKey",
  "Index",
  "NamedType",
  "PrimaryKey",
  "Query",
  "Sequence",
  "sql",
  "Table",
  "Type",
  "Unique",
  "View"
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

/** Those that the source can say; the others are told. */
const sayable = <A extends Place>(
  kind: string,
  all: ReadonlyArray<A>,
  fault: (one: A) => string | null,
  tell: (message: string) => void
): ReadonlyArray<A> =>
  all.filter((one) => {
    const why = fault(one)
    if (why !== null) tell(`the ${kind} ${quoted(shownName(one))} is not declared: ${why}`)
    return why === null
  })

/** A type kept by name as the server spells it where it is a column's. */
const spellings = ({ name, schema }: Place): ReadonlyArray<string> => {
  const whole = inQuotes(name, '"')
  const short = /^[a-z_][a-z0-9_]*$/.test(name) ? [name, whole] : [whole]
  if (schema === null) return short
  const outer = inQuotes(schema, '"')
  const before = /^[a-z_][a-z0-9_]*$/.test(schema) ? [schema, outer] : [outer]
  return [...short, ...short.flatMap((one) => before.map((each) => `${each}.${one}`))]
}

/** Each after those its query names: a view is made of what is there. */
const afterNamed = (views: ReadonlyArray<SnapshotView>): ReadonlyArray<SnapshotView> => {
  const out = new Set<SnapshotView>()
  const visit = (view: SnapshotView, path: ReadonlySet<SnapshotView>): void => {
    if (out.has(view) || path.has(view)) return
    const within = new Set(path).add(view)
    for (const other of views) if (view.definition.includes(other.name)) visit(other, within)
    out.add(view)
  }
  for (const view of views) visit(view, new Set())
  return [...out]
}

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
 * A snapshot as a module of TypeScript that declares what is in it and exports that as a catalog.
 *
 * **Shape** tables, views, sequences and named types are constants called like them, with `_` for
 * what no identifier holds; names of columns are their keys. A view's query stands in it as the
 * server has it. Where tables are chosen, they and the types they need are all that is printed.
 * Names and comments are printed so that they are nothing else. A type athanor does not know is
 * kept as the driver gives it. What the source cannot say stands in it as a remark, and in
 * `unsaid`.
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
): CatalogSource => sourceOf(snapshot, options, null)

/** The same, with entities called so. */
export const sourceOf = (
  snapshot: Snapshot,
  options: CatalogSourceOptions,
  naming: EntityNaming | null
): CatalogSource => {
  const tables = chosen(snapshot, options)
  const unsaid: Array<Unsaid> = []
  const tell = (message: string) => unsaid.push({ table: null, column: null, message })
  const types = new Set(tables.flatMap(({ columns }) => columns.map(({ type }) => type)))
  const isAll = options.tables === undefined
  const isUsed = (one: Place): boolean => isAll || spellings(one).some((each) => types.has(each))
  const enums = sayable("type of labels", snapshot.enums.filter(isUsed), enumFault, tell)
  const domains = sayable("domain", snapshot.domains.filter(isUsed), domainFault, tell)
  const sequences = isAll ? snapshot.sequences : []
  const views = afterNamed(isAll ? sayable("view", snapshot.views, viewFault, tell) : [])
  const objects: ReadonlyArray<Place> = [...enums, ...domains, ...sequences]
  const spelledBy = (names: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    new Map(
      [...enums, ...domains].flatMap((one) =>
        spellings(one).map((spelled): readonly [string, string] => [
          spelled,
          names.get(placeOf(one))!
        ])
      )
    )
  const byPlace = new Map(tables.map((table) => [placeOf(table), table]))
  const targetIn = ({ target }: SnapshotForeignKey) =>
    byPlace.get(placeOf({ name: target.table, schema: target.schema })) ?? null
  const sayOf =
    (table: SnapshotTable): Say =>
    (column, message) =>
      unsaid.push({ table: shownName(table), column, message })
  const placed = (some: ReadonlyArray<Place>, taken: ReadonlySet<string>) =>
    identifiersOf(some.map(placeOf), new Set([...reserved, ...taken]))
  const { dialect } = snapshot
  const plans =
    naming === null
      ? new Map<SnapshotTable, EntityPlan>()
      : entityPlans(tables, {
          dialect,
          naming,
          // A type by name is one type, however it will be called.
          named: spelledBy(placed([...enums, ...domains], new Set())),
          reserved,
          targetOf: targetIn,
          sayOf
        })
  const identifiers = new Map(
    placed(
      [...objects, ...tables.filter((one) => !plans.has(one)), ...views],
      new Set([...plans.values()].map(({ identifier }) => identifier))
    )
  )
  for (const [table, { identifier }] of plans) identifiers.set(placeOf(table), identifier)
  const identifierOf = (one: Place): string => identifiers.get(placeOf(one))!
  const named = spelledBy(identifiers)
  const printed = new Map(
    tables.map((table): readonly [string, Printed] => {
      const plan = plans.get(table)
      const keys = plan?.keys ?? columnKeysOf(table.columns.map(({ name }) => name))
      const identifier = identifierOf(table)
      const relations = plan?.relations.map((one) => one(identifierOf)) ?? null
      return [placeOf(table), { table, identifier, keys, relations }]
    })
  )
  const { notes = {} } = options
  const noted = new Set(Object.keys(notes))
  const able = capabilities(dialect)
  const printedTables = [...printed.values()].map((one) =>
    printTable(one, {
      capabilities: able,
      named,
      counters: new Set(sequences.map(({ name }) => name)),
      notesOf: (column) => {
        const name = column === null ? shownName(one.table) : `${shownName(one.table)}.${column}`
        noted.delete(name)
        return Object.hasOwn(notes, name) ? notes[name]! : noNotes
      },
      targetOf: ({ target }) =>
        printed.get(placeOf({ name: target.table, schema: target.schema })) ?? null,
      say: sayOf(one.table)
    })
  )
  for (const name of noted) tell(`the notes of ${quoted(name)} are of nothing that is printed`)
  const texts = [
    ...enums.map((one) => printEnum(one, identifierOf(one))),
    ...domains.map((one) => printDomain(one, identifierOf(one))),
    ...sequences.map((one) =>
      printSequence(one, identifierOf(one), dialect, (_, message) => tell(message))
    ),
    ...printedTables,
    ...views.map((one) =>
      printView(one, identifierOf(one), dialect, named, (column, message) =>
        unsaid.push({ table: shownName(one), column, message })
      )
    )
  ]
  const members = [...objects, ...tables, ...views].map(identifierOf)
  return { text: moduleOf(texts.join("\n"), members, unsaid), unsaid }
}

/** Declarations with what they need before them, and the catalog of all. */
const moduleOf = (
  body: string,
  members: ReadonlyArray<string>,
  unsaid: ReadonlyArray<Unsaid>
): string => {
  const catalog = `export const catalog = Catalog.make({${
    members.length === 0 ? "" : `\n${members.map((one) => `  ${one}`).join(",\n")}\n`
  }})\n`
  const code = withoutTexts(body)
  const preamble = [
    ...(code.includes("(): Columns =>") ? [columns] : []),
    ...(code.includes("codec: asGiven }") ? [asGiven] : []),
    ...(code.includes("constant(") ? [constant] : [])
  ].join("\n")
  const used = withoutTexts(`${preamble}${code}${catalog}`)
  const needed = imports
    .filter((name) => new RegExp(`\\b${name}[.(<]`).test(used))
    .map((name) => (name === "Expr" ? "type Expr" : name))
  const heading = [
    `import { ${needed.join(", ")} } from "athanor"\n`,
    ...(code.includes("(Schema.Unknown)") ? [`import { Schema } from "effect"\n`] : [])
  ].join("")
  const parts = [heading, preamble, listed(unsaid), body, catalog]
  return parts.filter((part) => part !== "").join("\n")
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
