import type { Equal } from "effect/Equal"
import { isExpr } from "./Expression.ts"
import { type From, FromId } from "./From.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import * as T from "./types.ts"
import type { Aggregate, ExprId, InScope, Value, Window } from "./Value.ts"

/** What can be selected under the aliases S: an expression, a source, or a record of them. */
export type ProjectionIn<S extends string> =
  | Value<any, InScope<S> | Aggregate | Window>
  | From<S, any>
  | { readonly [key: string]: ProjectionIn<S> }

/** Null where one of the aliases may be absent. */
export type NullIn<R, S extends string> = [Extract<`${R & string}?`, S>] extends [never] ? never : null

/** The row a projection gives. */
export type RowIn<P, S extends string> = P extends Value<any, any>
  ? P[ExprId]["value"] | NullIn<P[ExprId]["requires"], S>
  : P extends From<infer N, infer Row> ? Row | NullIn<N, S>
  // Without this guard the checker expands the recursive constraint itself: a hundredfold cost.
  : string extends keyof P ? unknown
  : { readonly [K in keyof P]: RowIn<P[K], S> } & {}

/** Everything a projection needs. */
export type ProjectionNeeds<P> = P extends Value<any, any> ? P[ExprId]["requires"]
  : P extends From<any, any> ? never
  : string extends keyof P ? never
  : { readonly [K in keyof P]: ProjectionNeeds<P[K]> }[keyof P]

/** The value of a row of one column, bare or in a record of one key. */
export type SoleOf<Row> = Row extends Leaf ? Row : Row[keyof Row]
type Leaf = string | number | bigint | boolean | null | Uint8Array | ReadonlyArray<any> | Equal

/** Flat fields and the shape that builds the row from them. */
export interface Projected {
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
}

const isFrom = (value: object): value is From<string, unknown> => FromId in value

const shift = (shape: RowShape, by: number): RowShape =>
  shape._tag === "Cell"
    ? Object.freeze({ _tag: "Cell", index: shape.index + by })
    : Object.freeze({
      ...shape,
      parts: Object.freeze(shape.parts.map((part) => shift(part, by))),
      presence: shape.presence === null ? null : shape.presence + by
    })

const whole = (from: From<string, unknown>[FromId], absent: ReadonlySet<string>, out: Array<Scalar>): RowShape => {
  const shape = shift(from.shape, out.length)
  out.push(...from.fields)
  if (!absent.has(from.alias) || shape._tag === "Cell") return shape
  out.push(S.presence(from.alias, from.source, [], T.boolean))
  return Object.freeze({ ...shape, presence: out.length - 1 })
}

const build = (value: unknown, path: string, absent: ReadonlySet<string>, out: Array<Scalar>): RowShape => {
  if (isExpr(value)) {
    out.push(value.node)
    return Object.freeze({ _tag: "Cell", index: out.length - 1 })
  }
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return refuse(`select${path}: ${value === null ? "null" : typeof value} is not an expression`)
  }
  if (isFrom(value)) return whole(value[FromId], absent, out)
  const keys = Object.keys(value)
  if (keys.length === 0) return refuse(`select${path}: the record is empty`)
  const parts = keys.map((key) => build((value as Readonly<Record<string, unknown>>)[key], `${path}.${key}`, absent, out))
  return Object.freeze({
    _tag: "Record", keys: Object.freeze(keys), parts: Object.freeze(parts), presence: null, prototype: null
  })
}

/** Flattens what `select` was given; a whole source that may be absent gets its presence flag. */
export const projectionOf = (value: unknown, absent: ReadonlySet<string>): Projected => {
  if (typeof value === "object" && value !== null && !isExpr(value) && isFrom(value) && !absent.has(value[FromId].alias)) {
    return value[FromId]
  }
  const fields: Array<Scalar> = []
  const shape = build(value, "", absent, fields)
  return { fields: Object.freeze(fields), shape }
}
