import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as B from "./block.ts"
import { type Expr, expr, isExpr, type Ordering, soleField, type SortNeeds } from "./Expression.ts"
import { type Fetched, type From, FromId, type FromNode, type Refs } from "./From.ts"
import { match, type MatchOf } from "./match.ts"
import {
  type ProjectionIn,
  projectionOf,
  type ProjectionNeeds,
  type RowIn,
  type SoleOf
} from "./projection.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import { columnsOf, cteFrom, derivedFrom } from "./derived.ts"
import * as T from "./types.ts"
import type {
  Aggregate,
  InScope,
  Param,
  ParamsIn,
  RequiredOf,
  Safe,
  Value,
  Window
} from "./Value.ts"

declare const SelectId: unique symbol

/** What ORDER BY takes: an expression, ascending, or one with its direction. */
type SortKey<R> = Ordering<R> | Value<any, R>

/** A derived table or a common table expression: a query with a name, its columns under `.c`. */
export interface Derived<N extends string, Row> extends From<N, Row> {
  readonly c: Refs<Row, N>
}

/**
 * A query: from, where, select … as one immutable value.
 *
 * **Shape** `Row` is one result row, `S` the aliases in scope (`"posts?"` beside `"posts"` where an
 * outer join may leave it absent), `R` what is still open: outer aliases and named parameters.
 * **Laws** `where` twice is AND (L4); limits compose (L8); the order of calls follows DESIGN's
 * table:
 * before limit, offset, distinct or a set operation a clause extends, after it wraps.
 * **Errors** `StatementError` at the call for an alias used twice, `where` after `groupBy`, a sort
 * key that `distinct` lost, a limit that is negative or not whole.
 * **Source** SQL:2016 part 2, 7.13 query expression; SQLAlchemy 2.0 "SELECT and Related
 * Constructs".
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const query =
 * Query.from(users).where(users.c.name.like("A%")).orderBy(users.c.id.desc()).limit(10)
 * ```
 * @category models
 */
export interface Select<Row, R, S extends string> extends Statement<Row, R>, Pipeable {
  readonly [SelectId]: {
    /** Forgetting an inner-joined alias is fine. */
    readonly scope: (_: S) => void
    /** Forgetting that an alias may be absent is not. */
    readonly nullable: Extract<S, `${string}?`>
  }
  readonly node: Relation
  /** Keeps the rows for which the predicate is TRUE; twice is AND. */
  where<R2 extends InScope<S>>(
    predicate: Value<boolean | null, R2>
  ): Select<Row, R | ParamsIn<R2>, S>
  /**
   * Keeps the rows that equal a record: plain columns, and to-one or to-many relations by nesting.
   */
  match(record: MatchOf<Row>): Select<Row, R, S>
  /** INNER JOIN. */
  join<N extends string, R2 extends InScope<S | N>>(
    source: From<N, any>,
    on: Value<boolean | null, R2>
  ): Select<Row, R | ParamsIn<R2>, S | N>
  /** LEFT JOIN: the source is absent where nothing matches. */
  leftJoin<N extends string, R2 extends InScope<S | N>>(
    source: From<N, any>,
    on: Value<boolean | null, R2>
  ): Select<Row, R | ParamsIn<R2>, S | N | `${N}?`>
  /** GROUP BY; called again it adds keys. */
  groupBy<K extends ReadonlyArray<Value<any, InScope<S>>>>(
    ...keys: K
  ): Select<Row, R | ParamsIn<RequiredOf<K[number]>>, S>
  /** Keeps the groups for which the predicate is TRUE. */
  having<R2 extends InScope<S> | Aggregate>(
    predicate: Value<boolean | null, R2>
  ): Select<Row, R | ParamsIn<R2>, S>
  /**
   * Sets what a row of the result is: an expression, a source, or a record of them. A second
   * replaces it.
   */
  select<const P extends ProjectionIn<S>>(
    projection: P
  ): Select<RowIn<P, S>, R | ParamsIn<ProjectionNeeds<P>>, S>
  /** Each row once. */
  distinct(): Select<Row, R, S>
  /** ORDER BY; called again it adds keys. */
  orderBy<K extends ReadonlyArray<SortKey<InScope<S> | Aggregate | Window>>>(
    ...keys: K
  ): Select<Row, R | ParamsIn<SortNeeds<K[number]>>, S>
  /** At most so many of the rows so far. */
  limit(count: number): Select<Row, R, S>
  limit<R2 extends Param<any, any>>(count: Value<number, R2>): Select<Row, R | R2, S>
  /** Without the first so many of the rows so far. */
  offset(count: number): Select<Row, R, S>
  offset<R2 extends Param<any, any>>(count: Value<number, R2>): Select<Row, R | R2, S>
  /** Brings an outer query's alias into scope: the query may then only stand inside that query. */
  correlate<N extends string>(outer: From<N, any>): Select<Row, R | N, S | N>
  /** The rows of both, each once. */
  union<R2>(that: Statement<Row, R2> & { readonly node: Relation }): Select<Row, R | R2, S>
  /** The rows of both. */
  unionAll<R2>(that: Statement<Row, R2> & { readonly node: Relation }): Select<Row, R | R2, S>
  /** The rows in both, each once. */
  intersect<R2>(that: Statement<Row, R2> & { readonly node: Relation }): Select<Row, R | R2, S>
  /** The rows not in the other, each once. */
  except<R2>(that: Statement<Row, R2> & { readonly node: Relation }): Select<Row, R | R2, S>
  /** The query as a table under an alias. */
  as<const N extends string>(alias: N): Derived<N, Fetched<Row>>
  /** The query as a common table expression: WITH name AS (…). */
  cte<const N extends string>(name: N): Derived<N, Fetched<Row>>
  /** The query as one value: NULL without a row. */
  scalar(): Expr<SoleOf<Row> | null, Safe<R>>
  /** Whether the query has a row: never NULL. */
  exists(): Expr<boolean, Safe<R>>
}

const countOf = (count: unknown, clause: string): S.Scalar => {
  if (isExpr(count)) return count.node
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) {
    return refuse(
      `${clause}: ${typeof count === "number" ? count : typeof count} is not a count of rows`
    )
  }
  return S.bound(count, T.count)
}

/** The one class behind `Select`: a relation with methods. */
class Query {
  readonly node: Relation
  constructor(node: Relation) {
    this.node = node
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  where(predicate: Value<any, any>) {
    return new Query(B.where(this.node, nodeOf(predicate, "where"), T.boolean))
  }
  match(record: object) {
    return new Query(match(this.node, record as Readonly<Record<string, unknown>>))
  }
  join(source: From<string, any>, on: Value<any, any>) {
    return new Query(B.join(this.node, "inner", source[FromId].relation, nodeOf(on, "join")))
  }
  leftJoin(source: From<string, any>, on: Value<any, any>) {
    return new Query(B.join(this.node, "left", source[FromId].relation, nodeOf(on, "leftJoin")))
  }
  groupBy(...keys: ReadonlyArray<Value<any, any>>) {
    return new Query(
      B.groupBy(
        this.node,
        keys.map((key) => nodeOf(key, "groupBy"))
      )
    )
  }
  having(predicate: Value<any, any>) {
    return new Query(B.having(this.node, nodeOf(predicate, "having"), T.boolean))
  }
  select(projection: unknown) {
    const { fields, shape } = projectionOf(projection, B.absent(this.node))
    return new Query(B.select(this.node, fields, shape))
  }
  distinct() {
    return new Query(B.distinct(this.node))
  }
  orderBy(...keys: ReadonlyArray<Ordering<any> | Value<any, any>>) {
    if (keys.length === 0) return this
    const sorted = keys.map((key) => (isExpr(key) ? key.asc() : (key as Ordering<any>)))
    return new Query(
      B.orderBy(
        this.node,
        sorted.map((key) => nodeOf(key, "orderBy")),
        sorted.map(({ direction, nulls }) => ({ direction, nulls }))
      )
    )
  }
  limit(count: unknown) {
    return new Query(B.limit(this.node, countOf(count, "limit")))
  }
  offset(count: unknown) {
    return new Query(B.offset(this.node, countOf(count, "offset")))
  }
  correlate(_outer: unknown) {
    return this
  }
  union(that: Query) {
    return this.#combine("union", that)
  }
  unionAll(that: Query) {
    return this.#combine("unionAll", that)
  }
  intersect(that: Query) {
    return this.#combine("intersect", that)
  }
  except(that: Query) {
    return this.#combine("except", that)
  }
  as(alias: string) {
    const from = derivedFrom(this.node, alias)
    return Object.freeze({ [FromId]: from, c: columnsOf(from) })
  }
  cte(name: string) {
    const from = cteFrom(this.node, name)
    return Object.freeze({ [FromId]: from, c: columnsOf(from) })
  }
  scalar() {
    return expr(S.subquery(this.node, soleField(this.node, "scalar").type))
  }
  exists() {
    return expr(S.exists(this.node, T.boolean))
  }
  #combine(op: R.CombineOperator, that: Query) {
    return new Query(combined(op, this.node, that.node))
  }
}

const nodeOf = (value: { readonly node: S.Scalar } | undefined, clause: string): S.Scalar =>
  value === undefined || value === null || value.node === undefined
    ? refuse(`${clause}: ${String(value)} is not an expression`)
    : value.node

/**
 * Columns of the parts are matched by key, so the second part's fields follow the first's order.
 */
const combined = (op: R.CombineOperator, left: Relation, right: Relation): Relation => {
  const first = B.projection(left)
  const second = B.projection(right)
  if (first === null || second === null) return refuse(`${op}: a part selects nothing`)
  const aligned =
    second.shape === first.shape || R.shapeKey(first.shape) === R.shapeKey(second.shape)
      ? right
      : realign(op, right, second, first)
  return left._tag === "Combine" && left.op === op && op !== "except"
    ? R.combine(op, [...left.parts, aligned])
    : R.combine(op, [left, aligned])
}

type Shape = R.Project["shape"]

const leaves = (shape: Shape, path: string, out: Map<string, number>): Map<string, number> => {
  if (shape._tag === "Cell") return out.set(path, shape.index)
  if (shape.presence !== null) out.set(`${path}?`, shape.presence)
  shape.keys.forEach((key, i) => leaves(shape.parts[i]!, `${path}/${JSON.stringify(key)}`, out))
  return out
}

const realign = (op: string, right: Relation, from: R.Project, to: R.Project): Relation => {
  const have = leaves(from.shape, "", new Map())
  const want = leaves(to.shape, "", new Map())
  if (have.size !== want.size || from.fields.length !== to.fields.length) {
    return refuse(`${op}: the parts select ${want.size} and ${have.size} columns`)
  }
  const fields: Array<S.Scalar> = []
  for (const [path, index] of want) {
    const at = have.get(path)
    if (at === undefined)
      return refuse(`${op}: the second part does not select ${path || "the same column"}`)
    fields[index] = from.fields[at]!
  }
  return reproject(right, from, fields, to.shape)
}

const reproject = (
  rel: Relation,
  old: R.Project,
  fields: ReadonlyArray<S.Scalar>,
  shape: Shape
): Relation => {
  switch (rel._tag) {
    case "Project":
      return rel === old ? R.project(rel.self, fields, shape) : rel
    case "Order":
      return R.order(reproject(rel.self, old, fields, shape), rel.keys, rel.directions)
    case "Slice":
      return R.slice(reproject(rel.self, old, fields, shape), rel.limit, rel.offset)
    case "Distinct":
      return R.distinct(reproject(rel.self, old, fields, shape))
    default:
      return refuse(
        "a set operation's second part names its columns in another order than the first"
      )
  }
}

/** A query over a relation. */
export const query = <Row, R, S extends string>(node: Relation): Select<Row, R, S> =>
  new Query(node) as unknown as Select<Row, R, S>

const wholes = new WeakMap<FromNode<string, unknown>, unknown>()

/** A whole row of a source as a query: one value per source. */
export const fromNode = <N extends string, Row>(from: FromNode<N, Row>): Select<Row, never, N> => {
  let made = wholes.get(from)
  if (made === undefined) {
    R.remember(from.relation, from.fields, from.shape)
    wholes.set(from, (made = query(R.project(from.relation, from.fields, from.shape))))
  }
  return made as never
}
