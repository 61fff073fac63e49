import type { VolatileName } from "./words.ts"

const volatileNames: ReadonlySet<string> = new Set<VolatileName>([
  "random",
  "now",
  "currentDate",
  "currentTime"
])

interface Asked {
  readonly _tag: string
  readonly name?: unknown
  readonly drawn?: unknown
}

/** Whether one expression, its parts apart, may have another value each time it is asked. */
export const isVolatile = (node: Asked): boolean =>
  node._tag === "Generated" ||
  (node._tag === "Call" && volatileNames.has(String(node.name))) ||
  (node._tag === "CustomScalar" && node.drawn === true)

/** Whether it may have another value even in one row of one statement: a clock stands still. */
export const isDrawn = (node: Asked): boolean =>
  (node._tag === "Call" && node.name === "random") ||
  (node._tag === "CustomScalar" && node.drawn === true)
