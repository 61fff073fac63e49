import { children, foldScalar, type ScalarCases } from "../algebra/fold.ts"
import type { Arithmetic, Comparison, Scalar } from "../algebra/Scalar.ts"
import { saidFor, type TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { AnyType } from "../algebra/Type.ts"

/**
 * Expressions that mean the same in every database and on a value in TypeScript.
 *
 * The set is small on purpose: what depends on a server's collation, its rounding or its calendar
 * is not in it. Whole numbers are computed as bigints, text is compared by code point, NULL is
 * null.
 */

type Value = null | bigint | number | string | boolean
type Truth = boolean | null
type Row = Readonly<Record<string, unknown>>
/** What an expression is of a row. */
type Of = (row: Row) => Value

const limits: Readonly<Record<string, bigint>> = {
  Smallint: 2n ** 15n,
  Integer: 2n ** 31n,
  Bigint: 2n ** 63n
}
const isWhole = ({ sql }: AnyType): boolean => Object.hasOwn(limits, sql._tag)

/** Types read as they are stored: with a codec of one's own, nobody knows what is compared. */
const plain = /^(?:smallint|integer|bigint|double|boolean|text|uuid|varchar\(\d+\)|enum\[.*\])$/

const inward = (value: unknown): Value =>
  typeof value === "number" && Number.isInteger(value) ? BigInt(value) : (value as Value)

const outward = (value: Value, { sql }: AnyType): Value =>
  typeof value === "bigint" && sql._tag !== "Bigint" ? Number(value) : value

/** UTF-16 sorts what is beyond U+FFFF before the last of what is not. */
const rank = (unit: number): number =>
  unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000

const orderOfTexts = (a: string, b: string): number => {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (one !== other) return rank(one) - rank(other)
  }
  return a.length - b.length
}

type Known = NonNullable<Value>
const orderOf = (a: Known, b: Known): number =>
  typeof a === "string" && typeof b === "string" ? orderOfTexts(a, b) : a < b ? -1 : Number(a > b)

const same = (a: Value, b: Value): boolean =>
  a === null || b === null ? a === b : orderOf(a, b) === 0

const orders: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0
}

const compare = (op: Comparison, a: Value, b: Value): Truth => {
  if (op === "same" || op === "notSame") return same(a, b) === (op === "same")
  return a === null || b === null ? null : orders[op]!(orderOf(a, b))
}

/** FALSE where one is, else NULL where one is, else TRUE. */
const and3 = (parts: ReadonlyArray<Value>): Truth =>
  parts.includes(false) ? false : parts.includes(null) ? null : true
const not3 = (value: Value): Truth => (value === null ? null : value === false)
const or3 = (parts: ReadonlyArray<Value>): Truth => not3(and3(parts.map(not3)))

const sums: Readonly<Partial<Record<Arithmetic, (a: bigint, b: bigint) => bigint>>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b
}

/** **Errors** `StatementError` for a number its type does not hold, as the database refuses it. */
const within = (value: bigint, { sql }: AnyType): bigint => {
  const limit = limits[sql._tag]!
  return value >= -limit && value < limit
    ? value
    : refuse(`a hybrid's number is out of range of ${sql._tag.toLowerCase()}`)
}

const functions: Readonly<Record<string, (args: ReadonlyArray<Value>) => Value>> = {
  concat: (args) => (args.includes(null) ? null : args.join("")),
  concatWs: ([separator, ...texts]) =>
    separator === null ? null : texts.filter((one) => one !== null).join(separator as string),
  coalesce: (args) => args.find((arg) => arg !== null) ?? null
}

type Portable =
  | "And"
  | "Arith"
  | "Between"
  | "Bound"
  | "BoundList"
  | "Call"
  | "Case"
  | "Compare"
  | "Constant"
  | "InList"
  | "IsNull"
  | "Negate"
  | "Not"
  | "Or"
  | "Ref"

const cases: Pick<ScalarCases<Of, never>, Portable> = {
  Ref: ({ path }) => {
    const [key] = path as [string]
    return (row) => inward(cellOf(row, key))
  },
  Bound: ({ value }) => constantly(inward(value)),
  // Read by IN from its node: a list is not a value.
  BoundList: () => constantly(null),
  Constant: ({ value }) => constantly(inward(value)),
  Compare:
    ({ op }, { left, right }) =>
    (row) =>
      compare(op, left(row), right(row)),
  And:
    (_, { parts }) =>
    (row) =>
      and3(parts.map((part) => part(row))),
  Or:
    (_, { parts }) =>
    (row) =>
      or3(parts.map((part) => part(row))),
  Not:
    (_, { self }) =>
    (row) =>
      not3(self(row)),
  IsNull:
    (_, { self }) =>
    (row) =>
      self(row) === null,
  Arith:
    ({ op, type }, { left, right }) =>
    (row) => {
      const [a, b] = [left(row), right(row)]
      if (a === null || b === null) return null
      return within(sums[op]!(a as bigint, b as bigint), type)
    },
  Negate:
    ({ type }, { self }) =>
    (row) => {
      const value = self(row)
      return value === null ? null : within(-(value as bigint), type)
    },
  Between:
    ({ symmetric }, { self, low, high }) =>
    (row) => {
      const [value, from, to] = [self(row), low(row), high(row)]
      const inside = (a: Value, b: Value) =>
        and3([compare("lte", a, value), compare("lte", value, b)])
      return symmetric ? or3([inside(from, to), inside(to, from)]) : inside(from, to)
    },
  InList: ({ list }, { self }) => {
    const values = (list as Extract<Scalar, { _tag: "BoundList" }>).values.map(inward)
    return (row) => {
      const value = self(row)
      return or3(values.map((one) => compare("eq", value, one)))
    }
  },
  Case:
    (_, { whens, thens, otherwise }) =>
    (row) => {
      const chosen = whens.findIndex((when) => when(row) === true)
      return (chosen < 0 ? otherwise : thens[chosen]!)(row)
    },
  Call: ({ name }, { args }) => {
    const call = functions[name]!
    return (row) => call(args.map((arg) => arg(row)))
  }
}

const cellOf = (row: Row, key: string): unknown =>
  row[key] === undefined ? refuse(`a hybrid's value has no "${key}"`) : row[key]

const constantly = (value: Value) => (): Value => value

/** Why a node has no one meaning everywhere: null where it has. */
const strange = (node: Scalar, own: TableSource): string | null => {
  if (!Object.hasOwn(cases, node._tag)) return node._tag
  switch (node._tag) {
    case "Ref":
      if (node.source !== saidFor(own)) return "a column of another table"
      return plain.test(node.type.key) ? null : `a column of type ${node.type.key}`
    case "Call":
      return Object.hasOwn(functions, node.name) ? null : node.name
    case "Arith":
      if (sums[node.op] === undefined) return node.op
      return isWhole(node.left.type) && isWhole(node.right.type) ? null : `${node.op} of fractions`
    case "Negate":
      return isWhole(node.self.type) ? null : "neg of a fraction"
    case "InList":
      return node.list._tag === "BoundList" && node.op === "eq" && node.quantifier === "any"
        ? null
        : "a comparison with a list"
    default:
      return null
  }
}

const checked = (place: string, node: Scalar, own: TableSource): void => {
  const why = strange(node, own)
  if (why !== null) {
    refuse(
      `${place}: ${why} has no one meaning in every database and on a value: this.expr takes it`
    )
  }
  for (const child of children(node)) checked(place, child as Scalar, own)
}

/**
 * What an expression over the columns of a table is of a row of it.
 *
 * **Laws** equal to the database's answer for that row.
 * **Errors** `StatementError` for a node that does not mean the same everywhere, naming it.
 */
export const portable = (
  place: string,
  node: Scalar,
  own: TableSource
): ((row: object) => unknown) => {
  // A column by itself is what the row holds, whatever its type.
  if (node._tag === "Ref" && node.source === own) {
    const key = node.path[0]!
    return (row) => cellOf(row as Row, key)
  }
  checked(place, node, own)
  const of = foldScalar<Of, never>(node, { scalar: cases, relation: {} } as never)
  return (row) => outward(of(row as Row), node.type)
}
