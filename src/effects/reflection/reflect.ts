import * as Effect from "effect/Effect"
import type { DialectName } from "../../algebra/Dialect.ts"
import type { Snapshot, SnapshotColumn, SnapshotTable } from "../../algebra/Snapshot.ts"
import { checkName } from "../../algebra/naming.ts"
import { normalSnapshot } from "../../compile/schema/normalSnapshot.ts"
import type { ReadError } from "../DatabaseError.ts"
import { onKnown } from "../Engine.ts"
import { type EngineKey, execution } from "../Execution.ts"
import { readMysql } from "./mysql.ts"
import { readPostgres } from "./postgres.ts"
import type { Ask, Reader } from "./Reader.ts"
import { readSqlite } from "./sqlite.ts"

const readers: Readonly<Record<DialectName, Reader>> = {
  sqlite: readSqlite,
  postgres: readPostgres,
  mysql: readMysql("mysql"),
  mariadb: readMysql("mariadb")
}

/**
 * What is read of a schema.
 *
 * @category models
 */
export interface ReflectOptions {
  /** The one that names without a schema mean, where left out. */
  readonly schema?: string
  /** What is made of each column of a table that was read. */
  readonly column?: (
    column: SnapshotColumn,
    table: Pick<SnapshotTable, "schema" | "name">
  ) => SnapshotColumn
}

/** The schema a database has, as a value. */
export const reflect = (
  service: EngineKey,
  { column, schema }: ReflectOptions
): Effect.Effect<Snapshot, ReadError> => {
  const ask: Ask = (query) => execution(service, query.node, undefined, "all") as never
  // A driver does not know MariaDB from MySQL before the server has told.
  return onKnown(service, ({ dialect }) => {
    // On SQLite it stands in a statement's text.
    if (schema !== undefined) checkName(schema, "reflect: schema")
    return Effect.map(readers[dialect](ask, schema ?? null), (found) =>
      normalSnapshot(column === undefined ? found : adjusted(found, column))
    )
  })
}

const adjusted = (snapshot: Snapshot, column: NonNullable<ReflectOptions["column"]>): Snapshot => ({
  ...snapshot,
  tables: snapshot.tables.map((table) => ({
    ...table,
    columns: table.columns.map((one) => column(one, table))
  }))
})
