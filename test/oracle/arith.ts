import type { Arithmetic } from "../../src/algebra/Scalar.ts"
import type { AnyType } from "../../src/algebra/Type.ts"
import { outside, type Value, within } from "./Value.ts"

const ofIntegers = (op: Arithmetic, a: bigint, b: bigint): Value => {
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
    case "quot":
    case "rem":
      return outside(`${op} of doubles`)
  }
}

/** Arithmetic: NULL where an operand is NULL and where the divisor is zero. */
export const arithOf = (op: Arithmetic, a: Value, b: Value, type: AnyType): Value => {
  if (a === null || b === null) return null
  return within(
    typeof a === "bigint" && typeof b === "bigint"
      ? ofIntegers(op, a, b)
      : ofDoubles(op, Number(a), Number(b)),
    type
  )
}

/** `-self`. */
export const negateOf = (a: Value, type: AnyType): Value =>
  a === null ? null : within(typeof a === "bigint" ? -a : -Number(a), type)
