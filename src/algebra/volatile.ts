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

/** What a user wrote is drawn where the user says so. */
const declaresDrawn = (node: Asked): boolean =>
  (node._tag === "CustomScalar" || node._tag === "Raw") && node.drawn === true

/** Whether one expression, its parts apart, may have another value each time it is asked. */
export const isVolatile = (node: Asked): boolean =>
  node._tag === "Generated" ||
  (node._tag === "Call" && volatileNames.has(String(node.name))) ||
  declaresDrawn(node)

/** Whether it may have another value even in one row of one statement: a clock stands still. */
export const isDrawn = (node: Asked): boolean =>
  (node._tag === "Call" && node.name === "random") || declaresDrawn(node)
