import { refuse } from "./StatementError.ts"

/**
 * `displayName` becomes `display_name`; injective on keys that differ by more than case of one
 * hump.
 */
export const snakeCase = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()

/** Refuses a name no server takes. */
export const checkName = (name: string, what: string): string => {
  if (typeof name !== "string" || name.length === 0) return refuse(`${what}: the name is empty`)
  if (name.includes("\u0000")) return refuse(`${what}: the name holds a NUL character`)
  if (!name.isWellFormed()) return refuse(`${what}: the name is not well-formed Unicode`)
  return name
}

/** Names of constraints by kind, as PostgreSQL gives them. */
export const constraintName = (
  table: string,
  columns: ReadonlyArray<string>,
  suffix: string
): string => [table, ...columns, suffix].join("_")
