import { bindsOfAll, type Carried, ctesOfAll, keysOfAll, nothing, quoted } from "./carried.ts"
import { columnsKey } from "./columnList.ts"
import type {
  Also,
  Conflict,
  Delete,
  Insert,
  Merge,
  Relation,
  Scalar,
  TableSource,
  Update,
  When
} from "./nodes.ts"
import type { RowShape } from "./RowShape.ts"
import { shapeKey } from "./Relation.ts"

export type { Also, Command, Conflict, Delete, Insert, Merge, Update, When } from "./nodes.ts"

/** What a command gives back of each row it touched; null gives nothing but their number. */
export interface Returning {
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
}

/** The alias of the row an insert proposed, in what its `conflict` does. */
export const excluded = "excluded"

const freeze = Object.freeze

/** Commands are built by the thousand, and most of their lists are the empty one. */
const frozen = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> =>
  list === nothing ? list : freeze(list)

const none = freeze({ fields: nothing, shape: null })

export const returningKey = (returning: Returning | typeof none): string =>
  returning.shape === null ? "" : `${keysOfAll(returning.fields)}|${shapeKey(returning.shape)}`

/** What few inserts have. */
export type InsertMore = Partial<
  Pick<Insert, "rows" | "conflict" | "changes" | "condition" | "ordered">
>

const conflictKey = (
  { columns, partial, target }: Conflict,
  { changes = nothing, condition = null }: InsertMore
): string =>
  `conflict(${columnsKey(target)}|${partial === null ? "" : literalKey(partial)}|` +
  `${columnsKey(columns)}|${keysOfAll(changes)}|${condition?.key ?? ""})`

/** The condition is printed with its values, so they are structure. */
const literalKey = ({ binds, key }: Scalar): string =>
  key + JSON.stringify(binds.map(({ value }) => [typeof value, String(value)]))

const present = (nodes: ReadonlyArray<Carried | null>): ReadonlyArray<Carried> =>
  nodes.filter((node) => node !== null)

const noMore = freeze({})

/** `carried` is what the parts carry together, from whoever knows it already. */
export const insert = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<Scalar>,
  rowCount: number,
  returning: Returning | null = null,
  more: InsertMore = noMore,
  carried: Carried = insertCarried(table, columns, cells, rowCount, returning, more)
): Insert => {
  const back = returning ?? none
  const { changes = nothing, condition = null, conflict = null, rows = null } = more
  const { ordered = false } = more
  return freeze({
    _tag: "Insert",
    table,
    columns: freeze(columns),
    cells: freeze(cells),
    rowCount,
    rows,
    conflict,
    changes: frozen(changes),
    condition,
    ordered,
    returned: back.fields,
    shape: back.shape,
    key: carried.key,
    binds: carried.binds,
    ctes: carried.ctes
  })
}

const insertCarried = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<Scalar>,
  rowCount: number,
  returning: Returning | null,
  more: InsertMore
): Carried => {
  const back = returning ?? none
  const { changes = nothing, condition = null, conflict = null, rows = null } = more
  const plainKey = insertKey(table, columns, cells, rowCount, returning)
  const key = more.ordered === true ? `${plainKey}ordered` : plainKey
  if (rows === null && conflict === null) {
    const kids = back.fields.length === 0 ? cells : [...cells, ...back.fields]
    return { key, binds: bindsOfAll(kids), ctes: ctesOfAll(kids) }
  }
  const kids = present([...cells, rows, ...changes, condition, ...back.fields])
  const source = rows === null ? "" : `from(${rows.key})`
  return {
    key: key + source + (conflict === null ? "" : conflictKey(conflict, more)),
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  }
}

export const insertKey = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<Scalar>,
  rowCount: number,
  returning: Returning | null
): string => insertKeyOf(table, columns, keysOfAll(cells), rowCount, returning)

/** The same by the keys of the cells, each with its comma. */
export const insertKeyOf = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  cells: string,
  rowCount: number,
  returning: Returning | null
): string =>
  `insert(T${table.id}|${columnsKey(columns)}|${rowCount}|` +
  `${cells}|${returningKey(returning ?? none)})`

/** The first so many rows by an order. */
type First = Pick<Update, "order" | "directions" | "limit">

const firstKey = ({ directions, limit, order }: First): string => {
  if (limit === null) return ""
  const keys = order.map(
    (key, i) => `${key.key} ${directions[i]!.direction} ${directions[i]!.nulls}`
  )
  return `first(${keys.join()}|${limit.key})`
}

const alsoKey = (also: ReadonlyArray<Also>): string =>
  also.length === 0
    ? ""
    : `also(${also
        .map(({ alias, columns, table }) => `T${table.id}${quoted(alias)}${columnsKey(columns)}`)
        .join(";")})`

/** What few updates have. */
export type UpdateMore = Partial<
  Pick<Update, "rowColumns" | "row" | "also" | "from" | "order" | "directions" | "limit">
>

/** `carried` is what the parts carry together, from whoever knows it already. */
export const update = (
  table: TableSource,
  alias: string,
  columns: ReadonlyArray<string>,
  values: ReadonlyArray<Scalar>,
  where: Scalar,
  returning: Returning | null = null,
  more: UpdateMore = noMore,
  carried: Carried = updateCarried(table, alias, columns, values, where, returning, more)
): Update => {
  const back = returning ?? none
  const { also = nothing, directions = nothing, from = null, limit = null } = more
  const { order = nothing, row = null, rowColumns = nothing } = more
  return freeze({
    _tag: "Update",
    table,
    alias,
    columns: freeze(columns),
    values: freeze(values),
    rowColumns: frozen(rowColumns),
    row,
    also: frozen(also),
    from,
    where,
    order: frozen(order),
    directions: frozen(directions),
    limit,
    returned: back.fields,
    shape: back.shape,
    key: carried.key,
    binds: carried.binds,
    ctes: carried.ctes
  })
}

const updateCarried = (
  table: TableSource,
  alias: string,
  columns: ReadonlyArray<string>,
  values: ReadonlyArray<Scalar>,
  where: Scalar,
  returning: Returning | null,
  more: UpdateMore
): Carried => {
  const back = returning ?? none
  const { also = nothing, directions = nothing, from = null, limit = null } = more
  const { order = nothing, row = null, rowColumns = nothing } = more
  const kids = present([...values, row, from, where, ...order, limit, ...back.fields])
  return {
    key:
      updateKey(table, alias, columns, values, where, returning) +
      (row === null ? "" : `row(${columnsKey(rowColumns)}|${row.key})`) +
      (from === null ? "" : `from(${from.key})`) +
      alsoKey(also) +
      firstKey({ directions, limit, order }),
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  }
}

export const updateKey = (
  table: TableSource,
  alias: string,
  columns: ReadonlyArray<string>,
  values: ReadonlyArray<Scalar>,
  where: Scalar,
  returning: Returning | null
): string =>
  `update(T${table.id}${quoted(alias)}|${columnsKey(columns)}|` +
  `${keysOfAll(values)}|${where.key}|${returningKey(returning ?? none)})`

/** What few deletes have. */
export type DeleteMore = Partial<Pick<Delete, "also" | "using" | "order" | "directions" | "limit">>

export const remove = (
  table: TableSource,
  alias: string,
  where: Scalar,
  returning: Returning | null = null,
  more: DeleteMore = {}
): Delete => {
  const back = returning ?? none
  const { also = nothing, directions = nothing, limit = null, order = nothing } = more
  const { using = null } = more
  const kids = present([using, where, ...order, limit, ...back.fields])
  return freeze({
    _tag: "Delete",
    table,
    alias,
    also: frozen(also),
    using,
    where,
    order: frozen(order),
    directions: frozen(directions),
    limit,
    returned: back.fields,
    shape: back.shape,
    key:
      `delete(T${table.id}${quoted(alias)}|${where.key}|${returningKey(back)})` +
      (using === null ? "" : `using(${using.key})`) +
      alsoKey(also) +
      firstKey({ directions, limit, order }),
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  })
}

const whenKey = ({ columns, does, match }: When): string =>
  `${match} ${does}(${columnsKey(columns)})`

export const merge = (
  table: TableSource,
  alias: string,
  using: Relation,
  on: Scalar,
  whens: ReadonlyArray<When>,
  conditions: ReadonlyArray<Scalar>,
  values: ReadonlyArray<Scalar>,
  returning: Returning | null = null
): Merge => {
  const back = returning ?? none
  const kids = [using, on, ...conditions, ...values, ...back.fields]
  return freeze({
    _tag: "Merge",
    table,
    alias,
    using,
    on,
    whens: freeze(whens),
    conditions: freeze(conditions),
    values: freeze(values),
    returned: back.fields,
    shape: back.shape,
    key:
      `merge(T${table.id}${quoted(alias)}|${using.key}|${on.key}|${whens.map(whenKey).join()}|` +
      `${keysOfAll(conditions)}|${keysOfAll(values)}|${returningKey(back)})`,
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  })
}
