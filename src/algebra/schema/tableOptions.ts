import type { Convention } from "./naming.ts"

/**
 * What `Table.make` takes beside columns.
 *
 * @category models
 */
export interface TableOptions {
  /** The schema it lives in; the connection's default where left out. */
  readonly schema?: string
  /** What people should know of it: the server keeps it. `Unsupported` on SQLite (`comments`). */
  readonly comment?: string
  /** How its keys, constraints and indexes are named; as PostgreSQL does where left out. */
  readonly naming?: Convention
}
