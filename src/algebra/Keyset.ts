import * as B from "./block.ts"
import { cursorText, cursorValues, outlineOf } from "./cursor.ts"
import type { Fetched } from "./From.ts"
import { beneath } from "./lock.ts"
import * as R from "./Relation.ts"
import type { Direction, Order, Relation } from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { Select } from "./Select.ts"
import { query as queryOf } from "./SelectQuery.ts"
import { refuse } from "./StatementError.ts"
import { isSame, open } from "./totalOrder.ts"
import * as T from "./types.ts"

declare const CursorId: unique symbol
declare const PositionId: unique symbol

/**
 * Where a page ended, as a text to give away: made by `cursor`, taken back through `read`.
 *
 * @category models
 */
export type Cursor<S extends string> = string & { readonly [CursorId]: S }

/**
 * The values of the sort keys of one row.
 *
 * @category models
 */
export interface Position {
  readonly [PositionId]: true
}

/**
 * A row of a page, and where it stands in the order.
 *
 * @category models
 */
export interface Keyed<Row> {
  readonly row: Row
  readonly at: Position
}

/**
 * The pages of a query in its order.
 *
 * @category models
 */
export interface Keyset<Row, R, S extends string> {
  /** At most `size` rows that come after a cursor; without one the first. */
  readonly page: (size: number, after?: Cursor<S> | null) => Select<Keyed<Row>, R, S>
  /** The cursor after a row of a page. */
  readonly cursor: (row: { readonly at: Position }) => Cursor<S>
  /** A cursor of this query from a text; null where the text is none, or was changed. */
  readonly read: (text: string) => Cursor<S> | null
}

/**
 * The pages of a query by the values of its sort keys: `WHERE (likes, id) < (?, ?) … LIMIT n`, for
 * any mix of directions and any place of NULLs.
 *
 * **Shape** a page costs the same wherever it stands, and rows that come or go before it move
 * nothing. A row comes as `{ row, at }`; `cursor` makes of one a text to give away, and `read`
 * takes it back: null for a text of another query, or one that was changed. A cursor speaks of the
 * order alone: the values the query compares with may change from page to page.
 * **Laws** the pages in turn are the query's rows, as by limit and offset (L9).
 * **Errors** `StatementError` without `orderBy`, after `limit` or `offset`, and where the order
 * does not say which of two rows comes first: its keys must hold a key of each table joined, or the
 * keys of the group, or all that is distinct.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const ann = ["Ann", "Bob", "Ann"].map((name) => ({ name }))
 * const { id, name } = users.c
 * const pages = Query.keyset(Query.from(users).orderBy(name, id).select(id))
 * const program = Effect.gen(function* () {
 *   yield* Database.create(Catalog.make({ users }))
 *   yield* Database.run(Query.insert(users).rows(ann))
 *   const first = yield* Database.all(pages.page(2))
 *   const second = yield* Database.all(pages.page(2, pages.cursor(first[1]!)))
 *   return [first, second].map((page) => page.map(({ row }) => row))
 * })
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [[1, 3], [2]]
 * ```
 * @category combinators
 */
export const keyset = <Row, R, S extends string>(
  query: Select<Row, R, S>
): Keyset<Fetched<Row>, R, S> => {
  const order = orderOf(query.node)
  const types = order.keys.map(({ type }) => type)
  const rows = beneath(query.node, (node) => positioned(node, order.keys))
  let outline: string | null = null
  const outlined = (): string => (outline ??= outlineOf(query.node))
  const valuesOf = (text: string): ReadonlyArray<unknown> =>
    cursorValues(text, types, outlined()) ?? refuse("keyset: a cursor of another query")
  return Object.freeze({
    page: (size: number, after: string | null = null) => {
      const paged =
        after === null
          ? rows
          : beneath(rows, (node) => narrowed(node, afterAll(order, valuesOf(after))))
      return queryOf<Keyed<Fetched<Row>>, R, S>(paged).limit(size)
    },
    cursor: ({ at }: { readonly at: Position }) =>
      cursorText(Object.values(at), types, outlined()) as Cursor<S>,
    read: (text: string) =>
      typeof text === "string" && cursorValues(text, types, outlined()) !== null
        ? (text as Cursor<S>)
        : null
  })
}

const orderOf = (node: Relation): Order => {
  let rel = node
  while (rel._tag === "Lock" || rel._tag === "Hint") rel = rel.self
  if (rel._tag === "Slice") return refuse("keyset: the pages are limited, not the query")
  if (rel._tag === "DistinctOn") return refuse("keyset: order once more what distinctOn leaves")
  if (rel._tag !== "Order") return refuse("keyset: give the query an orderBy")
  if (rel.keys.some(B.windows))
    return refuse("keyset: a window has no value before its rows are chosen: order a derived table")
  const repeats = open(rel.self, (one) => rel.keys.some((key) => isSame(key, one)))
  return repeats === null
    ? rel
    : refuse(`keyset: the order is not total: say also which row of ${repeats} comes first`)
}

/** The query with the values of its sort keys beside each row. */
const positioned = (node: Relation, keys: ReadonlyArray<Scalar>): Relation => {
  switch (node._tag) {
    case "Order":
      return R.order(positioned(node.self, keys), node.keys, node.directions)
    case "Distinct":
      return R.distinct(positioned(node.self, keys))
    case "Slice":
      return R.slice(positioned(node.self, keys), node.limit, node.offset, node.ties, node.percent)
    case "DistinctOn":
      return R.distinctOn(positioned(node.self, keys), node.keys)
    case "Filter":
      return R.filter(positioned(node.self, keys), node.predicate)
    case "Combine": {
      const [first, ...rest] = node.parts
      return R.combine(node.op, [positioned(first!, keys), ...rest])
    }
    case "Project": {
      const fields = [...node.fields]
      const cells = keys.map((key): RowShape => {
        const at = fields.findIndex((field) => isSame(field, key))
        return Object.freeze({ _tag: "Cell", index: at < 0 ? fields.push(key) - 1 : at })
      })
      const at = record(
        cells.map((_, i) => `k${i}`),
        cells
      )
      return R.project(node.self, fields, record(["row", "at"], [node.shape, at]))
    }
    default:
      return refuse("keyset: the query's order stands above what it does not know")
  }
}

const record = (keys: ReadonlyArray<string>, parts: ReadonlyArray<RowShape>): RowShape =>
  Object.freeze({
    _tag: "Record",
    keys: Object.freeze(keys),
    parts: Object.freeze(parts),
    presence: null,
    prototype: null
  })

const narrowed = (node: Relation, predicate: Scalar): Relation =>
  isGrouped(node) ? B.having(node, predicate, T.boolean) : B.where(node, [predicate], T.boolean)

/** Whether the block itself groups, so that its sort keys have values for groups only. */
const isGrouped = (node: Relation): boolean =>
  node._tag === "Group" ||
  ((node._tag === "Order" || node._tag === "Project" || node._tag === "Filter") &&
    isGrouped(node.self))

/** After a position: equal in the first keys and after in the next, for some number of keys. */
const afterAll = ({ directions, keys }: Order, values: ReadonlyArray<unknown>): Scalar => {
  const before: Array<Scalar> = []
  const ways: Array<Scalar> = []
  keys.forEach((key, i) => {
    const value = values[i]
    const next = afterOne(key, value, directions[i]!)
    if (next !== null) ways.push(before.length === 0 ? next : S.and([...before, next], T.boolean))
    before.push(value === null ? S.isNull(key, T.boolean) : compared("eq", key, value))
  })
  return ways.length === 0
    ? S.constant(false, T.boolean)
    : ways.length === 1
      ? ways[0]!
      : S.or(ways, T.boolean)
}

const compared = (op: S.Comparison, key: Scalar, value: unknown): Scalar =>
  S.compare(op, key, S.bound(value, key.type), T.boolean)

/** Null where nothing comes after. */
const afterOne = (key: Scalar, value: unknown, { direction, nulls }: Direction): Scalar | null => {
  const absent = S.isNull(key, T.boolean)
  if (value === null) return nulls === "first" ? S.not(absent, T.boolean) : null
  const beyond = compared(direction === "asc" ? "gt" : "lt", key, value)
  return nulls === "first" ? beyond : S.or([beyond, absent], T.boolean)
}
