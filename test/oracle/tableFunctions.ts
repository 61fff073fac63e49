import type { TableFunctionName } from "../../src/algebra/Relation.ts"
import { outside, type Value } from "./Value.ts"

type Rows = ReadonlyArray<ReadonlyArray<Value>>

/** Longer than anybody draws. */
const longest = 10_000

const series = ([start, stop, step]: ReadonlyArray<Value>): Rows => {
  if (typeof start !== "bigint" || typeof stop !== "bigint" || typeof step !== "bigint") return []
  const out: Array<ReadonlyArray<Value>> = []
  for (let at = start; step > 0n ? at <= stop : at >= stop; at += step) {
    if (out.length > longest) outside("a series without end")
    out.push([at])
  }
  return out
}

const read = (text: Value): unknown => (text === null ? null : JSON.parse(String(text)))

const elements = ([text]: ReadonlyArray<Value>): Rows => {
  const json = read(text!)
  return Array.isArray(json) ? json.map((one) => [JSON.stringify(one)]) : []
}

const entries = ([text]: ReadonlyArray<Value>): Rows => {
  const json = read(text!)
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? Object.entries(json).map(([key, one]) => [key, JSON.stringify(one)])
    : []
}

/** The rows of a function without their places. */
export const rowsOf = (name: TableFunctionName, args: ReadonlyArray<Value>): Rows => {
  switch (name) {
    case "series":
      return series(args)
    case "elements":
      return elements(args)
    case "entries":
      return entries(args)
    default:
      return outside(`the rows of ${name}`)
  }
}
