import { bindsOf, bindsOfAll, type Carried, ctesOf, ctesOfAll, intern, keysOfAll, merge, nothing, quoted } from "./carried.ts"
import type { DialectName } from "./Dialect.ts"
import type { RowShape } from "./RowShape.ts"
import type { Scalar } from "./Scalar.ts"
import type { CteSource, DerivedSource, TableSource } from "./Source.ts"

/**
 * A relation denotes, for a database, a list of scopes: each maps an alias to a row, or to the
 * absent row of an outer join. `Project` adds the result row to each scope and keeps its aliases.
 * Only `Order` promises an order, and only to the node above it (`Slice`, or the end).
 *
 * Canonical order of one block, inside out:
 * sources and joins, Filter (where), Group, Filter (having), Project, Distinct, Order, Slice.
 */
export type Relation =
  | Unit | Table | Derived | Cte | Join | Filter | Group | Project | Distinct | Order | Slice | Combine | CustomRelation

/** One scope without aliases: a query without FROM. */
export interface Unit extends Carried {
  readonly _tag: "Unit"
}

/** One scope per row of a base table. */
export interface Table extends Carried {
  readonly _tag: "Table"
  readonly source: TableSource
  readonly alias: string
}

/** One scope per result row of a query. */
export interface Derived extends Carried {
  readonly _tag: "Derived"
  readonly source: DerivedSource
  readonly alias: string
  readonly self: Relation
}

/** One scope per result row of a named query, evaluated once per statement. */
export interface Cte extends Carried {
  readonly _tag: "Cte"
  readonly source: CteSource
  readonly alias: string
}

export type JoinKind = "inner" | "left" | "right" | "full" | "cross"

/**
 * The pairs of scopes for which `on` is TRUE; `left` adds unmatched left scopes with the right
 * aliases absent. Law L10.
 */
export interface Join extends Carried {
  readonly _tag: "Join"
  readonly kind: JoinKind
  readonly left: Relation
  readonly right: Relation
  /** Constant TRUE for a cross join. */
  readonly on: Scalar
}

/** The scopes for which the predicate is TRUE: WHERE, or HAVING above a `Group`. */
export interface Filter extends Carried {
  readonly _tag: "Filter"
  readonly self: Relation
  readonly predicate: Scalar
}

/**
 * One scope per distinct tuple of keys (NULLs alike); aggregates above see its members. Without keys
 * exactly one scope, also of nothing.
 */
export interface Group extends Carried {
  readonly _tag: "Group"
  readonly self: Relation
  readonly keys: ReadonlyArray<Scalar>
}

/** The result row: `shape` builds it from the values of `fields`. */
export interface Project extends Carried {
  readonly _tag: "Project"
  readonly self: Relation
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
}

/** Each result row once, NULLs alike; of the scope only projected expressions stay. */
export interface Distinct extends Carried {
  readonly _tag: "Distinct"
  readonly self: Relation
}

export interface Direction {
  readonly direction: "asc" | "desc"
  /** NULL is the smallest value unless said. */
  readonly nulls: "first" | "last"
}

/** Sorted by the keys in turn; ties in no promised order. */
export interface Order extends Carried {
  readonly _tag: "Order"
  readonly self: Relation
  readonly keys: ReadonlyArray<Scalar>
  readonly directions: ReadonlyArray<Direction>
}

/** Without the first `offset` scopes, at most `limit` of the rest. Law L8. */
export interface Slice extends Carried {
  readonly _tag: "Slice"
  readonly self: Relation
  /** Null is no limit. */
  readonly limit: Scalar | null
  readonly offset: Scalar | null
}

export type CombineOperator = "union" | "unionAll" | "intersect" | "except"

/**
 * Result rows of several queries combined by position; `union`, `intersect` and `except` give each
 * row once. The scope is that of the first part's projected expressions. Left-associative.
 */
export interface Combine extends Carried {
  readonly _tag: "Combine"
  readonly op: CombineOperator
  readonly parts: ReadonlyArray<Relation>
}

/** A user's node over one relation: printed between literal parts per dialect. */
export interface CustomRelation extends Carried {
  readonly _tag: "CustomRelation"
  readonly name: string
  readonly self: Relation
  readonly args: ReadonlyArray<Scalar>
  readonly print: Readonly<Record<DialectName, ReadonlyArray<string> | null>>
}

const freeze = Object.freeze

export const unit: Unit = freeze({ _tag: "Unit", key: "unit", binds: nothing, ctes: nothing })

export const table = (source: TableSource, alias: string): Table =>
  freeze({ _tag: "Table", source, alias, key: `T${source.id}${quoted(alias)}`, binds: nothing, ctes: nothing })

export const derived = (source: DerivedSource, alias: string): Derived => {
  const self = source.query
  return freeze({
    _tag: "Derived", source, alias, self,
    key: `D${quoted(alias)}(${self.key})`, binds: self.binds, ctes: self.ctes
  })
}

/** The body's key and values join the statement once, at its end: see `statementKey`. */
export const cte = (source: CteSource, alias: string): Cte =>
  freeze({
    _tag: "Cte", source, alias,
    key: `C${quoted(source.name)}${quoted(alias)}`, binds: nothing, ctes: merge(source.query.ctes, [source])
  })

export const join = (kind: JoinKind, left: Relation, right: Relation, on: Scalar): Join =>
  freeze({
    _tag: "Join", kind, left, right, on,
    key: `${kind}(${left.key}|${right.key}|${on.key})`,
    binds: bindsOfAll([left, right, on]), ctes: ctesOfAll([left, right, on])
  })

export const filter = (self: Relation, predicate: Scalar): Filter =>
  freeze({
    _tag: "Filter", self, predicate,
    key: `where(${self.key}|${predicate.key})`, binds: bindsOf(self, predicate), ctes: ctesOf(self, predicate)
  })

export const group = (self: Relation, keys: ReadonlyArray<Scalar>): Group =>
  freeze({
    _tag: "Group", self, keys: freeze(keys),
    key: `group(${self.key}|${keysOfAll(keys)})`,
    binds: bindsOfAll([self, ...keys]), ctes: ctesOfAll([self, ...keys])
  })

const prototypes = new WeakMap<object, number>()
let prototypeCount = 0
const prototypeKey = (prototype: object | null): string => {
  if (prototype === null) return ""
  let id = prototypes.get(prototype)
  if (id === undefined) prototypes.set(prototype, id = ++prototypeCount)
  return `^${id}`
}

const shapeKeys = new WeakMap<RowShape, string>()

/** Equal keys mean equal decoders. */
export const shapeKey = (shape: RowShape): string => {
  if (shape._tag === "Cell") return String(shape.index)
  let key = shapeKeys.get(shape)
  if (key === undefined) {
    const parts = shape.keys.map((name, i) => `${quoted(name)}:${shapeKey(shape.parts[i]!)}`).join(",")
    key = intern("s", `{${parts}}${shape.presence === null ? "" : `?${shape.presence}`}${prototypeKey(shape.prototype)}`)
    shapeKeys.set(shape, key)
  }
  return key
}

interface Fields extends Carried {
  readonly shape: RowShape
}

const known = new WeakMap<ReadonlyArray<Scalar>, Fields>()

const fieldsOf = (fields: ReadonlyArray<Scalar>, shape: RowShape): Fields => ({
  shape, binds: bindsOfAll(fields), ctes: ctesOfAll(fields), key: `${keysOfAll(fields)}|${shapeKey(shape)}`
})

/** Remembers a row that is selected again and again, such as the whole row of a table. */
export const remember = (fields: ReadonlyArray<Scalar>, shape: RowShape): void => {
  const made = fieldsOf(fields, shape)
  known.set(fields, { ...made, key: intern("w", made.key) })
}

const carriedBy = (fields: ReadonlyArray<Scalar>, shape: RowShape): Fields => {
  const before = known.get(fields)
  return before !== undefined && before.shape === shape ? before : fieldsOf(fields, shape)
}

export const project = (self: Relation, fields: ReadonlyArray<Scalar>, shape: RowShape): Project => {
  const row = carriedBy(fields, shape)
  return freeze({
    _tag: "Project", self, fields: freeze(fields), shape,
    key: `select(${self.key}|${row.key})`, binds: bindsOf(self, row), ctes: ctesOf(self, row)
  })
}

export const distinct = (self: Relation): Distinct =>
  freeze({ _tag: "Distinct", self, key: `distinct(${self.key})`, binds: self.binds, ctes: self.ctes })

export const order = (
  self: Relation, keys: ReadonlyArray<Scalar>, directions: ReadonlyArray<Direction>
): Order =>
  freeze({
    _tag: "Order", self, keys: freeze(keys), directions: freeze(directions),
    key: `order(${self.key}|${keysOfAll(keys)}${directions.map((d) => `${d.direction}-${d.nulls}`).join()})`,
    binds: bindsOfAll([self, ...keys]), ctes: ctesOfAll([self, ...keys])
  })

export const slice = (self: Relation, limit: Scalar | null, offset: Scalar | null): Slice => {
  const kids: Array<Carried> = [self]
  if (limit !== null) kids.push(limit)
  if (offset !== null) kids.push(offset)
  return freeze({
    _tag: "Slice", self, limit, offset,
    key: `slice(${self.key}|${limit?.key ?? ""}|${offset?.key ?? ""})`,
    binds: bindsOfAll(kids), ctes: ctesOfAll(kids)
  })
}

export const combine = (op: CombineOperator, parts: ReadonlyArray<Relation>): Combine =>
  freeze({
    _tag: "Combine", op, parts: freeze(parts),
    key: `${op}(${keysOfAll(parts)})`, binds: bindsOfAll(parts), ctes: ctesOfAll(parts)
  })

export const customRelation = (
  name: string, self: Relation, args: ReadonlyArray<Scalar>, print: CustomRelation["print"]
): CustomRelation =>
  freeze({
    _tag: "CustomRelation", name, self, args: freeze(args), print,
    key: `custom${quoted(name)}${JSON.stringify(print)}(${self.key}|${keysOfAll(args)})`,
    binds: bindsOfAll([self, ...args]), ctes: ctesOfAll([self, ...args])
  })
