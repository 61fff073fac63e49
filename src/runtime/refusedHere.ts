import { StaleRow, UniqueViolation } from "../effects/DatabaseError.ts"
import type { RowRef } from "../mapping/RowRef.ts"
import { nameOf } from "./SessionState.ts"
import type { Unit } from "./Unit.ts"

/** Adding a row that is there is refused before anything is sent, as the database would. */
export const isThere = (unit: Unit, { table }: RowRef): UniqueViolation =>
  new UniqueViolation({
    message: `a row of "${table.name}" with this key is in the session already`,
    dialect: unit.engine.dialect,
    operation: "flush",
    retryable: false,
    transaction: "alive",
    constraint: null,
    table: nameOf(table),
    columns: table.primaryKey
  })

/** A row that is not as it was read. */
export const staleRow = (unit: Unit, ref: RowRef, says: string): StaleRow =>
  new StaleRow({
    message: `a row of "${ref.table.name}" ${says}`,
    dialect: unit.engine.dialect,
    operation: "flush",
    retryable: false,
    transaction: "alive",
    table: ref.table.name,
    key: ref.id.slice(ref.id.indexOf(":") + 1)
  })

/** What was deleted here is changed no more. */
export const goneHere = (unit: Unit, ref: RowRef): StaleRow =>
  staleRow(unit, ref, "was deleted in this session before it was changed")

/** Read elsewhere before somebody wrote the row that this session knows. */
export const staleHere = (unit: Unit, ref: RowRef): StaleRow =>
  staleRow(unit, ref, "is of another version than the one given")
