import type { Arithmetic, BitOperator } from "../../src/algebra/Scalar.ts"
import type { AnyType } from "../../src/algebra/Type.ts"
import { outside, type Value, within } from "./Value.ts"

/** Bits of an integer in two's complement, as wide as its type. */
const widths: Readonly<Record<string, number>> = { Smallint: 16, Integer: 32, Bigint: 64 }

const ofBits = (op: BitOperator, a: bigint, b: bigint, type: AnyType): Value => {
  switch (op) {
    case "bitAnd":
      return a & b
    case "bitOr":
      return a | b
    case "bitXor":
      return a ^ b
    case "shiftLeft":
      return BigInt.asIntN(widths[type.sql._tag] ?? outside("bits of no integer"), a << b)
    case "shiftRight":
      return a >> b
  }
}

const ofIntegers = (op: Arithmetic, a: bigint, b: bigint, type: AnyType): Value => {
  switch (op) {
    case "add":
      return a + b
    case "sub":
      return a - b
    case "mul":
      return a * b
    case "quot":
      return b === 0n ? null : a / b
    case "rem":
      return b === 0n ? null : a % b
    case "div":
      return b === 0n ? null : Number(a) / Number(b)
    default:
      return ofBits(op, a, b, type)
  }
}

const ofDoubles = (op: Arithmetic, a: number, b: number): Value => {
  switch (op) {
    case "add":
      return a + b
    case "sub":
      return a - b
    case "mul":
      return a * b
    case "div":
      return b === 0 ? null : a / b
    default:
      return outside(`${op} of doubles`)
  }
}

/** Arithmetic: NULL where an operand is NULL and where the divisor is zero. */
export const arithOf = (op: Arithmetic, a: Value, b: Value, type: AnyType): Value => {
  if (a === null || b === null) return null
  return within(
    typeof a === "bigint" && typeof b === "bigint"
      ? ofIntegers(op, a, b, type)
      : ofDoubles(op, Number(a), Number(b)),
    type
  )
}

/** `-self`. */
export const negateOf = (a: Value, type: AnyType): Value =>
  a === null ? null : within(typeof a === "bigint" ? -a : -Number(a), type)
