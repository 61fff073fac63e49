import * as Effect from "effect/Effect"
import { inQuotes } from "../algebra/inQuotes.ts"
import type { Alteration } from "../algebra/schema/Alter.ts"
import type { Snapshot, SnapshotTable } from "../algebra/schema/Snapshot.ts"
import type { TableSource } from "../algebra/Source.ts"
import type { Select } from "../algebra/Select.ts"
import { unsafeSql } from "../algebra/template.ts"
import * as T from "../algebra/types.ts"
import { dialects } from "../compile/dialects.ts"
import { altered, columnIn, tableIn } from "../compile/schema/altered.ts"
import { rounded } from "../compile/schema/narrowed.ts"
import { schemaIn } from "../compile/schemas.ts"
import {
  type DatabaseError,
  NotNullViolation,
  StillNeeded,
  ValueOutOfRange
} from "./DatabaseError.ts"
import type { Engine } from "./Engine.ts"
import { type EngineKey, execution } from "./Execution.ts"
import { asking } from "./reflection/Reader.ts"

/** The rows of a question about the schema. */
export const asked = <Row>(service: EngineKey, query: Select<Row, never, never>) =>
  execution(service, query.node, undefined, "all") as Effect.Effect<
    ReadonlyArray<Row>,
    DatabaseError
  >

/**
 * An alteration on MySQL and MariaDB, which keep what there is, but make up what is missing and
 * round what is too exact: the rows are asked before.
 */
export const alterOnMysql = (
  service: EngineKey,
  engine: Engine,
  snapshot: Snapshot,
  alteration: Alteration,
  run: Effect.Effect<void, DatabaseError>
): Effect.Effect<void, DatabaseError> => {
  switch (alteration._tag) {
    case "AddColumn": {
      const { key, table } = alteration
      return isUnfilled(alteration)
        ? unless(service, engine, alteration, null, run, () =>
            missing(table, alteration.by.byKey.get(key)!.name, alive(engine))
          )
        : run
    }
    case "AlterColumn": {
      const was = tableIn(snapshot, alteration)
      const { name } = alteration.by.byKey.get(alteration.key)!
      const is = columnIn(altered(was, alteration, engine.capabilities), name)
      const lost = rounded(dialects.mariadb.quote(name), columnIn(was, name), is)
      const kept = filled(service, engine, alteration, run)
      return lost === null
        ? kept
        : unless(service, engine, alteration, lost, kept, () =>
            tooExact(alteration.table, name, engine)
          )
    }
    case "AddPrimaryKey":
      return filled(service, engine, alteration, run)
    case "DropColumn":
      return Effect.mapError(run, (error) =>
        error._tag === "SyntaxOrUndefined" && error.kind === "column"
          ? needed([checkOver(tableIn(snapshot, alteration), alteration.column)], engine, error)
          : error
      )
    default:
      return run
  }
}

/** Refused where a table has such a row. */
const unless = (
  service: EngineKey,
  engine: Engine,
  place: Placed,
  where: string | null,
  run: Effect.Effect<void, DatabaseError>,
  refused: () => DatabaseError
): Effect.Effect<void, DatabaseError> => {
  const rows = `SELECT 1 AS one FROM ${placeOf(place, engine)}`
  const first = `${where === null ? rows : `${rows} WHERE ${where}`} LIMIT 1`
  return Effect.flatMap(asked(service, asking({ one: T.integer })(unsafeSql(first))), (found) =>
    found.length === 0 ? run : Effect.fail(refused())
  )
}

const alive = ({ dialect }: Engine) => ({ dialect, transaction: "alive" }) as const

const tooExact = (table: string, column: string, { dialect }: Engine): ValueOutOfRange =>
  new ValueOutOfRange({
    message: `a value of ${table}.${column} would be rounded`,
    dialect,
    operation: "ddl",
    retryable: false,
    transaction: "alive",
    reason: "outOfRange",
    column
  })

/** Which column has NULL, where one may not: MySQL and MariaDB have one number for both. */
const filled = (
  service: EngineKey,
  engine: Engine,
  alteration: Extract<Alteration, { readonly _tag: "AlterColumn" | "AddPrimaryKey" }>,
  run: Effect.Effect<void, DatabaseError>
): Effect.Effect<void, DatabaseError> => {
  const due = withoutNull(alteration)
  return due.length === 0
    ? run
    : Effect.catchIf(run, isUnfit, (error) => unfit(service, engine, alteration, due, error))
}

/** MySQL and MariaDB have one number for what a column cannot hold, NULL among it. */
const isUnfit = (error: DatabaseError): error is ValueOutOfRange => error instanceof ValueOutOfRange

/** The columns of a declared table that may not be NULL from now on. */
const withoutNull = (one: Alteration): ReadonlyArray<string> => {
  if (one._tag === "AddPrimaryKey") return one.by.primaryKey.map((key) => nameOf(one.by, key))
  if (one._tag !== "AlterColumn" || one.by.byKey.get(one.key)!.nullable) return []
  return [nameOf(one.by, one.key)]
}

/**
 * A new column that must have a value which nothing says: MySQL and MariaDB make up a zero or an
 * empty text for the rows that are there.
 */
const isUnfilled = ({ by, key }: Extract<Alteration, { readonly _tag: "AddColumn" }>): boolean => {
  const { computed, identity, nullable, serverDefault } = by.byKey.get(key)!
  return !nullable && !identity && computed === null && serverDefault === null
}

/** What stands in the way of a column's end: MariaDB says of a check that it lacks the column. */
const checkOver = ({ checks, name }: SnapshotTable, column: string): string => {
  const over = checks.filter(({ predicate }) => predicate.includes(dialects.mariadb.quote(column)))
  return over.length === 0
    ? `a rule of table ${name}`
    : over.map((check) => `check ${check.name}`).join(", ")
}

interface Placed {
  readonly schema: string | null
  readonly table: string
}

/** A table in the words of MySQL and MariaDB. */
const placeOf = ({ schema, table }: Placed, { options }: Engine): string => {
  const { quote } = dialects.mariadb
  const home = schemaIn(options.schemas, schema)
  return home === null ? quote(table) : `${quote(home)}.${quote(table)}`
}

/** A row without a value for a column that must have one. */
const missing = (
  table: string,
  column: string,
  { dialect, transaction }: Pick<DatabaseError, "dialect" | "transaction">,
  driverError?: unknown
): NotNullViolation =>
  new NotNullViolation(
    {
      message: `${table}.${column} must have a value`,
      dialect,
      operation: "ddl",
      retryable: false,
      transaction,
      table,
      column
    },
    driverError
  )

const unfit = (
  service: EngineKey,
  engine: Engine,
  placed: Placed,
  columns: ReadonlyArray<string>,
  error: ValueOutOfRange
): Effect.Effect<never, DatabaseError> => {
  const { quote } = dialects.mariadb
  const first = columns.map((name) => `WHEN ${quote(name)} IS NULL THEN ${inQuotes(name, "'")}`)
  const nulls = asking({ name: T.text })(
    unsafeSql(
      `SELECT CASE ${first.join(" ")} END AS name FROM ${placeOf(placed, engine)} ` +
        `WHERE ${columns.map((name) => `${quote(name)} IS NULL`).join(" OR ")} LIMIT 1`
    )
  )
  return Effect.flatMap(asked(service, nulls), ([found]) =>
    Effect.fail(
      found === undefined ? error : missing(placed.table, found.name!, error, error.driverError)
    )
  )
}

export const nameOf = (table: TableSource, key: string): string => table.byKey.get(key)!.name

export const needed = (
  by: ReadonlyArray<string>,
  { dialect }: Pick<Engine, "dialect">,
  error?: DatabaseError
): StillNeeded =>
  new StillNeeded(
    {
      message: `still needed by ${by.join(", ")}`,
      dialect,
      operation: "ddl",
      retryable: false,
      transaction: error?.transaction ?? "alive",
      by
    },
    error?.driverError
  )
