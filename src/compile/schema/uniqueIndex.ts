import type { SnapshotIndex } from "../../algebra/schema/Snapshot.ts"

/**
 * Whether an index of MySQL or MariaDB says no more than a unique constraint does: of whole
 * columns, upwards, in a tree. One over the first characters of a text keeps other rows out.
 */
export const isConstraint = ({ method, parts, unique, where }: SnapshotIndex): boolean =>
  unique &&
  where === null &&
  method !== "hash" &&
  parts.every(({ column, descending, length }) => column !== null && !descending && length === null)
