/**
 * How isolated a transaction is. SQLite knows `serializable`, which all its transactions are, and
 * `read uncommitted`.
 *
 * **Source** SQL:2016 part 2, 17.3 transaction characteristics.
 *
 * @category models
 */
export type Isolation = "read uncommitted" | "read committed" | "repeatable read" | "serializable"

/**
 * When a transaction of SQLite takes the file for writing: at its first write, at once, or at once
 * and from readers too.
 *
 * **Source** sqlite.org, "Transaction": DEFERRED, IMMEDIATE, EXCLUSIVE.
 *
 * @category models
 */
export type Begin = "deferred" | "immediate" | "exclusive"

/** What a transaction is: `begin` of SQLite's only. */
export interface Characteristics {
  readonly isolation: Isolation | null
  readonly readOnly: boolean
  readonly deferrable: boolean
  readonly begin: Begin
}

/** Of a transaction nobody said anything about. */
export const plain: Characteristics = {
  isolation: null,
  readOnly: false,
  deferrable: false,
  begin: "immediate"
}
