import type { Capabilities } from "../../algebra/Dialect.ts"
import type {
  Snapshot,
  SnapshotCheck,
  SnapshotColumn,
  SnapshotForeignKey,
  SnapshotIndex,
  SnapshotKey,
  SnapshotTable
} from "../../algebra/Snapshot.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import type {
  CheckNode,
  ColumnNode,
  ForeignKey,
  IndexNode,
  TableSource
} from "../../algebra/Source.ts"
import { dialects } from "../dialects.ts"
import type { Writer } from "../Dialect.ts"
import { enumCheckName, fitName } from "../identifiers.ts"
import { sayDefaultValue, sayEnumCheck } from "../phases/render/ddl.ts"
import { sayConstant } from "../phases/render/literals.ts"
import { sayQuery } from "../phases/render/queries.ts"
import { type Context, makeContext } from "../Program.ts"
import { isText } from "../sqlTypes.ts"
import { makeWriter } from "../Writer.ts"
import { normalDefault } from "./normalDefault.ts"
import { normalSnapshot } from "./normalSnapshot.ts"
import { normalType } from "./normalType.ts"
import { readType } from "./readType.ts"

/**
 * What a server would hold after a catalog's tables were created: the other side of reflection.
 *
 * **Laws** L29: what is reflected after `create` is this, up to what `erased` lists.
 */
export const snapshotOf = (
  tables: ReadonlyArray<TableSource>,
  capabilities: Capabilities
): Snapshot =>
  normalSnapshot({
    dialect: capabilities.dialect,
    tables: tables.map((table) => tableOf(table, capabilities)),
    views: [],
    sequences: [],
    enums: []
  })

/** A text as the dialect says it, outside any statement. */
const said = (capabilities: Capabilities, say: (writer: Writer, context: Context) => void) => {
  const context = makeContext(capabilities)
  const { text, writer } = makeWriter(dialects[capabilities.dialect], context, false, sayQuery)
  say(writer, context)
  return text()
}

const tableOf = (table: TableSource, capabilities: Capabilities): SnapshotTable => {
  const nameOf = (key: string): string => table.byKey.get(key)!.name
  const keyOf = (name: string, columns: ReadonlyArray<string>): SnapshotKey => ({
    name: fitName(name, capabilities),
    columns: columns.map(nameOf)
  })
  const enums = table.columns.filter(({ type }) => type.sql._tag === "Enum")
  return {
    schema: table.schema,
    name: table.name,
    columns: table.columns.map((column) => columnOf(column, table, capabilities)),
    primaryKey:
      table.primaryKey.length === 0 ? null : keyOf(table.primaryKeyName, table.primaryKey),
    uniques: table.uniques().map(({ columns, name }) => keyOf(name, columns)),
    foreignKeys: table.foreignKeys().map((key) => foreignKeyOf(key, keyOf)),
    checks: [
      ...enums.map((column): SnapshotCheck => ({
        name: fitName(enumCheckName(table, column), capabilities),
        predicate: said(capabilities, (writer) => sayEnumCheck(column, writer))
      })),
      ...table.checks().map((check) => checkOf(check, table, capabilities))
    ],
    indexes: table.indexes().map((index) => indexOf(index, table, capabilities)),
    comment: null,
    options: {}
  }
}

const columnOf = (
  column: ColumnNode,
  table: TableSource,
  capabilities: Capabilities
): SnapshotColumn => {
  const { dialect } = capabilities
  const { name, nullable, serverDefault, type } = column
  const text = normalType(dialect, dialects[dialect].columnType(type.sql))
  const expressionOf = (scalar: Scalar): string =>
    said(capabilities, (writer, context) => sayConstant(scalar, table, writer, context))
  const { sql } = type
  return {
    name,
    type: text,
    sql: readType(dialect, text),
    nullable,
    default:
      serverDefault === null
        ? null
        : normalDefault(
            dialect,
            said(capabilities, (writer, context) =>
              sayDefaultValue(serverDefault, table, writer, context)
            ),
            sql._tag === "Boolean" && dialect !== "sqlite",
            isText(sql) || sql._tag === "Enum"
          ),
    computed:
      column.computed === null
        ? null
        : { expression: expressionOf(column.computed.expression), stored: column.computed.stored },
    identity: identityOf(column, table, dialect),
    collation: sql._tag === "Text" ? (sql.collation?.[dialect] ?? null) : null,
    comment: null
  }
}

const identityOf = (
  { identity, key, type }: ColumnNode,
  { primaryKey }: TableSource,
  dialect: Capabilities["dialect"]
): SnapshotColumn["identity"] => {
  if (dialect === "postgres") return identity ? "by default" : null
  if (dialect !== "sqlite") return identity ? "auto" : null
  // The only key of whole numbers is the row's own number, asked for or not.
  const isRowid = primaryKey.length === 1 && primaryKey[0] === key
  return isRowid && dialects.sqlite.columnType(type.sql) === "INTEGER" ? "auto" : null
}

const foreignKeyOf = (
  { columns, name, onDelete, onUpdate, target, targetColumns }: ForeignKey,
  keyOf: (name: string, columns: ReadonlyArray<string>) => SnapshotKey
): SnapshotForeignKey => ({
  ...keyOf(name, columns),
  target: { schema: target.schema, table: target.name },
  targetColumns: targetColumns.map((key) => target.byKey.get(key)!.name),
  onDelete,
  onUpdate,
  deferrable: "no"
})

const checkOf = (
  { name, predicate }: CheckNode,
  table: TableSource,
  capabilities: Capabilities
): SnapshotCheck => ({
  name: fitName(name, capabilities),
  predicate: said(capabilities, (writer, context) => sayConstant(predicate, table, writer, context))
})

const indexOf = (
  { name, parts, unique, where }: IndexNode,
  table: TableSource,
  capabilities: Capabilities
): SnapshotIndex => {
  const text = (scalar: Scalar): string =>
    said(capabilities, (writer, context) => sayConstant(scalar, table, writer, context))
  return {
    name: fitName(name, capabilities),
    unique,
    parts: parts.map(({ descending, scalar }) => {
      const key = scalar._tag === "Ref" && scalar.path.length === 1 ? scalar.path[0]! : null
      return key === null
        ? { column: null, expression: text(scalar), descending }
        : { column: table.byKey.get(key)!.name, expression: null, descending }
    }),
    where: where === null ? null : text(where),
    method: capabilities.dialect === "sqlite" ? null : "btree"
  }
}
