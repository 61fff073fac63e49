/** Generated alterations of generated catalogs, and what a schema is after them. */
import {
  Alter,
  Check,
  Column,
  Exclude,
  type Expr,
  ForeignKey,
  Index,
  Query,
  Table,
  Type,
  Unique,
  View
} from "athanor"
import { capabilities } from "athanor/compile"
import fc from "fast-check"
import type {
  Snapshot,
  SnapshotColumn,
  SnapshotTable,
  SnapshotView
} from "../../../src/algebra/schema/Snapshot.ts"
import { snapshotOf } from "../../../src/compile/schema/snapshotOf.ts"
import { Catalog } from "athanor"
import type { EngineName } from "../../runtime/databases.ts"
import { type Changed, columnLike, declared, nth, within } from "./alteredTable.ts"
import { factChanged } from "./factAlterations.ts"
import { keyAdded, keyDropped, ruleRenamed } from "./keyAlterations.ts"

const kinds = [
  "renameTable",
  "renameColumn",
  "addColumn",
  "dropColumn",
  "alterColumn",
  "addIndex",
  "addUnique",
  "addCheck",
  "addForeignKey",
  "dropForeignKey",
  "dropRule",
  "renameRule",
  "addPrimaryKey",
  "dropPrimaryKey",
  "addExclusion",
  "addView",
  "alterView",
  "dropView",
  "move",
  "addIdentity",
  "dropIdentity",
  "commentRule"
] as const
/** What few tables are fit for is drawn more often. */
const onKeys = [
  "renameRule",
  "addPrimaryKey",
  "dropPrimaryKey",
  "addIdentity",
  "dropIdentity"
] as const
export type Kind = (typeof kinds)[number]

/** One alteration as data: of which table, and of which of what it has. */
export interface ChangeSpec {
  readonly kind: Kind
  readonly table: number
  readonly at: number
  /** What a column becomes. */
  readonly to: number
}

export const changeSpecs: fc.Arbitrary<ReadonlyArray<ChangeSpec>> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...kinds) },
      { weight: 3, arbitrary: fc.constant("alterColumn" as const) },
      { weight: 4, arbitrary: fc.constantFrom(...onKeys) }
    ),
    table: fc.nat(3),
    at: fc.nat(9),
    to: fc.nat(999)
  }),
  { minLength: 4, maxLength: 10, size: "max" }
)

/** Whether nothing of the table speaks of the column. */
const isFree = (table: SnapshotTable, { computed, identity, name }: SnapshotColumn): boolean => {
  const { checks, columns, exclusions, foreignKeys, indexes, primaryKey, uniques } = table
  const named = [primaryKey, ...uniques, ...foreignKeys].flatMap((key) => key?.columns ?? [])
  const parts = [...indexes, ...exclusions].flatMap((one) => one.parts.map((part) => part.column))
  const beside = [...uniques, ...indexes].flatMap(({ include }) => include)
  const texts = [
    ...checks.map(({ predicate }) => predicate),
    ...columns.map((one) => one.computed?.expression ?? "")
  ]
  return (
    computed === null &&
    identity === null &&
    ![...named, ...parts, ...beside].includes(name) &&
    // In quotes or not, a text that holds the name's letters may speak of it.
    !texts.some((text) => text.includes(name.slice(0, 3)))
  )
}

type SqlTag = NonNullable<SnapshotColumn["sql"]>["_tag"]

const numbers: ReadonlySet<string> = new Set(["Smallint", "Integer", "Bigint"])

/** The schema with a table of another name. */
export const renamedTable = (snapshot: Snapshot, table: SnapshotTable, to: string): Snapshot => ({
  ...snapshot,
  tables: snapshot.tables.map((one) => ({
    ...one,
    name: one === table ? to : one.name,
    foreignKeys: one.foreignKeys.map((key) =>
      key.target.table === table.name ? { ...key, target: { ...key.target, table: to } } : key
    )
  }))
})

/** The twin: who refers to it says the old name. */
export const renamedAlone = (snapshot: Snapshot, table: SnapshotTable, to: string): Snapshot =>
  within(snapshot, table, { ...table, name: to })

/** A rule over one column of whole numbers more. */
const ruleAdded = (
  snapshot: Snapshot,
  table: SnapshotTable,
  number: SnapshotColumn,
  { at, fresh, kind }: { readonly at: number; readonly fresh: string; readonly kind: Kind },
  engine: EngineName
): Changed | null => {
  // SQLite keeps one of two keys over the same columns.
  const known = [table.primaryKey, ...table.uniques].map((key) => key?.columns.join())
  if (kind === "addUnique" && known.includes(number.name)) return null
  if (kind === "addExclusion" && engine !== "postgres") return null
  // MariaDB checks no column that it counts, or that a foreign key sets, by itself.
  const set = table.foreignKeys.flatMap(({ columns }) => columns)
  if (kind === "addCheck" && (number.identity !== null || set.includes(number.name))) return null
  const by = Table.exact(table.name, { [number.name]: Column.integer() }, (c) => {
    const one = c[number.name]!
    return [
      kind === "addIndex"
        ? Index.with({ name: fresh }, at % 2 === 0 ? one : one.desc())
        : kind === "addUnique"
          ? Unique.named(fresh, one)
          : kind === "addExclusion"
            ? Exclude.on({ name: fresh, using: "btree" }, [one, "="])
            : Check.that(one.gt(-9), fresh)
    ]
  })
  const { checks, exclusions, indexes, uniques } = declared(by, engine)
  return {
    alteration: Alter.addRule(by, fresh),
    snapshot: within(snapshot, table, {
      ...table,
      exclusions: [...table.exclusions, ...exclusions],
      checks: [...table.checks, ...checks],
      indexes: [...table.indexes, ...indexes],
      uniques: [...table.uniques, ...uniques]
    })
  }
}

/** A foreign key more, to another table's key of the same type. */
const foreignKeyAdded = (
  snapshot: Snapshot,
  table: SnapshotTable,
  { at, fresh }: { readonly at: number; readonly fresh: string },
  engine: EngineName
): Changed | null => {
  const pairs = snapshot.tables.flatMap((target) => {
    const [key, ...more] = target.primaryKey?.columns ?? []
    if (key === undefined || more.length > 0 || target.schema !== table.schema) return []
    const { type } = target.columns.find(({ name }) => name === key)!
    return table.columns.flatMap((column) =>
      column.type === type && column.computed === null ? [{ column, key, target }] : []
    )
  })
  const pair = nth(pairs, at)
  if (pair === undefined) return null
  const { column, key, target } = pair
  const sql = column.sql
  if (sql === null || !numbers.has(sql._tag)) return null
  const to = Table.exact(target.name, { [key]: Column.integer().primaryKey() })
  const by = Table.exact(table.name, { [column.name]: Column.integer() }, (c) => [
    ForeignKey.on([c[column.name]!], () => [to.c[key]!], {
      name: fresh,
      ...(engine === "mariadb" ? {} : { onDelete: "cascade" })
    })
  ])
  return {
    alteration: Alter.addRule(by, fresh),
    snapshot: within(snapshot, table, {
      ...table,
      foreignKeys: [...table.foreignKeys, ...declared(by, engine).foreignKeys]
    })
  }
}

/** A column more. */
const columnAdded = (
  snapshot: Snapshot,
  table: SnapshotTable,
  { at, fresh }: { readonly at: number; readonly fresh: string },
  engine: EngineName
): Changed => {
  const made = [
    Column.integer().nullable(),
    Column.varchar(9).serverDefault("it's"),
    Column.bigint().nullable().serverDefault(7n),
    Column.timestamp().nullable()
  ]
  const by = Table.exact(table.name, { [fresh]: nth<Column.Column<any, any>>(made, at)! })
  const columns = [...table.columns, declared(by, engine).columns[0]!]
  return {
    alteration: Alter.addColumn(by, fresh),
    snapshot: within(snapshot, table, { ...table, columns })
  }
}

type Made = Column.Column<any, any>
const or = (made: Made, ...values: ReadonlyArray<unknown>): ReadonlyArray<Made> => [
  made,
  ...values.map((value) => made.serverDefault(value))
]
const whole = [
  ...or(Column.smallint(), 3),
  ...or(Column.integer(), -7),
  ...or(Column.bigint(), 2n ** 60n)
]
const short = [...or(Column.varchar(40), "it's"), ...or(Column.varchar(80), "")]
const anything = [...short, Column.text(), ...or(Column.enum(["draft", "it's"]), "it's")]
const becoming: { readonly [K in SqlTag]?: ReadonlyArray<Made> } = {
  Smallint: [...whole, Column.double(), Column.numeric(12, 2)],
  Integer: [...whole, ...or(Column.double(), 0.5), Column.numeric(30, 4)],
  Bigint: [...whole, Column.numeric(12, 2)],
  Double: [...or(Column.double(), -0.25), Column.numeric(30, 4), Column.integer()],
  Numeric: [Column.numeric(18, 6), Column.double(), Column.bigint()],
  Date: [Column.date(), Column.timestamp()],
  Timestamp: [Column.timestamp(), Column.make(Type.timestamp(6))]
}

/** What is said of a column beside what it is: the server does not let go of it, or makes it. */
const holds = (
  { checks, columns, exclusions, foreignKeys, primaryKey }: SnapshotTable,
  { computed, identity, name }: SnapshotColumn,
  all: Snapshot
): boolean =>
  computed !== null ||
  identity !== null ||
  [primaryKey, ...foreignKeys].some((key) => key?.columns.includes(name)) ||
  all.tables.some((one) => one.foreignKeys.some((key) => key.targetColumns.includes(name))) ||
  exclusions.length > 0 ||
  checks.some(({ predicate }) => predicate.includes(name.slice(0, 3))) ||
  columns.some((one) => one.computed?.expression.includes(name.slice(0, 3)))

/** SQLite does not say the places of a whole number, nor of which table a view reads a column. */
const isUntold = ({ sql }: SnapshotColumn, made: Made, { views }: Snapshot): boolean => {
  const isDecimal =
    declared(Table.make("t", { made }), "sqlite").columns[0]!.sql?._tag === "Numeric"
  if (!isDecimal && sql?._tag !== "Numeric") return false
  return views.length > 0 || (isDecimal && sql?._tag !== "Numeric" && sql?._tag !== "Double")
}

/** Another type, NULL or none, another default or none; what else is said of it stays. */
const columnAltered = (
  snapshot: Snapshot,
  table: SnapshotTable,
  { at, to }: { readonly at: number; readonly to: number },
  engine: EngineName
): Changed | null => {
  const column = nth(
    table.columns.filter((one) => one.sql !== null && !holds(table, one, snapshot)),
    at
  )
  if (column === undefined) return null
  const { _tag } = column.sql!
  const isFound = [...table.indexes, ...table.uniques].some((one) =>
    JSON.stringify(one).includes(JSON.stringify(column.name))
  )
  const numeric = numbers.has(_tag)
  // What an index is of keeps its kind: no text of any length, and of the same operators.
  const types = isFound
    ? numeric
      ? whole
      : _tag === "Varchar"
        ? short
        : []
    : [...(becoming[_tag] ?? []), ...anything]
  const made = nth<Made>(types, to >> 1)
  if (made === undefined || (engine === "sqlite" && isUntold(column, made, snapshot))) return null
  const own = to % 2 === 0 ? made.nullable() : made
  const by = Table.exact(table.name, { [column.name]: own })
  const said = declared(by, engine)
  const after = { ...said.columns[0]!, comment: column.comment }
  const columns = table.columns.map((one) => (one === column ? after : one))
  const checks = [...table.checks, ...said.checks]
  return {
    alteration: Alter.alterColumn(by, column.name),
    snapshot: within(snapshot, table, { ...table, checks, columns })
  }
}

/** A column under another name. */
const columnRenamed = (
  snapshot: Snapshot,
  table: SnapshotTable,
  column: SnapshotColumn,
  fresh: string
): Changed => ({
  alteration: Alter.renameColumn(table.name, column.name, fresh),
  snapshot: within(snapshot, table, {
    ...table,
    columns: table.columns.map((one) => (one === column ? { ...one, name: fresh } : one))
  })
})

/** A column less, where there are others. */
const columnDropped = (
  snapshot: Snapshot,
  table: SnapshotTable,
  column: SnapshotColumn
): Changed | null => {
  if (table.columns.length === 1) return null
  const columns = table.columns.filter((one) => one !== column)
  return {
    alteration: Alter.dropColumn(table.name, column.name),
    snapshot: within(snapshot, table, { ...table, columns })
  }
}

/** A foreign key less. */
const foreignKeyDropped = (
  snapshot: Snapshot,
  table: SnapshotTable,
  at: number,
  engine: EngineName
): Changed | null => {
  const key = nth(table.foreignKeys, at)
  // MariaDB keeps the index it made for the key.
  if (key?.name === undefined || key.name === null || engine === "mariadb") return null
  const foreignKeys = table.foreignKeys.filter((one) => one !== key)
  return {
    alteration: Alter.dropRule(table.name, key.name),
    snapshot: within(snapshot, table, { ...table, foreignKeys })
  }
}

/** A rule of another kind less. */
const ruleDropped = (snapshot: Snapshot, table: SnapshotTable, at: number): Changed | null => {
  const { checks, exclusions, indexes, uniques } = table
  const rule = nth([...checks, ...exclusions, ...indexes, ...uniques], at)
  if (rule?.name === undefined || rule.name === null) return null
  const { name } = rule
  const others = <A extends { readonly name: string | null }>(all: ReadonlyArray<A>) =>
    all.filter((one) => one.name !== name)
  return {
    alteration: Alter.dropRule(table.name, name),
    snapshot: within(snapshot, table, {
      ...table,
      checks: others(checks),
      exclusions: others(exclusions),
      indexes: others(indexes),
      uniques: others(uniques)
    })
  }
}

/** The views that read a table say so in their names. */
const viewsOf = ({ views }: Snapshot, { name, schema }: SnapshotTable) =>
  views.filter((one) => one.name.startsWith(`${name} as v`) && one.schema === schema)

/** A view over one column of a table, under one name or another, or under two. */
const viewOver = (
  table: SnapshotTable,
  name: string,
  shown: ReadonlyArray<SnapshotColumn>,
  at: number,
  engine: EngineName
): { readonly view: View.View<string, any>; readonly after: SnapshotView } | null => {
  const options = table.schema === null ? {} : { schema: table.schema }
  const columns = Object.fromEntries(shown.map((one) => [one.name, columnLike(one)]))
  const by = Table.exact(table.name, columns, () => [], options)
  const types = declared(by, engine).columns.map(({ type }) => type)
  if (shown.some(({ type }, i) => types[i] !== type)) return null
  const [column, second] = shown.map(({ name }) => by.c[name]!) as ReadonlyArray<
    Expr.Expr<any, string>
  >
  const selections: ReadonlyArray<Readonly<Record<string, Expr.Expr<any, string>>>> = [
    { shown_0: column! },
    { shown_0: column!, ...(second === undefined ? {} : { shown_1: second }) },
    { other: column! }
  ]
  const rows = Query.from(by).where(at % 2 === 0 ? column!.isNotNull() : column!.isNull())
  const view = View.make(name, rows.select(nth(selections, at)!), options)
  const [after] = snapshotOf(Catalog.make({ view }), capabilities(engine)).views
  return { view, after: after! }
}

const viewChanged = (
  snapshot: Snapshot,
  table: SnapshotTable,
  numbered: ReadonlyArray<SnapshotColumn>,
  { at, kind, place }: { readonly at: number; readonly kind: Kind; readonly place: number },
  engine: EngineName
): Changed | null => {
  const { schema } = table
  const before = nth(
    viewsOf(snapshot, table).filter(({ materialized }) => kind === "dropView" || !materialized),
    at
  )
  if (kind !== "addView" && before === undefined) return null
  const others = snapshot.views.filter((one) => one !== before)
  if (kind === "dropView")
    return {
      alteration: Alter.dropView(schema === null ? before!.name : { schema, name: before!.name }),
      snapshot: { ...snapshot, views: others }
    }
  const name = kind === "addView" ? `${table.name} as v${place}` : before!.name
  const made = viewOver(table, name, numbered.slice(0, 2), at, engine)
  if (made === null) return null
  const { after, view } = made
  return kind === "addView"
    ? {
        alteration: Alter.addView(view),
        snapshot: { ...snapshot, views: [...snapshot.views, after] }
      }
    : { alteration: Alter.alterView(view), snapshot: { ...snapshot, views: [...others, after] } }
}

/** A view keeps what it reads from these. */
const keptByViews: ReadonlySet<Kind> = new Set([
  "renameTable",
  "renameColumn",
  "dropColumn",
  "alterColumn",
  "move"
])

/** What a change is of a schema, and the schema after it; null where there is nothing to change. */
export const changed = (
  snapshot: Snapshot,
  { at, kind, table: which, to }: ChangeSpec,
  place: number,
  engine: EngineName,
  renamed = renamedTable
): Changed | null => {
  const isKept = keptByViews.has(kind)
  const table = nth(
    snapshot.tables.filter(
      (one) => one.schema === null && (!isKept || viewsOf(snapshot, one).length === 0)
    ),
    which
  )
  if (table === undefined) return null
  const fresh = `fresh ${place}`
  const column = nth(
    table.columns.filter((one) => isFree(table, one)),
    at
  )
  const numbered = table.columns.filter(
    ({ computed, sql }) => computed === null && sql !== null && numbers.has(sql._tag)
  )
  const number = nth(numbered, at)
  switch (kind) {
    case "addView":
    case "alterView":
    case "dropView":
      return number === undefined
        ? null
        : viewChanged(snapshot, table, numbered, { at, kind, place }, engine)
    case "renameTable":
      return {
        alteration: Alter.renameTable(table.name, fresh),
        snapshot: renamed(snapshot, table, fresh)
      }
    case "renameColumn":
      return column === undefined ? null : columnRenamed(snapshot, table, column, fresh)
    case "addColumn":
      return columnAdded(snapshot, table, { at, fresh }, engine)
    case "alterColumn":
      return columnAltered(snapshot, table, { at, to }, engine)
    case "dropColumn":
      return column === undefined ? null : columnDropped(snapshot, table, column)
    case "addIndex":
    case "addUnique":
    case "addCheck":
    case "addExclusion":
      return number === undefined
        ? null
        : ruleAdded(snapshot, table, number, { at, kind, fresh }, engine)
    case "addForeignKey":
      return foreignKeyAdded(snapshot, table, { at, fresh }, engine)
    case "dropForeignKey":
      return foreignKeyDropped(snapshot, table, at, engine)
    case "dropRule":
      return ruleDropped(snapshot, table, at)
    case "renameRule":
      return ruleRenamed(snapshot, table, { at, fresh }, engine)
    case "addPrimaryKey":
      return number === undefined ? null : keyAdded(snapshot, table, number, fresh, engine)
    case "dropPrimaryKey":
      return keyDropped(snapshot, table, engine)
    default:
      return factChanged(snapshot, table, { at, kind, numbered, to }, engine)
  }
}
