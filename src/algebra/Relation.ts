import {
  bindsOf,
  bindsOfAll,
  ctesOf,
  ctesOfAll,
  intern,
  keysOfAll,
  merge,
  nothing,
  quoted,
  tablesKey
} from "./carried.ts"
import type { RowShape } from "./RowShape.ts"
import { directionsKey } from "./Scalar.ts"
import type {
  CalledTable,
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
  DistinctOn,
  Filter,
  Group,
  Hint,
  HintForm,
  Join,
  JoinKind,
  Lock,
  LockStrength,
  LockWait,
  Order,
  Project,
  Recursion,
  Relation,
  Sample,
  Scalar,
  SelfSource,
  Slice,
  Table,
  TableFunction,
  TableFunctionName,
  TableSource,
  Unit,
  Values,
  ValuesRow
} from "./nodes.ts"

export type {
  CalledTable,
  DialectText,
  Combine,
  CombineOperator,
  Cte,
  CustomRelation,
  Derived,
  Direction,
  Distinct,
  DistinctOn,
  Filter,
  Group,
  Hint,
  HintForm,
  Join,
  JoinKind,
  Lock,
  LockStrength,
  LockWait,
  Order,
  Project,
  Recursion,
  Relation,
  Sample,
  Slice,
  Table,
  TableFunction,
  TableFunctionName,
  Unit,
  Values,
  ValuesRow
} from "./nodes.ts"

const freeze = Object.freeze

export const unit: Unit = freeze({ _tag: "Unit", key: "unit", binds: nothing, ctes: nothing })

export const table = (source: TableSource, alias: string, only = false): Table =>
  freeze({
    _tag: "Table",
    source,
    alias,
    only,
    key: `T${source.id}${quoted(alias)}${only ? "!" : ""}`,
    binds: nothing,
    ctes: nothing
  })

/** The rows of a source: of what its class is over, where it has none of its own. */
export const rows = (source: TableSource, alias: string): Table | Derived => {
  const said = source.over?.said ?? source
  return said._tag === "TableSource" ? table(said, alias) : derived(said, alias)
}

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

/**
 * The body's key and values join the statement once, at its end: see `statementKey`. What a step
 * reads of itself is part of the recursion around it.
 */
export const cte = (source: CteSource | SelfSource, alias: string): Cte =>
  freeze({
    _tag: "Cte",
    source,
    alias,
    key: `C${quoted(source.name)}${quoted(alias)}`,
    binds: nothing,
    ctes: source._tag === "CteSource" ? merge(source.query.ctes, [source]) : nothing
  })

export const join = (
  kind: JoinKind,
  left: Relation,
  right: Relation,
  on: Scalar,
  lateral = false
): Join => {
  const below = [left, right, on]
  return freeze({
    _tag: "Join",
    kind,
    lateral,
    left,
    right,
    on,
    key: `${kind}${lateral ? " lateral" : ""}(${left.key}|${right.key}|${on.key})`,
    binds: bindsOfAll(below),
    ctes: ctesOfAll(below)
  })
}

/** Keys over a part that lives long, by the key of the other part: made and hashed once. */
type Keys = Map<string, string>

/** A program has few conditions, but who may choose them may choose many. */
const most = 256

/** Looking up a long key that was just put together costs more than it saves. */
const longest = 100

const filterKeys = new WeakMap<Relation, Keys>()

const filterKey = (self: Relation, predicate: Scalar): string => {
  const keys = predicate.key.length > longest ? undefined : filterKeys.get(self)
  let key = keys?.get(predicate.key)
  if (key === undefined) {
    key = `where(${self.key}|${predicate.key})`
    if (keys !== undefined && keys.size < most) keys.set(predicate.key, key)
  }
  return key
}

export const filter = (self: Relation, predicate: Scalar): Filter =>
  freeze({
    _tag: "Filter",
    self,
    predicate,
    key: filterKey(self, predicate),
    binds: bindsOf(self, predicate),
    ctes: ctesOf(self, predicate)
  })

export const group = (
  self: Relation,
  keys: ReadonlyArray<Scalar>,
  sets: Group["sets"] = null
): Group =>
  freeze({
    _tag: "Group",
    self,
    keys: freeze(keys),
    sets: freeze(sets),
    key: `group(${self.key}|${keysOfAll(keys)}${sets === null ? "" : JSON.stringify(sets)})`,
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

type RecordShape = Extract<RowShape, { readonly _tag: "Record" }>

const shapeKeys = new WeakMap<RowShape, string>()

/** A record of so few keys is sooner read than remembered, and forgotten, by the collector. */
const few = 8

/** Equal keys mean equal decoders. */
export const shapeKey = (shape: RowShape): string => {
  if (shape._tag === "Cell") return String(shape.index)
  if (shape.keys.length <= few && shape.prototype === null) return recordKey(shape)
  let key = shapeKeys.get(shape)
  if (key === undefined) shapeKeys.set(shape, (key = recordKey(shape)))
  return key
}

const recordKey = ({ keys, parts, presence, prototype }: RecordShape): string => {
  let text = ""
  for (let i = 0; i < keys.length; i++)
    text += `${i === 0 ? "" : ","}${quoted(keys[i]!)}:${shapeKey(parts[i]!)}`
  const whole = `{${text}}${presence ?? ""}${prototypeKey(prototype)}`
  // A short one is its own stand-in: a table of them would grow with each new record.
  return whole.length > longest ? intern("s", whole) : `s${whole}`
}

interface Fields extends Carried {
  readonly shape: RowShape
  /** Keys of projections of this row, by the key of what is projected; null for a passing row. */
  readonly keys: Keys | null
}

const known = new WeakMap<ReadonlyArray<Scalar>, Fields>()

const fieldsOf = (fields: ReadonlyArray<Scalar>, shape: RowShape): Fields => ({
  shape,
  binds: bindsOfAll(fields),
  ctes: ctesOfAll(fields),
  key: `${keysOfAll(fields)}|${shapeKey(shape)}`,
  keys: null
})

/** Remembers a source whose whole row is selected again and again, such as a table. */
export const remember = (self: Relation, fields: ReadonlyArray<Scalar>, shape: RowShape): void => {
  const made = fieldsOf(freeze(fields), shape)
  known.set(fields, { ...made, key: intern("w", made.key), keys: new Map() })
  filterKeys.set(self, new Map())
}

const carriedBy = (fields: ReadonlyArray<Scalar>, shape: RowShape): Fields => {
  const before = known.get(fields)
  return before !== undefined && before.shape === shape ? before : fieldsOf(fields, shape)
}

const projectKey = (self: Relation, row: Fields): string => {
  const keys = self.key.length > longest ? null : row.keys
  let key = keys?.get(self.key)
  if (key === undefined) {
    key = `select(${self.key}|${row.key})`
    if (keys !== null && keys.size < most) keys.set(self.key, key)
  }
  return key
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
    fields: row.keys === null ? freeze(fields) : fields,
    shape,
    key: projectKey(self, row),
    binds: bindsOf(self, row),
    ctes: ctesOf(self, row)
  })
}

/**
 * A projection over other children. A whole row whose columns are those of another source keeps the
 * key it is remembered by, where it is the same.
 */
export const projectAgain = (
  node: Project,
  self: Relation,
  fields: ReadonlyArray<Scalar>
): Project => {
  const before = fields === node.fields ? undefined : known.get(node.fields)
  if (before !== undefined && before.shape === node.shape && !known.has(fields)) {
    const made = fieldsOf(freeze(fields), node.shape)
    if (intern("w", made.key) === before.key)
      known.set(fields, { ...made, key: before.key, keys: new Map() })
  }
  return project(self, fields, node.shape)
}

export const distinct = (self: Relation): Distinct =>
  freeze({
    _tag: "Distinct",
    self,
    key: `distinct(${self.key})`,
    binds: self.binds,
    ctes: self.ctes
  })

export const distinctOn = (self: Relation, keys: number): DistinctOn =>
  freeze({
    _tag: "DistinctOn",
    self,
    keys,
    key: `distinct${keys}(${self.key})`,
    binds: self.binds,
    ctes: self.ctes
  })

export const order = (
  self: Relation,
  keys: ReadonlyArray<Scalar>,
  directions: ReadonlyArray<Direction>
): Order => {
  const below = [self, ...keys]
  return freeze({
    _tag: "Order",
    self,
    keys: freeze(keys),
    directions: freeze(directions),
    key: `order(${self.key}|${keysOfAll(keys)}${directionsKey(directions)})`,
    binds: bindsOfAll(below),
    ctes: ctesOfAll(below)
  })
}

export const slice = (
  self: Relation,
  limit: Scalar | null,
  offset: Scalar | null,
  ties = false,
  percent = false
): Slice => {
  const kids: Array<Carried> = [self]
  if (limit !== null) kids.push(limit)
  if (offset !== null) kids.push(offset)
  const marks = `${ties ? "!" : ""}${percent ? "%" : ""}`
  return freeze({
    _tag: "Slice",
    self,
    limit,
    offset,
    ties,
    percent,
    key: `slice${marks}(${self.key}|${limit?.key ?? ""}|${offset?.key ?? ""})`,
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

export const recursion = (
  source: SelfSource,
  base: Relation,
  step: Relation,
  distinct: boolean
): Recursion =>
  freeze({
    _tag: "Recursion",
    source,
    base,
    step,
    distinct,
    key: `recursion${distinct ? "!" : ""}(${base.key}|${step.key})`,
    binds: bindsOf(base, step),
    ctes: ctesOf(base, step)
  })

export const lock = (
  self: Relation,
  strength: LockStrength,
  wait: LockWait | null,
  of: ReadonlyArray<string>
): Lock =>
  freeze({
    _tag: "Lock",
    self,
    strength,
    wait,
    of: freeze(of),
    key: `lock(${self.key}|${strength}|${wait ?? ""}|${of.map(quoted).join(",")})`,
    binds: self.binds,
    ctes: self.ctes
  })

export const hint = (self: Relation, form: HintForm): Hint =>
  freeze({
    _tag: "Hint",
    self,
    hint: freeze(form),
    key: `hint(${self.key}|${JSON.stringify(form)})`,
    binds: self.binds,
    ctes: self.ctes
  })
/** Equal keys mean equal types and as many rows. */
export const values = (row: ValuesRow, cells: ReadonlyArray<Scalar>): Values =>
  freeze({
    _tag: "Values",
    row,
    cells: freeze(cells),
    key:
      `values(${keysOfAll(row.fields)}|${shapeKey(row.shape)}|${keysOfAll(cells)})` +
      (row.unique === undefined ? "" : `unique(${row.unique.map(quoted).join()})`),
    binds: bindsOfAll(cells),
    ctes: ctesOfAll(cells)
  })

/** Equal keys mean equal columns, and the same function. */
export const tableFunction = (
  name: TableFunctionName,
  args: ReadonlyArray<Scalar>,
  row: ValuesRow,
  called: CalledTable | null = null
): TableFunction =>
  freeze({
    _tag: "TableFunction",
    name,
    args: freeze(args),
    row,
    called,
    key:
      `rows ${name}${called === null ? "" : calledKey(called)}` +
      `(${keysOfAll(row.fields)}|${shapeKey(row.shape)}|${keysOfAll(args)})`,
    binds: bindsOfAll(args),
    ctes: ctesOfAll(args)
  })

const calledKey = ({ bare, declares, names, tables }: CalledTable): string =>
  JSON.stringify([names, declares, bare]) + tablesKey(tables)

export const sample = (
  self: Relation,
  method: Sample["method"],
  percent: Scalar,
  seed: Scalar | null
): Sample => {
  const kids: ReadonlyArray<Carried> = seed === null ? [self, percent] : [self, percent, seed]
  return freeze({
    _tag: "Sample",
    method,
    self,
    percent,
    seed,
    key: `sample ${method}(${self.key}|${percent.key}|${seed?.key ?? ""})`,
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  })
}

export const customRelation = (
  name: string,
  self: Relation,
  args: ReadonlyArray<Scalar>,
  print: CustomRelation["print"],
  replaces = false,
  tables: CustomRelation["tables"] = null
): CustomRelation =>
  freeze({
    _tag: "CustomRelation",
    name,
    self,
    args: freeze(args),
    print,
    replaces,
    tables,
    key:
      `${replaces ? "raw" : "custom"}${quoted(name)}${JSON.stringify(print)}` +
      `(${self.key}|${keysOfAll(args)})${tablesKey(tables)}`,
    binds: bindsOfAll([self, ...args]),
    ctes: ctesOfAll([self, ...args])
  })
