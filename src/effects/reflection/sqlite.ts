import * as Effect from "effect/Effect"
import type {
  SnapshotColumn,
  SnapshotForeignKey,
  SnapshotIndex,
  SnapshotTable,
  SnapshotUnique
} from "../../algebra/schema/Snapshot.ts"
import type { ReferentialAction } from "../../algebra/Source.ts"
import { unsafeSql } from "../../algebra/template.ts"
import * as T from "../../algebra/types.ts"
import { normalDefault, withoutParentheses } from "../../compile/schema/normalDefault.ts"
import { normalType } from "../../compile/schema/normalType.ts"
import { readType } from "../../compile/schema/readType.ts"
import { isText } from "../../compile/sqlTypes.ts"
import { asking, groupedBy, type Reader, remaining, type RowOf } from "./Reader.ts"
import { sqliteIndex, type SqliteTable, sqliteTable } from "./sqliteTable.ts"

/** Texts of tables and indexes stand in a table of each schema, which is found by its name. */
export const textsOf = (schema: string) => `"${schema.replaceAll('"', '""')}".sqlite_schema`

const relations = (schema: string) =>
  asking({ name: T.text, kind: T.text, strict: T.integer, keyed: T.integer })`
    SELECT l.name AS name, l.type AS kind, l.strict AS strict, l.wr AS keyed
    FROM pragma_table_list AS l
    WHERE l.schema = ${schema} COLLATE NOCASE AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
      AND l.type IN ('table', 'view', 'virtual')`

/** Asked last: what is not there any more has no text. */
const writtenTexts = (schema: string) =>
  asking({ name: T.text, kind: T.text, text: T.text })(
    unsafeSql(`SELECT s.name AS name, s.type AS kind, s.sql AS text FROM ${textsOf(schema)} AS s`)
  )

const columns = (schema: string) =>
  asking({
    owner: T.text,
    name: T.text,
    type: T.text,
    required: T.integer,
    value: T.text,
    place: T.integer,
    hidden: T.integer
  })`
    SELECT l.name AS owner, x.name AS name, x.type AS type, x."notnull" AS required,
      x.dflt_value AS value, x.pk AS place, x.hidden AS hidden
    FROM pragma_table_list AS l JOIN pragma_table_xinfo(l.name, l.schema) AS x
    WHERE l.schema = ${schema} COLLATE NOCASE AND l.type IN ('table', 'view', 'virtual')
    ORDER BY l.name, x.cid`

const foreignKeys = (schema: string) =>
  asking({
    owner: T.text,
    id: T.integer,
    target: T.text,
    own: T.text,
    other: T.text,
    deletes: T.text,
    updates: T.text
  })`
    SELECT l.name AS owner, f.id AS id, f."table" AS target, f."from" AS own, f."to" AS other,
      f.on_delete AS deletes, f.on_update AS updates
    FROM pragma_table_list AS l JOIN pragma_foreign_key_list(l.name, l.schema) AS f
    WHERE l.schema = ${schema} COLLATE NOCASE AND l.type = 'table'
    ORDER BY l.name, f.id, f.seq`

const indexes = (schema: string) =>
  asking({
    owner: T.text,
    name: T.text,
    only: T.integer,
    origin: T.text,
    column_name: T.text,
    descending: T.integer
  })`
    SELECT l.name AS owner, i.name AS name, i."unique" AS only, i.origin AS origin,
      x.name AS column_name, x."desc" AS descending
    FROM pragma_table_list AS l
      JOIN pragma_index_list(l.name, l.schema) AS i
      JOIN pragma_index_xinfo(i.name, l.schema) AS x
    WHERE l.schema = ${schema} COLLATE NOCASE AND l.type = 'table' AND x.key = 1
    ORDER BY l.name, i.seq, x.seqno`

type Column = RowOf<typeof columns>
type Key = RowOf<typeof foreignKeys>
type Part = RowOf<typeof indexes>

const virtualColumn = 2
const storedColumn = 3

const columnOf = (row: Column, said: SqliteTable, isAlone: boolean): SnapshotColumn => {
  const name = row.name!
  const type = normalType("sqlite", row.type ?? "")
  const sql = readType("sqlite", type)
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
    comment: null
  }
}

const sameColumns = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((one, at) => one.toLowerCase() === b[at]!.toLowerCase())

const foreignKeyOf = (
  parts: ReadonlyArray<Key>,
  said: SqliteTable,
  primaryKey: ReadonlyArray<string>,
  schema: string | null
): SnapshotForeignKey => {
  const { deletes, target, updates } = parts[0]!
  const own = parts.map((part) => part.own!)
  const written = said.foreignKeys.find(
    (key) => key.target.toLowerCase() === target!.toLowerCase() && sameColumns(key.columns, own)
  )
  return {
    name: written?.name ?? null,
    columns: own,
    // A foreign key never leaves its file.
    target: { schema, table: target! },
    // Left out, they are the other table's primary key.
    targetColumns: parts.map((part, at) => part.other ?? primaryKey[at] ?? ""),
    onDelete: (deletes ?? "").toLowerCase() as ReferentialAction,
    onUpdate: (updates ?? "").toLowerCase() as ReferentialAction,
    deferrable: written?.deferrable ?? "no",
    // SQLite reads MATCH and forgets it.
    match: "simple",
    comment: null
  }
}

const indexOf = (name: string, parts: ReadonlyArray<Part>, said: string): SnapshotIndex => {
  const { only } = parts[0]!
  const isPlain = parts.every((part) => part.column_name !== null) && !/\bwhere\b/i.test(said)
  const { parts: texts, where } = isPlain ? { parts: [], where: null } : sqliteIndex(said)
  return {
    name,
    unique: only === 1,
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

const groups = <Row, K extends keyof Row>(rows: ReadonlyArray<Row>, key: K) => {
  const of = groupedBy(rows, key)
  return [...new Set(rows.map((row) => row[key]))].map(of)
}

/** Reads a file's schema in five questions, and in the texts that made its tables. */
export const readSqlite: Reader = (ask, schema) =>
  Effect.gen(function* () {
    const file = schema ?? "main"
    const first = yield* ask(relations(file))
    const columnsOf = groupedBy(yield* ask(columns(file)), "owner")
    const keysOf = groupedBy(yield* ask(foreignKeys(file)), "owner")
    const indexesOf = groupedBy(yield* ask(indexes(file)), "owner")
    const written = yield* ask(writtenTexts(file))
    const textOf = new Map(written.map(({ kind, name, text }) => [`${kind} ${name}`, text ?? ""]))
    const found = remaining(first, written, "name")
    const keyColumns = (name: string): ReadonlyArray<Column> =>
      columnsOf(name)
        .filter(({ place }) => place! > 0)
        .toSorted((a, b) => a.place! - b.place!)
    const keyNames = (name: string) => keyColumns(name).map((row) => row.name!)
    const tables = found
      .filter(({ kind }) => kind !== "view")
      .map(({ keyed, kind, name, strict }): SnapshotTable => {
        const table = name!
        // A virtual table's text names a module and what the module takes, not columns.
        const text = sqliteTable(kind === "virtual" ? "" : (textOf.get(`table ${name}`) ?? ""))
        const key = keyNames(table)
        const isAlone = key.length === 1 && keyed === 0
        const own = groups(indexesOf(table), "name")
        const uniques = own
          .filter(([first]) => first!.origin === "u")
          .map((parts): SnapshotUnique => {
            const names = parts.map((part) => part.column_name!)
            const written = text.uniques.find((one) => sameColumns(one.columns, names))
            return {
              name: written?.name ?? null,
              columns: names,
              include: [],
              nullsEqual: false,
              deferrable: "no",
              comment: null
            }
          })
        return {
          schema,
          name: table,
          columns: columnsOf(table)
            .filter(({ hidden }) => hidden !== 1)
            .map((row) => columnOf(row, text, isAlone)),
          primaryKey:
            key.length === 0 ? null : { name: text.primaryKeyName, columns: key, comment: null },
          uniques,
          foreignKeys: groups(keysOf(table), "id").map((parts) =>
            foreignKeyOf(parts, text, keyNames(parts[0]!.target!), schema)
          ),
          checks: text.checks.map((check) => ({ ...check, comment: null })),
          exclusions: [],
          indexes: own
            .filter(([first]) => first!.origin === "c")
            .map((parts) =>
              indexOf(parts[0]!.name!, parts, textOf.get(`index ${parts[0]!.name}`) ?? "")
            ),
          comment: null,
          options: {
            ...(kind === "virtual" ? { virtual: "yes" } : {}),
            ...(strict === 1 ? { strict: "yes" } : {}),
            ...(keyed === 1 ? { rowid: "no" } : {}),
            ...(text.autoincrement ? { autoincrement: "yes" } : {})
          }
        }
      })
    return {
      dialect: "sqlite",
      tables,
      views: found
        .filter(({ kind }) => kind === "view")
        .map(({ name }) => ({
          schema,
          name: name!,
          materialized: false,
          definition: (textOf.get(`view ${name}`) ?? "").replace(/^[\s\S]*?\bAS\s+/i, ""),
          columns: columnsOf(name).map((row) => {
            const { name: column, nullable, sql, type } = columnOf(row, sqliteTable(""), false)
            return { name: column, type, sql, nullable }
          })
        })),
      sequences: [],
      enums: []
    }
  })
