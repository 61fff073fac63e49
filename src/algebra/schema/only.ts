import type { Capabilities, DialectName, Version } from "../Dialect.ts"
import { dialectNames } from "../Dialect.ts"
import { refuse } from "../StatementError.ts"

/**
 * Versions of a server: from the one on, before the other; numbers left out are 0.
 *
 * @category models
 */
export interface Versions {
  readonly since?: readonly [major: number, minor?: number, patch?: number]
  readonly before?: readonly [major: number, minor?: number, patch?: number]
}

/**
 * The dialects something of a schema is for, all versions of one where it is true.
 *
 * **Shape** elsewhere it is neither created nor dropped nor expected. MySQL and MariaDB are two.
 * **Source** SQLAlchemy 2.0 "Controlling DDL Sequences", `ddl_if`, `execute_if`.
 *
 * @category models
 */
export type Only = { readonly [D in DialectName]?: true | Versions }

/** The same, checked; null where nothing is said. */
export const onlyIn = (only: Only | undefined, what: string): Only | null => {
  if (only === undefined) return null
  const said = Object.keys(only)
  if (said.length === 0) refuse(`${what}: it is for no dialect`)
  for (const one of said)
    if (!dialectNames.some((name) => name === one)) refuse(`${what}: "${one}" is no dialect`)
  return Object.freeze({ ...only })
}

const compare = (one: NonNullable<Versions["since"]>, other: Version): number => {
  for (const at of [0, 1, 2] as const) {
    const difference = (one[at] ?? 0) - other[at]
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether something is there on a server. */
export const isOn = (
  { only }: { readonly only: Only | null },
  { dialect, version }: Pick<Capabilities, "dialect" | "version">
): boolean => {
  if (only === null) return true
  const versions = only[dialect]
  if (versions === undefined || versions === true) return versions === true
  const { before, since } = versions
  return (
    (since === undefined || compare(since, version) <= 0) &&
    (before === undefined || compare(before, version) > 0)
  )
}
