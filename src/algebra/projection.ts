import type { Equal } from "effect/Equal"
import { sameKeys } from "./columnList.ts"
import { isExpr } from "./Expression.ts"
import { type ColumnsIn, FromId, type Source } from "./From.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import * as T from "./types.ts"
import type { Aggregate, ExprId, InScope, Value, Window } from "./Value.ts"

/** What can be selected under the aliases S: an expression, a source, a record or list of them. */
export type ProjectionIn<S extends string> =
  | Value<any, InScope<S> | Aggregate | Window>
  | Source<S, any>
  | { readonly [key: string]: ProjectionIn<S> }
  | ReadonlyArray<Value<any, InScope<S> | Aggregate | Window> | Source<S, any>>

/** Null where one of the aliases may be absent. */
export type NullIn<R, S extends string> = [Extract<`${R & string}?`, S>] extends [never]
  ? never
  : null

/** The row a projection gives. */
export type RowIn<P, S extends string> =
  P extends Value<any, any>
    ? P[ExprId]["value"] | NullIn<P[ExprId]["requires"], S>
    : P extends Source<infer N, infer Row>
      ? Row | NullIn<N, S>
      : // Without this guard the checker expands the recursive constraint: a hundredfold cost.
        string extends keyof P
        ? unknown
        : { readonly [K in keyof P]: RowIn<P[K], S> } & {}

/** Everything a projection needs. */
export type ProjectionNeeds<P> =
  P extends Value<any, any>
    ? P[ExprId]["requires"]
    : P extends Source<any, any>
      ? never
      : string extends keyof P
        ? never
        : { readonly [K in keyof P]: ProjectionNeeds<P[K]> }[keyof P]

/** A row with further columns: plain, whatever it was. */
export type Extended<Row, More> = {
  readonly [K in (keyof ColumnsIn<Row> & string) | keyof More]: K extends keyof More
    ? More[K]
    : ColumnsIn<Row>[K & keyof ColumnsIn<Row>]
} & {}

/** The value of a row of one column, bare or in a record of one key. */
export type SoleOf<Row> = Row extends Leaf ? Row : Row[keyof Row]
type Leaf = string | number | bigint | boolean | null | Uint8Array | ReadonlyArray<any> | Equal

/** Flat fields and the shape that builds the row from them. */
export interface Projected {
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
}

const isFrom = (value: object): value is Source<string, unknown> => FromId in value

const shift = (shape: RowShape, by: number): RowShape =>
  shape._tag === "Cell"
    ? Object.freeze({ _tag: "Cell", index: shape.index + by })
    : Object.freeze({
        ...shape,
        parts: Object.freeze(shape.parts.map((part) => shift(part, by))),
        presence: shape.presence === null ? null : shape.presence + by
      })

const whole = (
  from: Source<string, unknown>[FromId],
  absent: ReadonlySet<string>,
  out: Array<Scalar>
): RowShape => {
  const shape = shift(from.shape, out.length)
  out.push(...from.fields)
  if (!absent.has(from.alias) || shape._tag === "Cell") return shape
  out.push(S.presence(from.alias, from.source, [], T.boolean))
  return Object.freeze({ ...shape, presence: out.length - 1 })
}

type RecordShape = Extract<RowShape, { readonly _tag: "Record" }>

const cells: Array<RowShape> = []

/** The cell of one position: one value however often it is asked for. */
const cell = (index: number): RowShape => (cells[index] ??= Object.freeze({ _tag: "Cell", index }))

const build = (
  value: unknown,
  key: string,
  absent: ReadonlySet<string>,
  out: Array<Scalar>
): RowShape => {
  if (isExpr(value)) return cell(out.push(value.node) - 1)
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return refuse(`select ${key}: ${value === null ? "null" : typeof value} is not an expression`)
  }
  if (isFrom(value)) return whole(value[FromId], absent, out)
  const keys = Object.keys(value)
  if (keys.length === 0) return refuse(`select ${key}: the record is empty`)
  const prototype = Array.isArray(value) ? Array.prototype : null
  const record = value as Readonly<Record<string, unknown>>
  const parts = keys.map((one) => build(record[one], one, absent, out))
  return Object.freeze({
    _tag: "Record",
    keys: Object.freeze(keys),
    parts: Object.freeze(parts),
    presence: null,
    prototype
  })
}

const rows: Array<ReadonlyArray<RowShape>> = []

/** So many cells, one after the other. */
const cellsOf = (count: number): ReadonlyArray<RowShape> =>
  (rows[count] ??= Object.freeze(Array.from({ length: count }, (_, index) => cell(index))))

/** By their last key, which tells most of them apart. */
const flat = new Map<string, Array<RecordShape>>()
let lastFlat: RecordShape | null = null

/** A program has few records, but who may choose their keys may choose many. */
const most = 1_000
const mostAlike = 10

/** Plain records of expressions, the commonest projection, share one shape per list of keys. */
export const flatShape = (keys: ReadonlyArray<string>): RowShape => {
  if (lastFlat !== null && sameKeys(lastFlat.keys, keys)) return lastFlat
  const last = keys.at(-1) ?? ""
  const alike = flat.get(last)
  if (alike !== undefined)
    for (const one of alike) if (sameKeys(one.keys, keys)) return (lastFlat = one)
  lastFlat = Object.freeze({
    _tag: "Record",
    keys: Object.freeze(keys),
    parts: cellsOf(keys.length),
    presence: null,
    prototype: null
  })
  if (alike === undefined) {
    if (flat.size < most) flat.set(last, [lastFlat])
  } else if (alike.length < mostAlike) alike.push(lastFlat)
  return lastFlat
}

const flatRecord = (value: object): Projected | null => {
  if (Array.isArray(value)) return null
  const keys = Object.keys(value)
  if (keys.length === 0) return null
  const fields: Array<Scalar> = []
  for (const key of keys) {
    const one = (value as Readonly<Record<string, unknown>>)[key]
    if (!isExpr(one)) return null
    fields.push(one.node)
  }
  return { fields, shape: flatShape(keys) }
}

const nobody: ReadonlySet<string> = new Set()

/** Flattens what `select` was given; a whole source that may be absent gets its presence flag. */
export const projectionOf = (value: unknown, absent: ReadonlySet<string> = nobody): Projected => {
  if (
    typeof value === "object" &&
    value !== null &&
    !isExpr(value) &&
    isFrom(value) &&
    !absent.has(value[FromId].alias)
  ) {
    return value[FromId]
  }
  if (typeof value === "object" && value !== null && !isExpr(value) && !isFrom(value)) {
    const simple = flatRecord(value)
    if (simple !== null) return simple
  }
  const fields: Array<Scalar> = []
  const shape = build(value, "", absent, fields)
  return { fields: Object.freeze(fields), shape }
}

/** A projection with another beside it. **Errors** `StatementError` for a key of both. */
export const extended = (
  before: Projected,
  columns: object,
  absent: ReadonlySet<string>
): Projected => {
  const { shape } = before
  if (shape._tag === "Cell" || shape.presence !== null || shape.prototype === Array.prototype)
    return refuse("extend: the row is no record: select one first")
  if (isExpr(columns) || Array.isArray(columns) || FromId in columns)
    return refuse("extend: give a record of columns")
  const more = projectionOf(columns, absent)
  const added = shift(more.shape, before.fields.length) as RecordShape
  for (const key of added.keys)
    if (shape.keys.includes(key)) refuse(`extend: the row has "${key}": select replaces columns`)
  return {
    fields: Object.freeze([...before.fields, ...more.fields]),
    shape: Object.freeze({
      _tag: "Record",
      keys: Object.freeze([...shape.keys, ...added.keys]),
      parts: Object.freeze([...shape.parts, ...added.parts]),
      presence: null,
      prototype: null
    })
  }
}
