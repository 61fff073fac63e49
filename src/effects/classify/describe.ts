import { type TableKey, tableKeys } from "../../algebra/schema/tableKeys.ts"
import type { Insert, Update } from "../../algebra/Command.ts"
import { tablesOf } from "../../algebra/Ddl.ts"
import type { Policy } from "../../algebra/Policy.ts"
import type { ForeignKey, TableSource } from "../../algebra/Source.ts"
import { isDdl, type StatementNode } from "../../algebra/Statement.ts"
import {
  CheckViolation,
  type DatabaseError,
  ForeignKeyViolation,
  PolicyViolation,
  UniqueViolation
} from "../DatabaseError.ts"
import { capabilities } from "../../compile/capabilities.ts"
import { guardName } from "../../algebra/schema/ruleNames.ts"
import { fitName } from "../../compile/identifiers.ts"
import { guardOf } from "../../compile/phases/policy/guard.ts"
import type { Facts } from "../Failure.ts"
import { missingParent, type Probe } from "./missingParent.ts"

/**
 * The same failure with the names its server left out, taken from the table that was written to.
 *
 * **Shape** a unique violation gets its columns from the constraint's name, or the name from the
 * columns; a foreign key gets its name where the table has only one, or where `probe` finds the row
 * that is missing. What stays unknown stays null.
 */
export const describe = (
  error: DatabaseError,
  node: StatementNode,
  policies: ReadonlyArray<Policy>,
  probe: Probe | null = null
): DatabaseError => {
  const tables = writtenBy(node)
  if (tables.length === 0) return error
  const policy = policies.length === 0 ? undefined : policies[guardOf(wordsOf(error)) ?? -1]
  if (policy !== undefined) return describePolicy(error, tables, policy)
  switch (error._tag) {
    case "UniqueViolation": {
      const told = tables.filter(({ name }) => error.table === null || error.table === name)
      return told.map((table) => describeUnique(error, table)).find((one) => one !== error) ?? error
    }
    case "ForeignKeyViolation":
      return describeForeignKey(withDeclaredName(error, tables), node, probe)
    case "CheckViolation":
      return withDeclaredName(error, tables)
    default:
      return error
  }
}

/** Whether a server's name is a declared one, or what was left of it where it was too long. */
const isNamed = (declared: string, told: string | null, { dialect }: Facts): boolean =>
  told !== null &&
  (declared === told || (dialect !== null && fitName(declared, capabilities(dialect)) === told))

/** The same failure with its constraint as it was declared, where the server had it cut. */
const withDeclaredName = <E extends ForeignKeyViolation | CheckViolation>(
  error: E,
  tables: ReadonlyArray<TableSource>
): E => {
  const names = tables.flatMap((table) => [
    ...(error._tag === "CheckViolation" ? table.checks() : table.foreignKeys()).map(
      ({ name }) => name
    ),
    ...table.columns.map((column) => guardName(table, column))
  ])
  const name = names.find((one) => isNamed(one, error.constraint, error))
  if (name === undefined || name === error.constraint) return error
  const facts = factsOf(error)
  const { driverError, table } = error
  const renamed =
    error._tag === "CheckViolation"
      ? new CheckViolation({ ...facts, constraint: name, table }, driverError)
      : new ForeignKeyViolation(
          { ...facts, direction: error.direction, constraint: name, table },
          driverError
        )
  return renamed as E
}

/** The tables a statement writes, its parts in WITH too. */
const writtenBy = (node: StatementNode): ReadonlyArray<TableSource> => {
  if (isDdl(node)) return tablesOf(node)
  const trees = [node, ...node.ctes.map(({ query }) => query)]
  return trees.flatMap((tree) => ("returned" in tree ? [tree.table] : []))
}

/** The server's own words for a failure; they are read, never passed on. */
const wordsOf = ({ driverError }: DatabaseError): string =>
  driverError instanceof Error ? driverError.message : ""

const describePolicy = (
  error: DatabaseError,
  tables: ReadonlyArray<TableSource>,
  policy: Policy
): DatabaseError => {
  // Of several parts that write the server does not say which one failed.
  const table = [...new Set(tables.map(({ name }) => name))].join(", ")
  return new PolicyViolation(
    {
      ...factsOf(error),
      message: `a row of ${table} would be outside the policy ${policy.name}`,
      retryable: false,
      policy: policy.name,
      table
    },
    error.driverError
  )
}

/** Every key of a table, its columns by their names in the database. */
const keysOf = (table: TableSource): ReadonlyArray<TableKey> =>
  tableKeys(table).map(({ columns, name }) => ({
    name,
    columns: columns.map((column) => table.byKey.get(column)?.name ?? column)
  }))

const describeUnique = (error: UniqueViolation, table: TableSource): DatabaseError => {
  const key = keysOf(table).find((key) =>
    error.constraint === null ||
    (error.constraint === "PRIMARY" && key.name === table.primaryKeyName)
      ? sameNames(key.columns, error.constraint === null ? error.columns : key.columns)
      : isNamed(key.name, error.constraint, error)
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

const describeForeignKey = (
  error: ForeignKeyViolation,
  node: StatementNode,
  probe: Probe | null
): DatabaseError => {
  if (error.constraint !== null || (node._tag !== "Insert" && node._tag !== "Update")) return error
  const key = foreignKeyOf(error, node, probe)
  if (key === null) return error
  const table = node.table.name
  return new ForeignKeyViolation(
    {
      ...factsOf(error),
      message: `the row referred to is not there: table ${table}, constraint ${key.name}`,
      direction: "child",
      constraint: key.name,
      table
    },
    error.driverError
  )
}

const foreignKeyOf = (
  error: ForeignKeyViolation,
  node: Insert | Update,
  probe: Probe | null
): ForeignKey | null => {
  const own = node.table.foreignKeys()
  if (error.direction === "child" && own.length === 1) return own[0]!
  try {
    return probe === null ? null : missingParent(node, probe)
  } catch {
    // Asking why must not hide what failed.
    return null
  }
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
