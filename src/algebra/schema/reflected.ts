import * as Column from "./Column.ts"
import type { ColumnFacts } from "./Column.ts"
import type { TableItem } from "./Constraint.ts"
import type { Expr } from "../Expression.ts"
import { type From, FromId } from "../From.ts"
import { expr } from "../Expression.ts"
import * as S from "../Scalar.ts"
import type { Snapshot, SnapshotColumn, SnapshotTable } from "./Snapshot.ts"
import type { DialectName } from "../Dialect.ts"
import type { ColumnNode } from "../nodes.ts"
import { inQuotes } from "../inQuotes.ts"
import { indexStorage } from "./reflectedIndex.ts"
import { reflectedStorage } from "./reflectedStorage.ts"
import type { SqlType } from "../SqlType.ts"
import type { TableSource } from "../Source.ts"
import { refuse } from "../StatementError.ts"
import { tableFrom, tableRefs, tableSource } from "./tableSource.ts"
import type { Writable } from "./Writable.ts"
import type { AnyType } from "../Type.ts"
import * as T from "../types.ts"
import { typeOfExact } from "../types/exact/make.ts"
import { anyJson } from "../types/json.ts"

/**
 * A table nobody declared: its columns are known when the program runs.
 *
 * @category models
 */
export interface ReflectedTable extends From<string, Row>, Writable<Row, Row> {
  readonly c: Readonly<Record<string, Expr<unknown, string>>>
}
type Row = Readonly<Record<string, unknown>>

/**
 * Types by column, for those that are to be read in another way: `{ "users.id": UserId }`.
 *
 * @category models
 */
export type ReflectedTypes = Readonly<Record<string, AnyType>>

/** The type whose values a server's type holds. */
const typeOfSql = (sql: SqlType): AnyType => {
  const exact = sql.exact === undefined ? null : typeOfExact(sql.exact)
  if (exact !== null) return exact
  switch (sql._tag) {
    case "Smallint":
      return T.smallint
    case "Integer":
      return T.integer
    case "Bigint":
      return T.bigint
    case "Double":
      return T.double
    case "Numeric":
      return T.numeric(sql.precision, sql.scale)
    case "Varchar":
      return T.varchar(sql.length)
    case "Text":
      return T.text
    case "Boolean":
      return T.boolean
    case "Bytes":
      return T.bytes
    case "Uuid":
      return T.uuid
    case "Json":
      return anyJson
    case "Date":
      return T.date
    case "Time":
      return T.time(sql.precision)
    case "Timestamp":
      return T.timestamp(sql.precision as 3)
    case "Interval":
      return T.interval
    case "Enum":
      return T.enumeration(sql.values)
    case "Array":
      return arrayOf(typeOfSql(sql.of), sql.dimensions)
    case "Range": {
      const of = typeOfSql(sql.of)
      return sql.multi ? T.multirange(of) : T.range(of)
    }
    case "Custom":
      return opaque(sql.print.postgres)
  }
}

const arrayOf = (of: AnyType, dimensions: number): AnyType => {
  let type: AnyType = of
  for (let depth = 0; depth < dimensions; depth++)
    type = depth === 0 ? T.array(type, { nulls: true }) : T.array(type)
  return type
}

/** A type athanor does not know: its values are what the driver gives. */
const opaque = (sql: string): AnyType =>
  T.custom({ sql, name: sql, codec: { decode: (raw) => raw, encode: (value: unknown) => value } })

const written = (text: string, type: AnyType) => S.raw([text], [], type, [])

/** What a type does not say: the collation, and what the server adds. */
const attributesOf = (
  { attributes, collation }: SnapshotColumn,
  { sql }: AnyType,
  dialect: DialectName
): Readonly<Partial<Record<DialectName, string>>> | null => {
  const isSaid = sql._tag === "Text" && sql.collation?.[dialect] !== undefined
  const mark = dialect === "mysql" || dialect === "mariadb" ? "`" : '"'
  const said = [
    ...(collation === null || isSaid ? [] : [`COLLATE ${inQuotes(collation, mark)}`]),
    ...(attributes === undefined ? [] : [attributes])
  ]
  return said.length === 0 ? null : { [dialect]: said.join(" ") }
}

/** Where a type may stand, these begin something else. */
const begins = /\b(?:always|as|check|collate|constraint|default|generated|not|null)\b/i
const alsoBegins = /\b(?:primary|references|unique)\b/i

/** Whether a name of a type stands for itself: all else is said in quotes. */
const isPlain = (type: string): boolean =>
  /^[a-z]\w*(?: \w+)*(?: ?\(\d+(?:,\d+)?\))?(?: \w+)*$/i.test(type) &&
  !begins.test(type) &&
  !alsoBegins.test(type)

/** SQLite keeps any name for a type, and numbers the rows by a key of the one that is `INTEGER`. */
const spelledOn = (
  { identity, name, type }: SnapshotColumn,
  { options, primaryKey }: SnapshotTable,
  dialect: DialectName
): ColumnNode["spelled"] => {
  if (dialect !== "sqlite") return null
  const isKey = primaryKey?.columns.join("\u0000") === name && options["rowid"] !== "no"
  // Declared `INTEGER PRIMARY KEY DESC`, which no rule of a table is.
  if (isKey && identity === null && type === "INTEGER") return { sqlite: "INT" }
  return { sqlite: type === "" || isPlain(type) ? type : inQuotes(type, '"') }
}

const columnFacts = (
  column: SnapshotColumn,
  table: SnapshotTable,
  given: AnyType | undefined,
  dialect: DialectName
): ColumnFacts => {
  const type = given ?? (column.sql === null ? opaque(column.type) : typeOfSql(column.sql))
  const { facts } = Column.make(type) as unknown as { readonly facts: ColumnFacts }
  const value = column.computed === null ? column.default : null
  return {
    ...facts,
    name: column.name,
    nullable: column.nullable,
    identity: column.identity !== null,
    counted:
      column.counter === null
        ? null
        : { always: column.identity === "always", counter: column.counter },
    serverDefault: value === null ? null : written(value, type),
    spelled: spelledOn(column, table, dialect),
    attributes: attributesOf(column, type, dialect),
    comment: column.comment,
    computed:
      column.computed === null
        ? null
        : { expression: written(column.computed.expression, type), stored: column.computed.stored }
  }
}

/** The tables of a snapshot by their names. */
export const reflectedTables = (
  snapshot: Snapshot,
  types: ReflectedTypes
): Readonly<Record<string, ReflectedTable>> => {
  const sources = new Map<string, TableSource>()
  const known = new Set<string>()
  for (const table of snapshot.tables) {
    for (const column of table.columns) known.add(`${keyOf(table)}.${column.name}`)
    sources.set(keyOf(table), sourceOf(snapshot.dialect, table, types, sources))
  }
  for (const name of Object.keys(types))
    if (!known.has(name)) refuse(`reflected: there is no column "${name}"`)
  const members: Record<string, ReflectedTable> = Object.create(null)
  for (const [key, source] of sources) {
    members[key] = Object.freeze({
      [FromId]: tableFrom<string, Row>(source, source.name),
      c: tableRefs(source, source.name) as ReflectedTable["c"]
    })
  }
  return Object.freeze(members)
}

const keyOf = ({ name, schema }: { readonly name: string; readonly schema: string | null }) =>
  schema === null ? name : `${schema}.${name}`

const sourceOf = (
  dialect: DialectName,
  table: SnapshotTable,
  types: ReflectedTypes,
  sources: ReadonlyMap<string, TableSource>
): TableSource => {
  const columns = Object.fromEntries(
    table.columns.map((column) => [
      column.name,
      { facts: columnFacts(column, table, types[`${keyOf(table)}.${column.name}`], dialect) }
    ])
  )
  const items = (source: TableSource): ReadonlyArray<TableItem> => {
    const refs = tableRefs(source, source.name)
    const nodes = (names: ReadonlyArray<string>) => names.map((name) => refs[name]!.node)
    const { checks, exclusions, foreignKeys, indexes, primaryKey, uniques } = table
    return [
      ...(primaryKey === null
        ? []
        : [
            {
              _tag: "PrimaryKey" as const,
              columns: nodes(primaryKey.columns),
              name: primaryKey.name,
              conflict: primaryKey.conflict ?? null,
              comment: primaryKey.comment
            }
          ]),
      ...uniques.map(({ columns: names, conflict = null, include, ...rest }) => ({
        _tag: "Unique" as const,
        conflict,
        ...rest,
        columns: nodes(names),
        include: nodes(include)
      })),
      ...checks.map(({ comment, name, noInherit, predicate }) => ({
        _tag: "Check" as const,
        comment,
        ...(noInherit === true ? { noInherit } : {}),
        name,
        only: null,
        predicate: written(predicate, T.boolean)
      })),
      ...exclusions.map(({ parts, where, ...rest }) => ({
        _tag: "Exclusion" as const,
        ...rest,
        parts: parts.map(({ column, expression, operator }) => ({
          scalar: column === null ? written(expression!, T.text) : refs[column]!.node,
          operator
        })),
        where: where === null ? null : written(where, T.boolean)
      })),
      ...indexes.map(({ comment, include, name, nullsEqual, parts, unique, where, ...rest }) => ({
        _tag: "Index" as const,
        comment,
        include: nodes(include),
        nullsEqual,
        only: null,
        storage: indexStorage(dialect, { parts, ...rest }),
        parts: parts.map(({ column, descending, expression }) => ({
          scalar: column === null ? written(expression!, T.text) : refs[column]!.node,
          descending
        })),
        where: where === null ? null : written(where, T.boolean),
        unique,
        name
      })),
      ...foreignKeys.flatMap(({ columns: names, target, targetColumns, ...rest }) => {
        // A key to a table of another schema, which was not read.
        const other = sources.get(keyOf({ name: target.table, schema: target.schema }))
        if (other === undefined) return []
        return [
          {
            _tag: "Reference" as const,
            ...rest,
            columns: nodes(names),
            target: () => {
              const to = tableRefs(other, other.name)
              return targetColumns.map((column) => expr(to[column]!.node))
            }
          }
        ]
      })
    ]
  }
  return tableSource({
    name: table.name,
    columns,
    exact: true,
    options: {
      ...(table.schema === null ? {} : { schema: table.schema }),
      ...(table.comment === null ? {} : { comment: table.comment }),
      ...reflectedStorage(dialect, table)
    },
    prototype: null,
    items
  })
}
