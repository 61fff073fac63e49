import type { ColumnNode } from "./Source.ts"

/** Whether the server makes a value where none is given: a number, a default, a formula. */
export const isServerMade = ({
  computed,
  identity,
  serverDefault
}: Pick<ColumnNode, "computed" | "identity" | "serverDefault">): boolean =>
  identity || serverDefault !== null || computed !== null
