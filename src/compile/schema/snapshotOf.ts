import type { Capabilities } from "../../algebra/Dialect.ts"
import { type DomainType, type NamedType, namedTypesOf } from "../../algebra/schema/namedOf.ts"
import type { Sequence } from "../../algebra/schema/sequenceOf.ts"
import { heldCounter, heldSequence } from "../../algebra/schema/counter.ts"
import type {
  Snapshot,
  SnapshotCheck,
  SnapshotColumn,
  SnapshotForeignKey,
  SnapshotIndex,
  SnapshotExclusion,
  SnapshotDomain,
  SnapshotKey,
  SnapshotSequence,
  SnapshotTable,
  SnapshotView
} from "../../algebra/schema/Snapshot.ts"
import type { OnConflict } from "../../algebra/schema/tableStorage.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import type {
  CheckNode,
  ColumnNode,
  ExclusionNode,
  ForeignKey,
  IndexNode,
  TableSource
} from "../../algebra/Source.ts"
import { dialects } from "../dialects.ts"
import type { Writer } from "../Dialect.ts"
import { guardName } from "../../algebra/schema/ruleNames.ts"
import { fitName } from "../identifiers.ts"
import { sayDefaultValue } from "../phases/render/columns.ts"
import { storageOf } from "../phases/render/indexes.ts"
import { isGuardedOn, sayGuardCheck } from "../phases/render/rules.ts"
import { sayConstant } from "../phases/render/literals.ts"
import { sayColumnType } from "../phases/render/namedTypes.ts"
import { sayQuery } from "../phases/render/queries.ts"
import { sayLiteral } from "../phases/render/values.ts"
import { sayDefinition } from "../phases/render/views.ts"
import { type Context, makeContext } from "../Program.ts"
import { isText } from "../sqlTypes.ts"
import { makeWriter } from "../Writer.ts"
import { partsOn, rulesOn } from "./partsOn.ts"
import { normalDefault } from "./normalDefault.ts"
import { normalSnapshot } from "./normalSnapshot.ts"
import { normalType } from "./normalType.ts"
import { readType } from "./readType.ts"
import { storedOptions } from "./storedOptions.ts"

/** What is created together: tables alone, or all of a catalog. */
export interface Created {
  readonly tables: ReadonlyArray<TableSource>
  readonly types?: ReadonlyArray<NamedType>
  readonly sequences?: ReadonlyArray<Sequence>
  readonly views?: ReadonlyArray<TableSource>
}

/**
 * What a server would hold after a catalog was created: the other side of reflection.
 *
 * **Laws** L29: what is reflected after `create` is this, up to what `erased` lists.
 */
export const snapshotOf = (
  { sequences = [], types: given = [], ...created }: Created,
  capabilities: Capabilities
): Snapshot => {
  const { tables, types, views } = partsOn({ views: [], ...created, types: given }, capabilities)
  const named = namedTypesOf(tables, types)
  return normalSnapshot({
    dialect: capabilities.dialect,
    tables: tables.map((table) => tableOf(table, capabilities)),
    views: views.map((view) => viewOf(view, capabilities)),
    sequences: sequences.map((one) => sequenceOf(one, capabilities)),
    enums: named.flatMap((type) => {
      if (type._tag !== "EnumType") return []
      const { name, schema, values } = type
      return [{ schema, name, values }]
    }),
    domains: named.flatMap((type) =>
      type._tag === "DomainType" ? [domainOf(type, capabilities)] : []
    )
  })
}

const viewOf = (view: TableSource, capabilities: Capabilities): SnapshotView => ({
  schema: view.schema,
  name: view.name,
  materialized: view.definition?.kind === "materialized view",
  definition: said(capabilities, (writer, context) => sayDefinition(view, writer, context)),
  columns: view.columns.map((column) => {
    const { name, nullable, sql, type } = columnOf(column, view, capabilities)
    return { name, type, sql, nullable }
  })
})

const sequenceOf = (
  { counter, name, schema }: Sequence,
  { dialect }: Capabilities
): SnapshotSequence => ({
  schema,
  name,
  ...heldSequence(counter, dialect)
})

const domainOf = (domain: DomainType, capabilities: Capabilities): SnapshotDomain => {
  const { base, check, default: value, name, schema, source } = domain
  const { dialect } = capabilities
  const type = normalType(dialect, dialects[dialect].columnType(base.sql))
  return {
    schema,
    name,
    type,
    sql: readType(dialect, type),
    nullable: true,
    default:
      value?._tag === "Bound"
        ? normalDefault(
            dialect,
            said(capabilities, (writer) => sayLiteral(value.value, base, writer)),
            base.sql._tag === "Boolean",
            isText(base.sql)
          )
        : null,
    checks:
      check === null
        ? []
        : [{ name: check.name, predicate: textOf(check.predicate, source, capabilities) }]
  }
}

/** A text as the dialect says it, outside any statement. */
const said = (capabilities: Capabilities, say: (writer: Writer, context: Context) => void) => {
  const context = makeContext(capabilities)
  const { text, writer } = makeWriter(dialects[capabilities.dialect], context, false, sayQuery)
  say(writer, context)
  return text()
}

const tableOf = (table: TableSource, capabilities: Capabilities): SnapshotTable => {
  const nameOf = (key: string): string => table.byKey.get(key)!.name
  const keyOf = ({ columns, comment, conflict = null, name }: Keyed): SnapshotKey => ({
    name: fitName(name, capabilities),
    columns: columns.map(nameOf),
    ...(conflict === null || capabilities.dialect !== "sqlite" ? {} : { conflict }),
    comment
  })
  const guarded = table.columns.filter((column) => isGuardedOn(column, capabilities))
  const { checks, indexes } = rulesOn(table, capabilities)
  return {
    schema: table.schema,
    name: table.name,
    columns: table.columns.map((column) => columnOf(column, table, capabilities)),
    primaryKey:
      table.primaryKey.length === 0
        ? null
        : keyOf({
            name: table.primaryKeyName,
            columns: table.primaryKey,
            comment: table.primaryKeyComment,
            conflict: table.primaryKeyConflict
          }),
    uniques: table.uniques().map((unique) => ({
      ...keyOf(unique),
      include: capabilities.dialect === "postgres" ? unique.include.map(nameOf) : [],
      nullsEqual: unique.nullsEqual,
      deferrable: unique.deferrable
    })),
    foreignKeys: table.foreignKeys().map((key) => foreignKeyOf(key, keyOf)),
    checks: [
      ...guarded.map((column): SnapshotCheck => ({
        name: fitName(guardName(table, column), capabilities),
        predicate: said(capabilities, (writer) => sayGuardCheck(column, writer)),
        comment: null
      })),
      ...checks.map((check) => checkOf(check, table, capabilities))
    ],
    exclusions: table.exclusions().map((one) => exclusionOf(one, table, capabilities)),
    indexes: indexes.map((index) => indexOf(index, table, capabilities)),
    comment: table.comment,
    options: storedOptions(table, capabilities.dialect)
  }
}

interface Keyed {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  readonly comment: string | null
  readonly conflict?: OnConflict | null
}

const columnOf = (
  column: ColumnNode,
  table: TableSource,
  capabilities: Capabilities
): SnapshotColumn => {
  const { dialect } = capabilities
  const { name, nullable, serverDefault, type } = column
  const text = normalType(
    dialect,
    said(capabilities, (writer) => sayColumnType(column, table, writer))
  )
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
    identity: identityOf(column, text, table, dialect),
    counter:
      dialect === "postgres" && column.identity
        ? heldCounter(column.counted?.counter ?? null, sql, 1n)
        : null,
    collation:
      sql._tag === "Text"
        ? (sql.collation?.[dialect] ?? null)
        : (sql.exact?.characters?.collation ?? null),
    ...(dialect === "sqlite" && table.storage.sqlite?.ifNull?.[column.key] !== undefined
      ? { ifNull: table.storage.sqlite.ifNull[column.key]! }
      : {}),
    comment: column.comment
  }
}

const identityOf = (
  { counted, identity, key }: ColumnNode,
  type: string,
  { primaryKey, storage }: TableSource,
  dialect: Capabilities["dialect"]
): SnapshotColumn["identity"] => {
  if (dialect === "postgres")
    return identity ? (counted?.always === true ? "always" : "by default") : null
  if (dialect !== "sqlite") return identity ? "auto" : null
  // The only key of whole numbers is the row's own number, asked for or not.
  const isRowid =
    primaryKey.length === 1 && primaryKey[0] === key && storage.sqlite?.withoutRowid !== true
  return isRowid && type === "INTEGER" ? "auto" : null
}

const foreignKeyOf = (key: ForeignKey, keyOf: (key: Keyed) => SnapshotKey): SnapshotForeignKey => {
  const { deferrable, match, onDelete, onUpdate, setsOnDelete, target, targetColumns } = key
  return {
    ...keyOf(key),
    ...(setsOnDelete === undefined
      ? {}
      : { setsOnDelete: keyOf({ ...key, columns: setsOnDelete }).columns }),
    target: { schema: target.schema, table: target.name },
    targetColumns: targetColumns.map((key) => target.byKey.get(key)!.name),
    onDelete,
    onUpdate,
    deferrable,
    match
  }
}

const checkOf = (
  { comment, name, noInherit, predicate }: CheckNode,
  table: TableSource,
  capabilities: Capabilities
): SnapshotCheck => ({
  name: fitName(name, capabilities),
  predicate: said(capabilities, (writer, context) =>
    sayConstant(predicate, table, writer, context)
  ),
  ...(noInherit === true ? { noInherit } : {}),
  comment
})

/** A column of the row by its name, anything else as text. */
const partOf = (
  scalar: Scalar,
  table: TableSource,
  capabilities: Capabilities
): { readonly column: string | null; readonly expression: string | null } =>
  scalar._tag === "Ref" && scalar.path.length === 1
    ? { column: table.byKey.get(scalar.path[0]!)!.name, expression: null }
    : { column: null, expression: textOf(scalar, table, capabilities) }

const textOf = (scalar: Scalar, table: TableSource, capabilities: Capabilities): string =>
  said(capabilities, (writer, context) => sayConstant(scalar, table, writer, context))

const exclusionOf = (
  { comment, deferrable, name, parts, using, where }: ExclusionNode,
  table: TableSource,
  capabilities: Capabilities
): SnapshotExclusion => ({
  name: fitName(name, capabilities),
  using,
  parts: parts.map(({ operator, scalar }) => ({
    ...partOf(scalar, table, capabilities),
    operator
  })),
  where: where === null ? null : textOf(where, table, capabilities),
  deferrable,
  comment
})

const indexOf = (
  index: IndexNode,
  table: TableSource,
  capabilities: Capabilities
): SnapshotIndex => {
  const { comment, include, name, nullsEqual, parts, unique, where } = index
  const isPostgres = capabilities.dialect === "postgres"
  const { mysql, postgres } = storageOf(index, capabilities.dialect)
  return {
    name: fitName(name, capabilities),
    unique,
    parts: parts.map(({ descending, scalar }, at) => ({
      ...partOf(scalar, table, capabilities),
      descending,
      operatorClass: postgres.operatorClasses?.[at] ?? null,
      length: mysql.lengths?.[at] ?? null
    })),
    where: where === null ? null : textOf(where, table, capabilities),
    method:
      capabilities.dialect === "sqlite"
        ? null
        : (postgres.using ?? mysql.kind ?? mysql.using ?? "btree"),
    include: isPostgres ? include.map((key) => table.byKey.get(key)!.name) : [],
    nullsEqual,
    options: {
      ...Object.fromEntries(
        Object.entries(postgres.with ?? {}).map(([key, value]) => [key, String(value)])
      ),
      ...(postgres.tablespace === undefined ? {} : { tablespace: postgres.tablespace })
    },
    comment
  }
}
