import type { Command } from "../../../src/algebra/Command.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { AnyType } from "../../../src/algebra/Type.ts"
import * as T from "../../../src/algebra/types.ts"
import { type Draw, pick, weigh } from "./draw.ts"

/** The sorts of value that queries are generated over. */
export type Sort = "integer" | "text" | "boolean" | "bigint" | "count" | "double"

export const sorts: ReadonlyArray<Sort> = [
  "integer",
  "text",
  "boolean",
  "bigint",
  "count",
  "double"
]

/** The type of a sort's columns, values and results. */
export const typeOf: Readonly<Record<Sort, AnyType>> = {
  integer: T.integer,
  text: T.text,
  boolean: T.boolean,
  bigint: T.bigint,
  count: T.count,
  double: T.double
}

/** The sort of a type. */
export const sortOf = (type: AnyType): Sort =>
  type.key === "safeInteger"
    ? "count"
    : type.key === "sumBigint"
      ? "bigint"
      : type.key === "average"
        ? "double"
        : (sorts.find((sort) => typeOf[sort].key === type.key) ?? "text")

const small = (draw: Draw): number =>
  weigh(draw, [
    [2, 0],
    [2, 1],
    [1, 2],
    [1, 3],
    [1, -1],
    [1, -2]
  ])

/** Texts that mean something to LIKE, to case mapping, to padding and to code points. */
export const texts: ReadonlyArray<string> = ["a", "", "A", "é", "%", "a_", "a ", "\\%", "é😀"]

/** A value of a sort, as its type has it in TypeScript. */
export const valueOf = (draw: Draw, sort: Sort): unknown => {
  switch (sort) {
    case "integer":
    case "count":
      return small(draw)
    case "bigint":
      return weigh(draw, [
        [8, BigInt(small(draw))],
        [1, 9_007_199_254_740_993n]
      ])
    case "double":
      return pick(draw, [0, 1, 0.5, -2, 2.25])
    case "boolean":
      return pick(draw, [false, true])
    case "text":
      return pick(draw, texts)
  }
}

/** The kinds of node a statement is made of. */
export type Tag = Scalar["_tag"] | Relation["_tag"] | Command["_tag"]

const any: ReadonlyArray<Sort> = ["integer", "text", "boolean", "bigint", "count", "double"]
const numbers: ReadonlyArray<Sort> = ["integer", "bigint", "count", "double"]
const whole: ReadonlyArray<Sort> = ["integer"]
const truth: ReadonlyArray<Sort> = ["boolean"]

/** The sorts an expression of each kind can have; a list has none. */
export const sortsOf: Readonly<Record<Scalar["_tag"], ReadonlyArray<Sort>>> = {
  Ref: any,
  Presence: truth,
  Bound: any,
  BoundList: [],
  Named: any,
  Generated: any,
  Constant: any,
  Default: [],
  Compare: truth,
  And: truth,
  Or: truth,
  Not: truth,
  IsNull: truth,
  Arith: numbers,
  Negate: numbers,
  Like: truth,
  Tuple: [],
  InList: truth,
  InQuery: truth,
  Between: truth,
  Case: any,
  Cast: any,
  // A document is not of the sorts: it is drawn below functions of documents.
  JsonAt: [],
  JsonEdit: [],
  Call: any,
  Aggregate: ["integer", "text", "bigint", "count", "double"],
  Grouping: whole,
  WindowCall: [],
  Window: any,
  Subquery: any,
  Exists: truth,
  Raw: ["integer", "text", "boolean"],
  CustomScalar: ["integer", "text", "boolean"]
}
