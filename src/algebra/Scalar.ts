import {
  bindsOf,
  bindsOfAll,
  ctesOf,
  ctesOfAll,
  intern,
  keysOfAll,
  nothing,
  quoted,
  tablesKey
} from "./carried.ts"
import type { Generator } from "./Generator.ts"
import { chained, flat } from "./junction.ts"
import { saidFor } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import type {
  And,
  Arith,
  Arithmetic,
  Between,
  Bound,
  BoundList,
  Call,
  Case,
  Cast,
  Compare,
  Comparison,
  Constant,
  ColumnNode,
  CustomScalar,
  Default,
  Exists,
  FunctionName,
  Generated,
  InList,
  InQuery,
  IsNull,
  Like,
  Named,
  Negate,
  Not,
  Or,
  Presence,
  Quantifier,
  Raw,
  Ref,
  Relation,
  Scalar,
  Source,
  Subquery,
  Tuple,
  TableSource
} from "./nodes.ts"

export type {
  Aggregate,
  AggregateName,
  And,
  Arith,
  Arithmetic,
  Between,
  BitOperator,
  Bound,
  BoundList,
  Call,
  Case,
  Cast,
  ClockPart,
  ClockUnit,
  Compare,
  Comparison,
  Constant,
  CustomScalar,
  DayPart,
  DayUnit,
  Default,
  Direction,
  Exists,
  Frame,
  FrameBound,
  FunctionName,
  Generated,
  Grouping,
  InList,
  InQuery,
  IsNull,
  JsonAt,
  JsonEdit,
  Like,
  Named,
  Negate,
  Not,
  Or,
  Presence,
  Quantifier,
  Raw,
  Ref,
  Scalar,
  Subquery,
  Tuple,
  VolatileName,
  Window,
  WindowCall,
  WindowName
} from "./nodes.ts"

export { jsonAt, jsonEdit } from "./documents.ts"
export { isDrawn, isVolatile } from "./volatile.ts"

export {
  aggregate,
  directionsKey,
  grouping,
  type Modifiers,
  type Over,
  overKey,
  window,
  windowCall
} from "./overRows.ts"

const freeze = Object.freeze

export const ref = (
  alias: string,
  source: Source,
  path: ReadonlyArray<string>,
  type: AnyType
): Ref =>
  freeze({
    _tag: "Ref",
    alias,
    source: saidFor(source),
    path,
    type,
    key: intern("r", JSON.stringify([alias, path])),
    binds: nothing,
    ctes: nothing
  })

export const presence = (
  alias: string,
  source: Source,
  path: ReadonlyArray<string>,
  boolean: AnyType
): Presence =>
  freeze({
    _tag: "Presence",
    alias,
    source: saidFor(source),
    path,
    type: boolean,
    key: intern("p", JSON.stringify([alias, path])),
    binds: nothing,
    ctes: nothing
  })

/**
 * Makes a plain object without a literal, and its list as a copy: V8 counts how long what one
 * literal makes lives. After a bulk insert it would make all that follow in old space, where each
 * keeps its statement until the next full sweep, and sweeps take a hundred times as long.
 */
function Lifted(this: Mutable, value: unknown, type: AnyType, key: string): void {
  this._tag = "Bound"
  this.value = value
  this.type = type
  this.key = key
  this.binds = place.slice()
  this.ctes = nothing
}
Lifted.prototype = Object.prototype

type Mutable = { -readonly [K in keyof Bound]: Bound[K] }
const place: ReadonlyArray<Bound> = [null as never]
const makeBound = Lifted as unknown as new (value: unknown, type: AnyType, key: string) => Bound

/** The key of a bound value; whoever made it before may hand it to `bound`. */
export const boundKey = (type: AnyType): string => `?${type.key}`

export const bound = (value: unknown, type: AnyType, key: string = boundKey(type)): Bound => {
  if (value === undefined)
    refuse("a bound value is undefined: use null, or leave the condition out")
  const node = new makeBound(value, type, key)
  ;(node.binds as Array<Bound>)[0] = node
  return freeze(node)
}

/** The parameters one statement takes, on SQLite and elsewhere: lists so long are not refused. */
const full = [32_766, 65_535]

/** Lists of one size class share a text: sizes are rounded up to a power of two. */
export const listClass = (length: number): number => {
  if (length === 0) return 0
  const size = 2 ** Math.ceil(Math.log2(length))
  return full.find((most) => length <= most && most < size && size <= most + 2) ?? size
}

export const boundList = (values: ReadonlyArray<unknown>, type: AnyType): BoundList => {
  for (const value of values) {
    if (value === undefined || value === null) {
      refuse(
        `a list for IN holds ${String(value)}: lists hold values only, test for null with isNull()`
      )
    }
  }
  const binds: Array<Bound> = []
  const node: BoundList = freeze({
    _tag: "BoundList",
    values: freeze([...values]),
    type,
    // The empty list is a constant; whether other lengths have texts of their own is a dialect's
    // matter, and its cache's.
    key: `?${type.key}[${values.length === 0 ? 0 : ""}]`,
    binds,
    ctes: nothing
  })
  binds.push(node as unknown as Bound)
  return node
}

export const named = (name: string, type: AnyType): Named =>
  freeze({
    _tag: "Named",
    name,
    type,
    key: `:${quoted(name)}${type.key}`,
    binds: nothing,
    ctes: nothing
  })

const generatorIds = new WeakMap<object, number>()
let generators = 0
const generatorKey = (generator: Generator): string => {
  if (generator._tag !== "Value" && generator._tag !== "From") return generator._tag
  let id = generatorIds.get(generator)
  if (id === undefined) generatorIds.set(generator, (id = ++generators))
  return `${generator._tag}${id}`
}

export const generated = (generator: Generator, type: AnyType): Generated =>
  freeze({
    _tag: "Generated",
    generator,
    type,
    key: `g${generatorKey(generator)}${type.key}`,
    binds: nothing,
    ctes: nothing
  })

export const constant = (value: boolean | number | null, type: AnyType): Constant => {
  if (typeof value === "number" && !Number.isSafeInteger(value))
    refuse("a constant is TRUE, FALSE, NULL or a safe integer")
  return freeze({
    _tag: "Constant",
    value,
    type,
    key: `k${String(value)}${type.key}`,
    binds: nothing,
    ctes: nothing
  })
}

/** Its column is told by its place in a command, whose key names the columns. */
export const byDefault = (column: ColumnNode | null, type: AnyType): Default =>
  freeze({
    _tag: "Default",
    column,
    type,
    key: "default",
    binds: nothing,
    ctes: nothing
  })

/** The key of a comparison; whoever made it before may hand it to `compare`. */
export const compareKey = (op: Comparison, left: Scalar, right: Scalar): string =>
  `(${left.key} ${op} ${right.key})`

export const compare = (
  op: Comparison,
  left: Scalar,
  right: Scalar,
  boolean: AnyType,
  key: string = compareKey(op, left, right)
): Compare =>
  freeze({
    _tag: "Compare",
    op,
    left,
    right,
    type: boolean,
    key,
    binds: bindsOf(left, right),
    ctes: ctesOf(left, right)
  })

export const and = (parts: ReadonlyArray<Scalar>, boolean: AnyType): And => {
  const list = flat("And", parts)
  const { binds, ctes, key } = chained(parts, list, " and ")
  return freeze({ _tag: "And", parts: freeze(list), type: boolean, key, binds, ctes })
}

export const or = (parts: ReadonlyArray<Scalar>, boolean: AnyType): Or => {
  const list = flat("Or", parts)
  const { binds, ctes, key } = chained(parts, list, " or ")
  return freeze({ _tag: "Or", parts: freeze(list), type: boolean, key, binds, ctes })
}

export const not = (self: Scalar, boolean: AnyType): Not =>
  freeze({
    _tag: "Not",
    self,
    type: boolean,
    key: `not(${self.key})`,
    binds: self.binds,
    ctes: self.ctes
  })

export const isNull = (self: Scalar, boolean: AnyType): IsNull =>
  freeze({
    _tag: "IsNull",
    self,
    type: boolean,
    key: `null(${self.key})`,
    binds: self.binds,
    ctes: self.ctes
  })

export const arith = (op: Arithmetic, left: Scalar, right: Scalar, type: AnyType): Arith =>
  freeze({
    _tag: "Arith",
    op,
    left,
    right,
    type,
    key: `(${left.key} ${op}${type.key} ${right.key})`,
    binds: bindsOf(left, right),
    ctes: ctesOf(left, right)
  })

export const negate = (self: Scalar, type: AnyType): Negate =>
  freeze({
    _tag: "Negate",
    self,
    type,
    key: `neg${type.key}(${self.key})`,
    binds: self.binds,
    ctes: self.ctes
  })

const likeWord = (insensitive: boolean, escape: string): string =>
  (insensitive ? "ilike" : "like") + (escape === "\\" ? "" : quoted(escape))

export const like = (
  self: Scalar,
  pattern: Scalar,
  boolean: AnyType,
  insensitive = false,
  escape = "\\"
): Like =>
  freeze({
    _tag: "Like",
    self,
    pattern,
    insensitive,
    escape,
    type: boolean,
    key: `(${self.key} ${likeWord(insensitive, escape)} ${pattern.key})`,
    binds: bindsOf(self, pattern),
    ctes: ctesOf(self, pattern)
  })

export const tuple = (parts: ReadonlyArray<Scalar>, type: AnyType): Tuple =>
  freeze({
    _tag: "Tuple",
    parts: freeze(parts),
    type,
    key: `tuple(${keysOfAll(parts)})`,
    binds: bindsOfAll(parts),
    ctes: ctesOfAll(parts)
  })

/** `eq any` is IN. */
const inWord = (op: Comparison, quantifier: Quantifier): string =>
  op === "eq" && quantifier === "any" ? "in" : `${op} ${quantifier}`

export const inList = (
  self: Scalar,
  list: Scalar,
  boolean: AnyType,
  op: Comparison = "eq",
  quantifier: Quantifier = "any"
): InList =>
  freeze({
    _tag: "InList",
    self,
    list,
    op,
    quantifier,
    type: boolean,
    key: `(${self.key} ${inWord(op, quantifier)} ${list.key})`,
    binds: bindsOf(self, list),
    ctes: ctesOf(self, list)
  })

export const inQuery = (
  self: Scalar,
  query: Relation,
  boolean: AnyType,
  op: Comparison = "eq",
  quantifier: Quantifier = "any"
): InQuery =>
  freeze({
    _tag: "InQuery",
    self,
    query,
    op,
    quantifier,
    type: boolean,
    key: `(${self.key} ${inWord(op, quantifier)} query ${query.key})`,
    binds: bindsOf(self, query),
    ctes: ctesOf(self, query)
  })

export const between = (
  self: Scalar,
  low: Scalar,
  high: Scalar,
  boolean: AnyType,
  symmetric = false
): Between =>
  freeze({
    _tag: "Between",
    self,
    low,
    high,
    symmetric,
    type: boolean,
    key: `(${self.key} between${symmetric ? "!" : ""} ${low.key} ${high.key})`,
    binds: bindsOfAll([self, low, high]),
    ctes: ctesOfAll([self, low, high])
  })

export const caseOf = (
  whens: ReadonlyArray<Scalar>,
  thens: ReadonlyArray<Scalar>,
  otherwise: Scalar,
  type: AnyType
): Case => {
  const kids = [...whens, ...thens, otherwise]
  return freeze({
    _tag: "Case",
    whens: freeze(whens),
    thens: freeze(thens),
    otherwise,
    type,
    key: `case${type.key}(${keysOfAll(whens)};${keysOfAll(thens)};${otherwise.key})`,
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  })
}

export const cast = (self: Scalar, type: AnyType, orNull = false): Cast =>
  freeze({
    _tag: "Cast",
    self,
    orNull,
    type,
    key: `${orNull ? "tryCast" : "cast"}${type.key}(${self.key})`,
    binds: self.binds,
    ctes: self.ctes
  })

export const call = (name: FunctionName, args: ReadonlyArray<Scalar>, type: AnyType): Call =>
  freeze({
    _tag: "Call",
    name,
    args: freeze(args),
    type,
    key: `${name}${type.key}(${keysOfAll(args)})`,
    binds: bindsOfAll(args),
    ctes: ctesOfAll(args)
  })

export const subquery = (query: Relation, type: AnyType): Subquery =>
  freeze({
    _tag: "Subquery",
    query,
    type,
    key: `sub${type.key}(${query.key})`,
    binds: query.binds,
    ctes: query.ctes
  })

export const exists = (query: Relation, boolean: AnyType): Exists =>
  freeze({
    _tag: "Exists",
    query,
    type: boolean,
    key: `exists(${query.key})`,
    binds: query.binds,
    ctes: query.ctes
  })

export const raw = (
  parts: ReadonlyArray<string>,
  holes: ReadonlyArray<Scalar>,
  type: AnyType,
  tables: ReadonlyArray<TableSource> | null = null,
  drawn = false
): Raw => {
  const word = drawn ? "drawn" : "raw"
  const text = `(${JSON.stringify(parts)};${keysOfAll(holes)})${tablesKey(tables)}`
  return freeze({
    _tag: "Raw",
    parts: freeze(parts),
    holes: freeze(holes),
    tables,
    drawn,
    type,
    key: `${word}${type.key}${text}`,
    binds: bindsOfAll(holes),
    ctes: ctesOfAll(holes)
  })
}

export const customScalar = (
  name: string,
  args: ReadonlyArray<Scalar>,
  print: CustomScalar["print"],
  type: AnyType,
  form: CustomScalar["form"] = "text",
  drawn = false
): CustomScalar =>
  freeze({
    _tag: "CustomScalar",
    name,
    args: freeze(args),
    print,
    form,
    drawn,
    type,
    key:
      `custom${form}${drawn ? "!" : ""}${quoted(name)}${JSON.stringify(print)}` +
      `${type.key}(${keysOfAll(args)})`,
    binds: bindsOfAll(args),
    ctes: ctesOfAll(args)
  })
