import { type From, FromId } from "../From.ts"
import { type NamedType, namedOf, namedTypesOf } from "./namedOf.ts"
import { type ReflectedTable, reflectedTables, type ReflectedTypes } from "./reflected.ts"
import type { Notes } from "./notes.ts"
import type { Snapshot } from "./Snapshot.ts"
import { asTable, type Source, type TableSource } from "../Source.ts"
import { tablesRead } from "../tablesRead.ts"
import { refuse } from "../StatementError.ts"
import type { TextObject } from "../Ddl.ts"
import type { NamedSchema } from "./namedSchemaOf.ts"
import type { Sequence } from "./sequenceOf.ts"
import type { Type } from "../Type.ts"
import type { WritableId } from "./Writable.ts"
import { copying } from "./copied.ts"

/**
 * The tables of a catalogue by the name the program gives them.
 *
 * @category models
 */
export type Members = Readonly<Record<string, Member>>

/**
 * What a catalogue holds: tables, entities, views; schemas, named types, sequences; functions and
 * triggers as text.
 *
 * @category models
 */
export type Member = From<any, any> | Type<any> | TextObject | Sequence | NamedSchema

/**
 * A set of tables as a value: what `Database.create` and `drop` work on.
 *
 * **Source** SQL:2016 part 1, 4.6 catalogs; SQLAlchemy 2.0 "MetaData".
 *
 * @category models
 */
export interface Catalog<out M extends { readonly [K in keyof M]: Member } = Members> {
  readonly members: M
  readonly tables: ReadonlyArray<TableSource>
  /** Views and tables made from queries, each after those it reads. */
  readonly views: ReadonlyArray<TableSource>
  /** Types kept by name: those given, and those of the tables' columns. */
  readonly types: ReadonlyArray<NamedType>
  readonly texts: ReadonlyArray<TextObject>
  readonly sequences: ReadonlyArray<Sequence>
  readonly schemas: ReadonlyArray<NamedSchema>
}

/**
 * A catalogue of tables, entities and views, named types, functions and triggers.
 *
 * **Errors** `StatementError` where two members have one table name, or a member is none of these.
 * **Source** SQLAlchemy 2.0 "MetaData".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id() })
 * Catalog.make({ users }).tables.map((table) => table.name) // => ["users"]
 * ```
 * @category constructors
 */
export const make = <const M extends Members>(members: M): Catalog<M> => {
  const byName = new Map<string, TableSource>()
  const keys = new Map<TableSource, string>()
  const types: Array<NamedType> = []
  const texts: Array<TextObject> = []
  const sequences: Array<Sequence> = []
  const schemas: Array<NamedSchema> = []
  for (const [key, member] of Object.entries(members)) {
    if (!(FromId in member)) {
      if ("_tag" in member && member._tag === "Sequence") sequences.push(member)
      else if ("_tag" in member && member._tag === "NamedSchema") {
        if (!schemas.some(({ name }) => name === member.name)) schemas.push(member)
      } else if ("_tag" in member) texts.push(member)
      else types.push(namedOf(member) ?? refuse(`catalog: the type "${key}" has no name`))
      continue
    }
    for (const table of named(member[FromId].source, key)) {
      const name = `${table.schema ?? ""}.${table.name}`
      const other = byName.get(name)
      if (other !== undefined && other !== table)
        refuse(`catalog: "${keys.get(other)}" and "${key}" are two tables named "${table.name}"`)
      byName.set(name, table)
      keys.set(table, key)
    }
  }
  const sources = [...byName.values()]
  const tables = Object.freeze(sources.filter(({ definition }) => definition === null))
  // Read late: a key column takes its type from a table that may not exist yet.
  let found: ReadonlyArray<NamedType> | undefined
  return Object.freeze({
    members,
    tables,
    get types() {
      return (found ??= Object.freeze(namedTypesOf(tables, types)))
    },
    texts: Object.freeze(texts),
    sequences: Object.freeze(sequences),
    schemas: Object.freeze(schemas),
    views: Object.freeze(afterWhatTheyRead(sources.filter(({ definition }) => definition !== null)))
  })
}

/** A base table, or what is read like one; the tables of a class that is over others. */
const named = (source: Source, key: string): ReadonlyArray<TableSource> => {
  if (source._tag === "TableSource" && source.over !== null) return source.over.tables
  const isDefined = source._tag === "TableSource" && source.definition !== null
  return [isDefined ? source : asTable(source, `catalog "${key}"`)]
}

/** Views, each after those it reads; ties keep the order given. */
const afterWhatTheyRead = (views: ReadonlyArray<TableSource>): ReadonlyArray<TableSource> => {
  const out = new Set<TableSource>()
  const visit = (view: TableSource): void => {
    if (out.has(view)) return
    // A query is made of what was there before it: there are no circles.
    const read = tablesRead(view.definition!.query)
    for (const other of views) if (read.has(other)) visit(other)
    out.add(view)
  }
  for (const view of views) visit(view)
  return [...out]
}

/**
 * The tables of a reflected schema as a catalogue: for queries whose tables are known only when the
 * program runs.
 *
 * **Shape** a member for each table, by its name, or by `schema.name` outside of the usual one.
 * Columns go by their own names and have the values of the types table; `types` gives another type
 * for a column. A type athanor does not know is read as the driver gives it. Keys, checks and
 * indexes come with the tables; views, and foreign keys to a table that was not read, stay in the
 * snapshot.
 * **Errors** `StatementError` for `types` of a column that is not there.
 * **Source** SQLAlchemy 2.0 `MetaData.reflect`, `Table(autoload_with=…)`.
 *
 * @example
 * ```ts
 * import { Catalog, Database, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const made = Database.script("create table users (id integer primary key, name text not null)")
 * const program = Effect.gen(function* () {
 *   yield* made
 *   const { users } = Catalog.reflected(yield* Database.reflect()).members
 *   yield* Database.run(Query.insert(users!).values({ id: 1n, name: "Ann" }))
 *   return yield* Database.all(Query.from(users!).where(users!.c["name"]!.eq("Ann")))
 * })
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ id: 1n, name: "Ann" }]
 * ```
 * @category constructors
 */
export const reflected = (
  snapshot: Snapshot,
  types: ReflectedTypes = {}
): Catalog<Readonly<Record<string, ReflectedTable>>> => make(reflectedTables(snapshot, types))

/**
 * A catalog's members in other schemas: tables, entities and views are read and written by `c`.
 *
 * @category models
 */
export type InSchema<M extends Members> = {
  readonly [K in keyof M]: M[K] extends From<infer N, infer Row>
    ? From<N, Row> & Pick<M[K], keyof M[K] & ("c" | WritableId)>
    : M[K]
}

/**
 * A copy of a catalog in another schema, with its foreign keys following.
 *
 * **Shape** a schema for all of it, or a function that says which stands for which: it is given and
 * gives null for the connection's own. Tables, views, named types, sequences and schemas move, with
 * the defaults and the checks that speak of them, and names a convention makes of the schema. A
 * foreign key to a table that is no member leads where it led. Rows of an entity are still of its
 * class. `Database.with({ schemas })` moves statements instead, without a second catalog.
 * **Errors** `StatementError` for a text object, whose words nobody knows, and for a view that
 * reads a member inside of a common table expression.
 * **Source** SQLAlchemy 2.0 `Table.to_metadata`, `schema`, `referred_schema_fn`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Table } from "athanor"
 * import { createScript } from "athanor/compile"
 * const users = Table.make("users", { id: Column.integer().primaryKey() })
 * const posts = Table.make("posts", { author: Column.integer().references(() => users.c.id) })
 * const copy = Catalog.inSchema(Catalog.make({ users, posts }), "archive")
 * String(createScript(copy, "postgres")).includes("REFERENCES archive.users (id)") // => true
 * ```
 * @category combinators
 */
export const inSchema = <M extends Members>(
  { members }: Catalog<M>,
  schema: string | ((schema: string | null) => string | null)
): Catalog<InSchema<M>> => {
  const to = typeof schema === "string" ? () => schema : schema
  const sources = new Set(
    Object.values(members).flatMap((one) => (FromId in one ? [one[FromId].source] : []))
  )
  const copies = copying(sources, to)
  const copied = (member: Member, key: string): Member => {
    if (FromId in member) {
      const { source } = member[FromId]
      if (source._tag === "TableSource" && source.over !== null)
        refuse(`inSchema: "${key}" is over what is there: copy its tables`)
      return copies.from(member)
    }
    if (!("_tag" in member)) return copies.type(member)
    if (member._tag === "Sequence") return copies.sequence(member)
    return member._tag === "NamedSchema"
      ? copies.schema(member)
      : refuse(`inSchema: "${key}" is a text, which stays where its words say`)
  }
  const entries = Object.entries(members).map(([key, member]) => [key, copied(member, key)])
  return make(Object.fromEntries(entries) as Members) as unknown as Catalog<InSchema<M>>
}

/**
 * What a catalog's tables and columns note for the program itself: by `table` and `table.column` as
 * the database calls them, with the schema before them where one is said.
 *
 * **Shape** frozen JSON, without those that note nothing. `catalogSource` and `picture` take it.
 * **Source** SQLAlchemy 2.0 `SchemaItem.info`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Table } from "athanor"
 * const age = Column.integer().notes({ unit: "years" })
 * const noted = { notes: { owner: "hr" } }
 * const users = Table.make("users", { id: Column.id(), age }, undefined, noted)
 * const notes = Catalog.notes(Catalog.make({ users }))
 * notes["users.age"] // => { unit: "years" }
 * ```
 * @category conversions
 */
export const notes = ({ tables, views }: Catalog): Readonly<Record<string, Notes>> => {
  const found: Array<readonly [string, Notes]> = []
  for (const table of [...tables, ...views]) {
    const name = table.schema === null ? table.name : `${table.schema}.${table.name}`
    found.push([name, table.notes])
    for (const column of table.columns) found.push([`${name}.${column.name}`, column.notes])
  }
  return Object.freeze(
    Object.fromEntries(found.filter(([, noted]) => Object.keys(noted).length > 0))
  )
}
