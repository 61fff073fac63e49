import type { ColumnNode } from "./Source.ts"

/** Whether the server sets a column of its own with each such statement. */
export const isServerSet = (
  { serverSet }: Pick<ColumnNode, "serverSet">,
  on: "insert" | "update"
): boolean => serverSet === on || serverSet === "both"

type Made = Pick<ColumnNode, "computed" | "identity" | "serverDefault" | "serverSet">

/** Whether the server makes a value where none is given: a number, a default, a formula. */
export const isServerMade = (column: Made): boolean =>
  column.identity ||
  column.serverDefault !== null ||
  column.computed !== null ||
  isServerSet(column, "insert")
