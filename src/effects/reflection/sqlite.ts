import * as Effect from "effect/Effect"
import type {
  SnapshotColumn,
  SnapshotForeignKey,
  SnapshotIndex,
  SnapshotTable,
  SnapshotUnique,
  SnapshotView
} from "../../algebra/schema/Snapshot.ts"
import { inQuotes } from "../../algebra/inQuotes.ts"
import type { SqlType } from "../../algebra/SqlType.ts"
import type { OnConflict } from "../../algebra/schema/tableStorage.ts"
import { unsafeSql } from "../../algebra/template.ts"
import type { Type } from "../../algebra/Type.ts"
import * as T from "../../algebra/types.ts"
import { normalDefault, withoutParentheses } from "../../compile/schema/normalDefault.ts"
import { normalType } from "../../compile/schema/normalType.ts"
import { readType } from "../../compile/schema/readType.ts"
import { isText } from "../../compile/sqlTypes.ts"
import { type Ask, asking, type Reader, type RowOf, runs } from "./Reader.ts"
import { sqliteIndex, type SqliteTable, sqliteTable, sqliteView } from "./sqliteTable.ts"

/** A question that names a schema where SQLite takes no parameter: as a name, and as a text. */
export const askingIn =
  <C extends Readonly<Record<string, Type<any>>>>(
    types: C,
    text: (objects: string, file: string) => string
  ) =>
  (schema: string) =>
    asking(types)(unsafeSql(text(`${inQuotes(schema, '"')}.sqlite_schema`, inQuotes(schema, "'"))))

const relations = (schema: string) =>
  asking({ name: T.text, kind: T.text, strict: T.integer, keyed: T.integer })`
    SELECT l.name AS name, l.type AS kind, l.strict AS strict, l.wr AS keyed
    FROM pragma_table_list AS l
    WHERE l.schema = ${schema} COLLATE NOCASE AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
      AND l.type IN ('table', 'view', 'virtual')`

/** Asked last: what is not there any more has no text. */
const writtenTexts = askingIn(
  { name: T.text, text: T.text },
  (objects) => `SELECT s.name AS name, s.sql AS text FROM ${objects} AS s WHERE s.type <> 'trigger'`
)

/** As the others, in the order of a table within the order of tables: nothing is sorted. */
const columnsOf = (which: string) =>
  askingIn(
    {
      owner: T.text,
      name: T.text,
      type: T.text,
      required: T.integer,
      value: T.text,
      place: T.integer,
      hidden: T.integer
    },
    (objects, file) => `
    SELECT CASE x.cid WHEN 0 THEN s.name END AS owner, x.name AS name, x.type AS type,
      x."notnull" AS required, x.dflt_value AS value, x.pk AS place, x.hidden AS hidden
    FROM ${objects} AS s JOIN pragma_table_xinfo(s.name, ${file}) AS x
    WHERE ${which}`
  )
const columns = columnsOf("s.type IN ('table', 'view')")

/**
 * A view that reads what is not there any more fails the question about all columns. Then each view
 * is asked for its own, and that one has none that are known.
 */
const columnsApart = (ask: Ask, file: string, found: ReadonlyArray<RowOf<typeof relations>>) => {
  const views = found.filter(({ kind }) => kind === "view")
  const each = views.map(({ name }) => columnsOf(`s.name = ${inQuotes(name!, "'")}`)(file))
  return Effect.map(
    Effect.all([
      ask(columnsOf("s.type = 'table'")(file)),
      ...each.map((one) => Effect.catchTag(ask(one), "SyntaxOrUndefined", () => Effect.succeed([])))
    ]),
    (all) => all.flat()
  )
}

const indexes = askingIn(
  { owner: T.text, name: T.text, column_name: T.text, descending: T.integer },
  (objects, file) => `
    SELECT CASE x.seqno WHEN 0 THEN s.tbl_name END AS owner,
      CASE x.seqno WHEN 0 THEN s.name END AS name, x.name AS column_name,
      x."desc" AS descending
    FROM ${objects} AS s JOIN pragma_index_xinfo(s.name, ${file}) AS x
    WHERE s.type = 'index' AND x.key = 1`
)

/** Which of these tables' indexes are those of their primary keys. */
const keyIndexes = (schema: string, tables: ReadonlyArray<string>) =>
  asking({ name: T.text })`
    SELECT i.name AS name
    FROM json_each(${JSON.stringify(tables)}) AS t
      JOIN pragma_index_list(t.value, ${schema}) AS i
    WHERE i.origin = 'pk'`

type Column = RowOf<typeof columns>
type Part = RowOf<typeof indexes>

/** Finds out about each once. */
const once = <K, A>(find: (key: K) => A): ((key: K) => A) => {
  const known = new Map<K, A>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const found = find(key)
    known.set(key, found)
    return found
  }
}

/** SQLite keeps this beginning for the indexes it makes for constraints. */
const isConstraint = ({ name }: Part): boolean => name!.startsWith("sqlite_autoindex_")

const virtualColumn = 2
const storedColumn = 3

interface Typed {
  readonly type: string
  readonly sql: SqlType | null
}

/** A schema has few types: each spelling is read once. */
const typeReader = () =>
  once((said: string): Typed => {
    const type = normalType("sqlite", said)
    return { type, sql: readType("sqlite", type) }
  })

const columnOf = (
  row: Column,
  { sql, type }: Typed,
  said: SqliteTable,
  isAlone: boolean
): SnapshotColumn => {
  const name = row.name!
  return {
    name,
    type,
    sql,
    nullable: row.required === 0,
    default:
      row.value === null
        ? null
        : normalDefault("sqlite", row.value, false, sql !== null && isText(sql)),
    computed:
      row.hidden === virtualColumn || row.hidden === storedColumn
        ? (said.computed.get(name) ?? { expression: "", stored: row.hidden === storedColumn })
        : null,
    // The only key of whole numbers is the row's own number, which SQLite makes.
    identity: isAlone && row.place === 1 && type === "INTEGER" ? "auto" : null,
    counter: null,
    collation: said.collations.get(name) ?? null,
    ...(said.ifNull.has(name) ? { ifNull: said.ifNull.get(name)! } : {}),
    comment: null
  }
}

const unlike = (conflict: OnConflict | null) => (conflict === null ? {} : { conflict })

const isSame = (a: string, b: string): boolean => a === b || a.toLowerCase() === b.toLowerCase()

const sameColumns = (a: ReadonlyArray<string | null>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((one, at) => one !== null && isSame(one, b[at]!))

const keyNames = (columns: ReadonlyArray<Column>): ReadonlyArray<string> => {
  const key = columns.filter(({ place }) => place! > 0)
  const sorted = key.length < 2 ? key : key.toSorted((a, b) => a.place! - b.place!)
  return sorted.map(({ name }) => name!)
}

/** What a foreign key refers to, by the names it goes by: one may be written in other letters. */
interface Target {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  readonly primaryKey: ReadonlyArray<string>
}

const foreignKeyOf = (
  { columns: own, deferrable, name, onDelete, onUpdate, targetColumns }: Written,
  spelled: (column: string) => string,
  target: Target,
  schema: string | null
): SnapshotForeignKey => ({
  name,
  columns: own.map(spelled),
  // A foreign key never leaves its file.
  target: { schema, table: target.name },
  targetColumns: own.map((_, at) => {
    const other = targetColumns?.[at]
    return other === undefined
      ? (target.primaryKey[at] ?? "")
      : (target.columns.find((column) => isSame(column, other)) ?? other)
  }),
  onDelete,
  onUpdate,
  deferrable,
  // SQLite reads MATCH and forgets it.
  match: "simple",
  comment: null
})

type Written = SqliteTable["foreignKeys"][number]

const indexOf = (parts: ReadonlyArray<Part>, said: string): SnapshotIndex => {
  const isPlain = parts.every((part) => part.column_name !== null) && !/\bwhere\b/i.test(said)
  const { parts: texts, where } = isPlain ? { parts: [], where: null } : sqliteIndex(said)
  return {
    name: parts[0]!.name!,
    // The first words are SQLite's own, whatever was written.
    unique: said.startsWith("CREATE UNIQUE "),
    parts: parts.map(({ column_name, descending }, at) => ({
      column: column_name,
      expression: column_name === null ? withoutParentheses(texts[at] ?? "") : null,
      descending: descending === 1,
      operatorClass: null,
      length: null
    })),
    where,
    method: null,
    include: [],
    nullsEqual: false,
    options: {},
    comment: null
  }
}

const uniqueOf = (parts: ReadonlyArray<Part>, said: SqliteTable): SnapshotUnique => {
  const columns = parts.map((part) => part.column_name!)
  const written = said.uniques.find((one) => sameColumns(one.columns, columns))
  return {
    name: written?.name ?? null,
    columns,
    ...unlike(written?.conflict ?? null),
    include: [],
    nullsEqual: false,
    deferrable: "no",
    comment: null
  }
}

interface Facts {
  readonly schema: string | null
  readonly found: ReadonlyArray<RowOf<typeof relations>>
  readonly columnsOf: (table: string) => ReadonlyArray<Column>
  readonly keyOf: (table: string) => ReadonlyArray<string>
  readonly indexesOf: (table: string) => ReadonlyArray<ReadonlyArray<Part>>
  /** Indexes that are primary keys. */
  readonly keyed: ReadonlySet<string | null>
  /** Tables, views and indexes have no name twice. */
  readonly textOf: (name: string) => string
}

const tablesOf = (facts: Facts): ReadonlyArray<SnapshotTable> => {
  const { columnsOf, found, indexesOf, keyed, keyOf, schema, textOf } = facts
  const typeOf = typeReader()
  const spelled = new Map(found.map(({ name }) => [name!.toLowerCase(), name!]))
  const targetOf = once((written: string): Target => {
    const name = spelled.get(written.toLowerCase()) ?? written
    const columns = columnsOf(name).map((column) => column.name!)
    return { name, columns, primaryKey: keyOf(name) }
  })
  return found
    .filter(({ kind }) => kind !== "view")
    .map((row): SnapshotTable => {
      const name = row.name!
      // A virtual table's text names a module and what the module takes, not columns.
      const said = sqliteTable(row.kind === "virtual" ? "" : textOf(name))
      const columns = columnsOf(name)
      const key = keyOf(name)
      const own = indexesOf(name)
      // A key that has an index is not the row's own number: `INTEGER PRIMARY KEY DESC` is such.
      const isAlone =
        key.length === 1 && row.keyed === 0 && !own.some(([first]) => keyed.has(first!.name))
      return {
        schema,
        name,
        columns: columns
          .filter(({ hidden }) => hidden !== 1)
          .map((one) => columnOf(one, typeOf(one.type ?? ""), said, isAlone)),
        primaryKey:
          key.length === 0
            ? null
            : {
                name: said.primaryKeyName,
                columns: key,
                ...unlike(said.primaryKeyConflict),
                comment: null
              },
        uniques: own
          .filter(([first]) => isConstraint(first!) && !keyed.has(first!.name))
          .map((parts) => uniqueOf(parts, said)),
        // SQLite counts them from the last that is written.
        foreignKeys: said.foreignKeys
          .toReversed()
          .map((one) =>
            foreignKeyOf(
              one,
              (column) => columns.find((own) => isSame(own.name!, column))?.name ?? column,
              targetOf(one.target),
              schema
            )
          ),
        checks: said.checks.map((check) => ({ ...check, comment: null })),
        exclusions: [],
        indexes: own
          .filter(([first]) => !isConstraint(first!))
          .map((parts) => indexOf(parts, textOf(parts[0]!.name!))),
        comment: null,
        options: {
          ...(row.kind === "virtual" ? { virtual: "yes" } : {}),
          ...(row.strict === 1 ? { strict: "yes" } : {}),
          ...(row.keyed === 1 ? { rowid: "no" } : {}),
          ...(said.autoincrement ? { autoincrement: "yes" } : {})
        }
      }
    })
}

const viewsOf = ({ columnsOf, found, schema, textOf }: Facts): ReadonlyArray<SnapshotView> => {
  const typeOf = typeReader()
  return found
    .filter(({ kind }) => kind === "view")
    .map(({ name }) => ({
      schema,
      name: name!,
      materialized: false,
      definition: sqliteView(textOf(name!)),
      columns: columnsOf(name!).map((row) => ({
        name: row.name!,
        ...typeOf(row.type ?? ""),
        nullable: row.required === 0
      }))
    }))
}

/** Those with an index that may be the one of their primary key: its columns are the same. */
const tablesWithKeyIndex = ({ found, indexesOf, keyOf }: Omit<Facts, "keyed">) =>
  found
    .filter(({ keyed, name }) => {
      if (keyed === 1) return false
      const key = keyOf(name!)
      return indexesOf(name!).some(
        (parts) =>
          isConstraint(parts[0]!) &&
          sameColumns(
            parts.map((part) => part.column_name),
            key
          )
      )
    })
    .map(({ name }) => name!)

/**
 * Reads a file's schema in five questions at most, and in the texts that made its tables; one more
 * for each view where there is one that cannot be read.
 */
export const readSqlite: Reader = (ask, schema) =>
  Effect.gen(function* () {
    const file = schema ?? "main"
    const first = yield* ask(relations(file))
    const said = Effect.catchTag(ask(columns(file)), "SyntaxOrUndefined", () =>
      columnsApart(ask, file, first)
    )
    const columnRows = runs(yield* said, "owner")
    const indexesOf = runs(yield* ask(indexes(file)), "owner")
    const written = yield* ask(writtenTexts(file))
    const texts = new Map(written.map(({ name, text }) => [name, text ?? ""]))
    const inTable = (table: string) => columnRows(table)[0] ?? []
    const read = {
      schema,
      found: first.filter(({ name }) => texts.has(name)),
      columnsOf: inTable,
      keyOf: once((table: string) => keyNames(inTable(table))),
      indexesOf,
      textOf: (name: string) => texts.get(name) ?? ""
    }
    const asked = tablesWithKeyIndex(read)
    const keyed = asked.length === 0 ? [] : yield* ask(keyIndexes(file, asked))
    const facts = { ...read, keyed: new Set(keyed.map(({ name }) => name)) }
    return {
      dialect: "sqlite",
      tables: tablesOf(facts),
      views: viewsOf(facts),
      sequences: [],
      enums: [],
      domains: []
    }
  })
