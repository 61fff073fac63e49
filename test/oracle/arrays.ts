import type { FunctionName } from "../../src/algebra/Scalar.ts"
import type { ArrayFunctionName } from "../../src/algebra/words.ts"
import { alike, isList, outside, type Value } from "./Value.ts"

type List = ReadonlyArray<Value>

export const isOfArrays = (name: FunctionName): name is ArrayFunctionName =>
  name.startsWith("array")

const listOf = (value: Value): List =>
  isList(value) ? value : outside("a function of arrays of what is none")

/** One of an array's elements; a NULL is none. */
const has = (list: List, value: Value): boolean =>
  value !== null && list.some((one) => alike(one, value))

const at = (value: Value, place: Value): Value =>
  value === null ? null : (listOf(value)[Number(place) - 1] ?? null)

const values = (list: List): number =>
  list.reduce<number>((sum, one) => sum + (isList(one) ? values(one) : 1), 0)

/** Functions that are NULL of a NULL array. */
const strict: {
  readonly [
    N in Exclude<
      ArrayFunctionName,
      "array" | "arrayConcat" | "arrayAppend" | "arrayPrepend" | "arrayPut"
    >
  ]: (list: List, rest: List) => Value
} = {
  arrayElement: (list, places) => (places.includes(null) ? null : places.reduce<Value>(at, list)),
  arraySlice: (list, places) => {
    const [from, to = BigInt(list.length)] = places
    if (from === null || to === null) return null
    return list.filter((_, i) => i + 1 >= Number(from) && i + 1 <= Number(to))
  },
  arrayContains: (list, [that]) =>
    that === null ? null : listOf(that!).every((one) => has(list, one)),
  arrayContainedBy: (list, [that]) =>
    that === null ? null : list.every((one) => has(listOf(that!), one)),
  arrayOverlaps: (list, [that]) =>
    that === null ? null : listOf(that!).some((one) => has(list, one)),
  arrayRemove: (list, [value]) => list.filter((one) => !alike(one, value!)),
  arrayReplace: (list, [from, to]) => list.map((one) => (alike(one, from!) ? to! : one)),
  arrayPosition: (list, [value]) => {
    const found = list.findIndex((one) => alike(one, value!))
    return found < 0 ? null : BigInt(found + 1)
  },
  arrayLength: (list) => BigInt(list.length),
  arrayCardinality: (list) => BigInt(values(list))
}

/** A function of arrays, whose places count from 1. */
export const ofArrays = (name: ArrayFunctionName, args: List): Value => {
  const [first, second] = args as readonly [Value, Value]
  const some = (list: Value): List => (list === null ? [] : listOf(list))
  switch (name) {
    case "array":
      return args
    case "arrayConcat":
      return first === null && second === null ? null : [...some(first), ...some(second)]
    case "arrayAppend":
      return [...some(first), second]
    case "arrayPrepend":
      return [second, ...some(first)]
    case "arrayPut": {
      const list = some(first)
      const length = Math.max(list.length, Number(second))
      const put = (i: number): Value => (i + 1 === Number(second) ? args[2]! : (list[i] ?? null))
      return Array.from({ length }, (_, i) => put(i))
    }
    default:
      return first === null ? null : strict[name](listOf(first), args.slice(1))
  }
}
