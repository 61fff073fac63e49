import type { TableSource } from "../algebra/Source.ts"
import type { StatementNode } from "../algebra/Statement.ts"
import { type DatabaseError, ForeignKeyViolation, UniqueViolation } from "./DatabaseError.ts"
import type { Facts } from "./Failure.ts"

/**
 * The same failure with the names its server left out, taken from the table that was written to.
 *
 * **Shape** a unique violation gets its columns from the constraint's name, or the name from the
 * columns; a foreign key's name is given where the table has only one it can be. What stays unknown
 * stays null.
 */
export const describe = (error: DatabaseError, node: StatementNode): DatabaseError => {
  if (!("table" in node) || typeof node.table !== "object") return error
  const table = node.table
  switch (error._tag) {
    case "UniqueViolation":
      return describeUnique(error, table)
    case "ForeignKeyViolation":
      return describeForeignKey(error, table)
    default:
      return error
  }
}

interface Key {
  readonly name: string
  readonly columns: ReadonlyArray<string>
}

/** Every key of a table, its columns by their names in the database. */
const keysOf = (table: TableSource): ReadonlyArray<Key> => {
  const keys: Array<Key> = [{ name: table.primaryKeyName, columns: table.primaryKey }]
  keys.push(...table.uniques(), ...table.indexes().filter((index) => index.unique))
  return keys.map((key) => ({
    name: key.name,
    columns: key.columns.map((column) => table.byKey.get(column)?.name ?? column)
  }))
}

const describeUnique = (error: UniqueViolation, table: TableSource): DatabaseError => {
  const key = keysOf(table).find((key) =>
    error.constraint === null ||
    (error.constraint === "PRIMARY" && key.name === table.primaryKeyName)
      ? sameNames(key.columns, error.constraint === null ? error.columns : key.columns)
      : key.name === error.constraint
  )
  if (key === undefined) return error
  const columns = key.columns
  const place = `${table.name}(${columns.join(", ")})`
  return new UniqueViolation(
    {
      ...factsOf(error),
      message: `a row with this key exists: ${place}, constraint ${key.name}`,
      constraint: key.name,
      table: table.name,
      columns
    },
    error.driverError
  )
}

const describeForeignKey = (error: ForeignKeyViolation, table: TableSource): DatabaseError => {
  const own = table.foreignKeys()
  if (error.constraint !== null || error.direction !== "child" || own.length !== 1) return error
  return new ForeignKeyViolation(
    {
      ...factsOf(error),
      message: `the row referred to is not there: table ${table.name}, constraint ${own[0]!.name}`,
      direction: "child",
      constraint: own[0]!.name,
      table: table.name
    },
    error.driverError
  )
}

const sameNames = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))

const factsOf = ({ dialect, message, operation, retryable, transaction }: Facts): Facts => ({
  dialect,
  message,
  operation,
  retryable,
  transaction
})
