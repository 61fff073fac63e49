import { pipeArguments } from "effect/Pipeable"
import * as B from "./block.ts"
import { expr, isExpr, type Ordering, soleField } from "./Expression.ts"
import { type From, FromId, type FromNode } from "./From.ts"
import { beneath, relocked } from "./lock.ts"
import { type Groupings, isGroupings } from "./Groupings.ts"
import { Keyed, KeyedId, withBinds } from "./keyed.ts"
import { match } from "./match.ts"
import { distinctOn } from "./distinctOn.ts"
import { extended, projectionOf } from "./projection.ts"
import { foreignOn } from "./foreignJoin.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import { countOf, shareOf } from "./countOfRows.ts"
import * as S from "./Scalar.ts"
import type { LimitOptions, LockOptions, Select } from "./Select.ts"
import { combined } from "./setOperation.ts"
import { refuse } from "./StatementError.ts"
import { printable } from "./statementText.ts"
import { columnsOf, cteFrom, type CteOptions, derivedFrom } from "./derived.ts"
import * as T from "./types.ts"
import type { Value } from "./Value.ts"

/** Conditions said one after the other, the last one first. */
interface Held {
  readonly predicate: S.Scalar
  readonly before: Held | null
}

const inOrder = (held: Held): ReadonlyArray<S.Scalar> => {
  const out: Array<S.Scalar> = []
  for (let at: Held | null = held; at !== null; at = at.before) out.push(at.predicate)
  return out.reverse()
}

type Keys = Map<string, string>

/** A program has few conditions, but who may choose them may choose many. */
const most = 256

/** Looking up a long key that was just put together costs more than it saves. */
const longest = 100

const none: ReadonlyArray<unknown> = Object.freeze([])

/** The whole rows of a source, which most queries replace by what they select. */
type Rows = Pick<R.Project, "fields" | "shape">

/** An order said of whole rows. */
type Sorted = Pick<R.Order, "keys" | "directions">

/** The one class behind `Select`: a relation with methods. */
class Query {
  #node: Relation
  /** Projected when somebody asks for the node, above what is joined and filtered until then. */
  readonly #rows: Rows | null
  /** Above the rows, and like them not said while something else may be selected instead. */
  readonly #sorted: Sorted | null
  #whole: Relation | null = null
  /**
   * After a `where` that was not refused no other is, so further ones wait until somebody asks for
   * the node: in a loop each condition would make all that stands above it anew.
   */
  readonly #filtered: boolean
  #held: Held | null
  /** Of the rows of one source, whole: the keys of what is asked of them, by their conditions'. */
  readonly #keys: Keys | null
  constructor(
    node: Relation,
    rows: Rows | null = null,
    filtered = false,
    held: Held | null = null,
    keys: Keys | null = null,
    sorted: Sorted | null = null
  ) {
    this.#node = node
    this.#rows = rows
    this.#sorted = sorted
    this.#filtered = filtered
    this.#held = held
    this.#keys = keys
  }
  get node(): Relation {
    const rows = this.#rows
    if (rows === null) return this.#below()
    return (this.#whole ??= inOrderOf(
      R.project(this.#below(), rows.fields, rows.shape),
      this.#sorted
    ))
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  where(predicate: Value<any, any>) {
    const said = nodeOf(predicate, "where")
    // Of whole rows no condition is refused, so even the first may wait.
    if (!this.#filtered && this.#rows === null)
      return new Query(filteredBy(this.#node, [said]), null, true)
    const held = { predicate: said, before: this.#held }
    return new Query(this.#node, this.#rows, true, held, this.#keys, this.#sorted)
  }
  [KeyedId]() {
    const held = this.#held
    const keys = this.#keys
    if (held === null || keys === null || held.before !== null) return null
    const { predicate } = held
    if (predicate.ctes.length > 0 || predicate.key.length > longest) return null
    const values = withBinds(none, predicate.binds)
    if (values === null) return null
    let key = keys.get(predicate.key)
    if (key === undefined) {
      key = this.node.key
      if (keys.size < most) keys.set(predicate.key, key)
    }
    return new Keyed(key, values, this)
  }
  match(record: object) {
    return this.#beneath((self) => match(self, record as Readonly<Record<string, unknown>>))
  }
  join(...side: Side) {
    return this.#join("inner", "join", side)
  }
  leftJoin(...side: Side) {
    return this.#join("left", "leftJoin", side)
  }
  rightJoin(...side: Side) {
    return this.#join("right", "rightJoin", side)
  }
  fullJoin(...side: Side) {
    return this.#join("full", "fullJoin", side)
  }
  crossJoin(source: From<string, any>) {
    return this.#join("cross", "crossJoin", [source, always])
  }
  joinLateral(...side: Side) {
    return side.length === 1
      ? this.#join("cross", "joinLateral", [side[0], always], true)
      : this.#join("inner", "joinLateral", side, true)
  }
  leftJoinLateral(...side: Side) {
    const given: Side = side.length === 1 ? [side[0], always] : side
    return this.#join("left", "leftJoinLateral", given, true)
  }
  groupBy(...keys: ReadonlyArray<Value<any, any> | Groupings<any>>) {
    const [first] = keys
    if (first !== undefined && isGroupings(first))
      return this.#beneath((self) => B.groupBy(self, first.keys, first.sets))
    const nodes = keys.map((key) => nodeOf(key as Value<any, any>, "groupBy"))
    return this.#beneath((self) => B.groupBy(self, nodes))
  }
  having(predicate: Value<any, any>) {
    const node = nodeOf(predicate, "having")
    return this.#beneath((self) => B.having(self, node, T.boolean))
  }
  select(projection: unknown) {
    const selected = (self: Relation): Relation => {
      const { fields, shape } = projectionOf(projection, B.absent(self))
      return B.select(self, fields, shape)
    }
    return this.#rows === null
      ? this.#beneath(selected)
      : new Query(inOrderOf(selected(this.#below()), this.#sorted))
  }
  extend(columns: object) {
    return this.#beneath((self) => {
      const before = B.projection(self) ?? refuse("extend: the query selects nothing yet")
      const { fields, shape } = extended(before, columns, B.absent(self))
      return B.select(self, fields, shape)
    })
  }
  distinct() {
    return this.#beneath(B.distinct)
  }
  distinctOn(...keys: ReadonlyArray<Value<any, any>>) {
    const nodes = keys.map((key) => nodeOf(key, "distinctOn"))
    return this.#beneath((self) => distinctOn(self, nodes))
  }
  orderBy(...keys: ReadonlyArray<Ordering<any> | Value<any, any>>) {
    if (keys.length === 0) return this
    const nodes: Array<S.Scalar> = []
    const directions: Array<R.Direction> = []
    for (const key of keys) {
      const sort = isExpr(key) ? key.asc() : (key as Ordering<any>)
      nodes.push(nodeOf(sort, "orderBy"))
      directions.push({ direction: sort.direction, nulls: sort.nulls })
    }
    if (this.#rows === null || this.#sorted !== null)
      return this.#beneath((self) => B.orderBy(self, nodes, directions))
    const sorted = { keys: nodes, directions }
    return new Query(this.#below(), this.#rows, this.#filtered, null, null, sorted)
  }
  limit(count: unknown, { percent = false, ties = false }: LimitOptions = {}) {
    if (percent) return this.#beneath((self) => B.limitPercent(self, shareOf(count), ties))
    return this.#beneath((self) => B.limit(self, countOf(count, "limit"), ties))
  }
  offset(count: unknown) {
    return this.#beneath((self) => B.offset(self, countOf(count, "offset")))
  }
  correlate(_outer: unknown) {
    return this
  }
  lock(strength: R.LockStrength = "update", { of = [], wait }: LockOptions<string> = {}) {
    const aliases = of.map((one) => one[FromId].alias)
    return new Query(relocked(this.node, { strength, wait: wait ?? null, of: aliases }))
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
  intersectAll(that: Query) {
    return this.#combine("intersectAll", that)
  }
  except(that: Query) {
    return this.#combine("except", that)
  }
  exceptAll(that: Query) {
    return this.#combine("exceptAll", that)
  }
  as(alias: string) {
    const from = derivedFrom(this.node, alias)
    return Object.freeze({ [FromId]: from, c: columnsOf(from) })
  }
  cte(name: string, options: CteOptions = {}) {
    const from = cteFrom(this.node, name, options.materialized ?? null)
    return Object.freeze({ [FromId]: from, c: columnsOf(from) })
  }
  scalar() {
    return expr(S.subquery(this.node, soleField(this.node, "scalar").type))
  }
  exists() {
    return expr(S.exists(this.node, T.boolean))
  }
  #join(kind: R.JoinKind, asked: string, [source, ...said]: Side, lateral = false) {
    const from = source[FromId]
    const joined = (self: Relation): Relation => {
      // Only a condition nobody says is looked for: one that is undefined is a mistake.
      const on = said.length === 0 ? foreignOn(self, from, asked) : nodeOf(said[0], asked)
      return B.join(self, { kind, right: from.relation, on, lateral })
    }
    if (this.#rows === null) return this.#beneath(joined)
    const below = joined(this.#below())
    return B.fillsLeft(kind)
      ? new Query(inOrderOf(below, this.#sorted))
      : new Query(below, this.#rows, false, null, null, this.#sorted)
  }
  /** What waits is said, but the whole rows are not. */
  #below(): Relation {
    const held = this.#held
    if (held !== null) {
      this.#node = filteredBy(this.#node, inOrder(held))
      this.#held = null
    }
    return this.#node
  }
  #beneath(clause: (self: Relation) => Relation) {
    return new Query(beneath(this.node, clause))
  }
  #combine(op: R.CombineOperator, that: Query) {
    return new Query(combined(op, this.node, that.node))
  }
}
printable(Query.prototype)

const filteredBy = (node: Relation, predicates: ReadonlyArray<S.Scalar>): Relation =>
  beneath(node, (self) => B.where(self, predicates, T.boolean))

const inOrderOf = (node: Relation, sorted: Sorted | null): Relation =>
  sorted === null ? node : R.order(node, sorted.keys, sorted.directions)

/** What a join is given: a source, and its condition where one is said. */
type Side = readonly [source: From<string, any>, on?: Value<any, any>]

const always = expr<boolean, never>(S.constant(true, T.boolean))

const nodeOf = (value: { readonly node: S.Scalar } | undefined, clause: string): S.Scalar =>
  value === undefined || value === null || value.node === undefined
    ? refuse(`${clause}: ${String(value)} is not an expression`)
    : value.node

/** A query over a relation. */
export const query = <Row, R, S extends string>(node: Relation): Select<Row, R, S> =>
  new Query(node) as unknown as Select<Row, R, S>

const wholes = new WeakMap<FromNode<string, unknown>, unknown>()

/** A whole row of a source as a query: one value per source. */
export const fromNode = <N extends string, Row>(from: FromNode<N, Row>): Select<Row, never, N> => {
  let made = wholes.get(from)
  if (made === undefined) {
    R.remember(from.relation, from.fields, from.shape)
    const keys: Keys | null = from.relation._tag === "Table" ? new Map() : null
    wholes.set(from, (made = new Query(from.relation, from, false, null, keys)))
  }
  return made as never
}
