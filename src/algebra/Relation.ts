import {
  bindsOf,
  bindsOfAll,
  ctesOf,
  ctesOfAll,
  intern,
  keysOfAll,
  merge,
  nothing,
  quoted
} from "./carried.ts"
import type { RowShape } from "./RowShape.ts"
import type {
  Carried,
  Combine,
  CombineOperator,
  Cte,
  CteSource,
  CustomRelation,
  Derived,
  DerivedSource,
  Direction,
  Distinct,
  Filter,
  Group,
  Join,
  JoinKind,
  Order,
  Project,
  Relation,
  Scalar,
  Slice,
  Table,
  TableSource,
  Unit
} from "./nodes.ts"

export type {
  Combine,
  CombineOperator,
  Cte,
  CustomRelation,
  Derived,
  Direction,
  Distinct,
  Filter,
  Group,
  Join,
  JoinKind,
  Order,
  Project,
  Relation,
  Slice,
  Table,
  Unit
} from "./nodes.ts"

const freeze = Object.freeze

export const unit: Unit = freeze({ _tag: "Unit", key: "unit", binds: nothing, ctes: nothing })

export const table = (source: TableSource, alias: string): Table =>
  freeze({
    _tag: "Table",
    source,
    alias,
    key: `T${source.id}${quoted(alias)}`,
    binds: nothing,
    ctes: nothing
  })

export const derived = (source: DerivedSource, alias: string): Derived => {
  const self = source.query
  return freeze({
    _tag: "Derived",
    source,
    alias,
    self,
    key: `D${quoted(alias)}(${self.key})`,
    binds: self.binds,
    ctes: self.ctes
  })
}

/** The body's key and values join the statement once, at its end: see `statementKey`. */
export const cte = (source: CteSource, alias: string): Cte =>
  freeze({
    _tag: "Cte",
    source,
    alias,
    key: `C${quoted(source.name)}${quoted(alias)}`,
    binds: nothing,
    ctes: merge(source.query.ctes, [source])
  })

export const join = (kind: JoinKind, left: Relation, right: Relation, on: Scalar): Join =>
  freeze({
    _tag: "Join",
    kind,
    left,
    right,
    on,
    key: `${kind}(${left.key}|${right.key}|${on.key})`,
    binds: bindsOfAll([left, right, on]),
    ctes: ctesOfAll([left, right, on])
  })

export const filter = (self: Relation, predicate: Scalar): Filter =>
  freeze({
    _tag: "Filter",
    self,
    predicate,
    key: `where(${self.key}|${predicate.key})`,
    binds: bindsOf(self, predicate),
    ctes: ctesOf(self, predicate)
  })

export const group = (self: Relation, keys: ReadonlyArray<Scalar>): Group =>
  freeze({
    _tag: "Group",
    self,
    keys: freeze(keys),
    key: `group(${self.key}|${keysOfAll(keys)})`,
    binds: bindsOfAll([self, ...keys]),
    ctes: ctesOfAll([self, ...keys])
  })

const prototypes = new WeakMap<object, number>()
let prototypeCount = 0
const prototypeKey = (prototype: object | null): string => {
  if (prototype === null) return ""
  let id = prototypes.get(prototype)
  if (id === undefined) prototypes.set(prototype, (id = ++prototypeCount))
  return `^${id}`
}

const shapeKeys = new WeakMap<RowShape, string>()

/** Equal keys mean equal decoders. */
export const shapeKey = (shape: RowShape): string => {
  if (shape._tag === "Cell") return String(shape.index)
  let key = shapeKeys.get(shape)
  if (key === undefined) {
    const parts = shape.keys
      .map((name, i) => `${quoted(name)}:${shapeKey(shape.parts[i]!)}`)
      .join(",")
    key = intern("s", `{${parts}}${shape.presence ?? ""}${prototypeKey(shape.prototype)}`)
    shapeKeys.set(shape, key)
  }
  return key
}

interface Fields extends Carried {
  readonly shape: RowShape
}

const known = new WeakMap<ReadonlyArray<Scalar>, Fields>()

const fieldsOf = (fields: ReadonlyArray<Scalar>, shape: RowShape): Fields => ({
  shape,
  binds: bindsOfAll(fields),
  ctes: ctesOfAll(fields),
  key: `${keysOfAll(fields)}|${shapeKey(shape)}`
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

export const project = (
  self: Relation,
  fields: ReadonlyArray<Scalar>,
  shape: RowShape
): Project => {
  const row = carriedBy(fields, shape)
  return freeze({
    _tag: "Project",
    self,
    fields: freeze(fields),
    shape,
    key: `select(${self.key}|${row.key})`,
    binds: bindsOf(self, row),
    ctes: ctesOf(self, row)
  })
}

export const distinct = (self: Relation): Distinct =>
  freeze({
    _tag: "Distinct",
    self,
    key: `distinct(${self.key})`,
    binds: self.binds,
    ctes: self.ctes
  })

const directionKey = ({ direction, nulls }: Direction): string => `${direction}-${nulls}`

export const order = (
  self: Relation,
  keys: ReadonlyArray<Scalar>,
  directions: ReadonlyArray<Direction>
): Order =>
  freeze({
    _tag: "Order",
    self,
    keys: freeze(keys),
    directions: freeze(directions),
    key: `order(${self.key}|${keysOfAll(keys)}${directions.map(directionKey).join()})`,
    binds: bindsOfAll([self, ...keys]),
    ctes: ctesOfAll([self, ...keys])
  })

export const slice = (self: Relation, limit: Scalar | null, offset: Scalar | null): Slice => {
  const kids: Array<Carried> = [self]
  if (limit !== null) kids.push(limit)
  if (offset !== null) kids.push(offset)
  return freeze({
    _tag: "Slice",
    self,
    limit,
    offset,
    key: `slice(${self.key}|${limit?.key ?? ""}|${offset?.key ?? ""})`,
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  })
}

export const combine = (op: CombineOperator, parts: ReadonlyArray<Relation>): Combine =>
  freeze({
    _tag: "Combine",
    op,
    parts: freeze(parts),
    key: `${op}(${keysOfAll(parts)})`,
    binds: bindsOfAll(parts),
    ctes: ctesOfAll(parts)
  })

export const customRelation = (
  name: string,
  self: Relation,
  args: ReadonlyArray<Scalar>,
  print: CustomRelation["print"]
): CustomRelation =>
  freeze({
    _tag: "CustomRelation",
    name,
    self,
    args: freeze(args),
    print,
    key: `custom${quoted(name)}${JSON.stringify(print)}(${self.key}|${keysOfAll(args)})`,
    binds: bindsOfAll([self, ...args]),
    ctes: ctesOfAll([self, ...args])
  })
