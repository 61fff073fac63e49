import * as Effect from "effect/Effect"
import type { DialectName } from "../../algebra/Dialect.ts"
import type { Snapshot, SnapshotColumn, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import { checkName } from "../../algebra/schema/naming.ts"
import { normalSnapshot } from "../../compile/schema/normalSnapshot.ts"
import * as T from "../../algebra/types.ts"
import { chosen, type SchemaChoice } from "../../compile/schema/chosen.ts"
import { schemaIn } from "../../compile/schemas.ts"
import { type ReadError, SyntaxOrUndefined, Unsupported } from "../DatabaseError.ts"
import { type Engine, onKnown } from "../Engine.ts"
import { type EngineKey, execution } from "../Execution.ts"
import { readMysql } from "./mysql.ts"
import { readPostgres } from "./postgres.ts"
import { type Ask, asking, type Reader } from "./Reader.ts"
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
export interface ReflectOptions extends SchemaChoice {
  /** The one that names without a schema mean, where left out. */
  readonly schema?: string
  /** What is made of each column of a table that was read. */
  readonly column?: (
    column: SnapshotColumn,
    table: Pick<SnapshotTable, "schema" | "name">
  ) => SnapshotColumn
  /**
   * In place of a schema, what only this connection sees: ask inside the transaction, or on the
   * borrowed connection, that has made it.
   */
  readonly temporary?: boolean
}

/** PostgreSQL keeps what is temporary in a schema of each connection's own. */
const ownSchema = asking({ name: T.text })`
  SELECT n.nspname::text AS name FROM pg_namespace AS n WHERE n.oid = pg_my_temp_schema()`

const nothing = (dialect: DialectName): Snapshot => ({
  dialect,
  tables: [],
  views: [],
  sequences: [],
  enums: [],
  domains: []
})

/** The schema that names without one mean; null where there is none. */
const selected: Readonly<Record<DialectName, typeof ownSchema | null>> = {
  sqlite: null,
  postgres: asking({ name: T.text })`SELECT current_schema()::text AS name`,
  mysql: asking({ name: T.text })`SELECT DATABASE() AS name`,
  mariadb: asking({ name: T.text })`SELECT DATABASE() AS name`
}

const isEmpty = ({ domains, enums, sequences, tables, views }: Snapshot): boolean =>
  [domains, enums, sequences, tables, views].every(({ length }) => length === 0)

/** Where no schema is selected, or none the account may use, there is nothing to be found empty. */
const inSelected = (ask: Ask, found: Snapshot): Effect.Effect<Snapshot, ReadError> => {
  const { dialect } = found
  const question = selected[dialect]
  return question === null || !isEmpty(found)
    ? Effect.succeed(found)
    : Effect.flatMap(ask(question), ([now]) =>
        now?.name != null
          ? Effect.succeed(found)
          : Effect.fail(
              new SyntaxOrUndefined({
                message: "no schema is selected that could be read: name one",
                dialect,
                operation: "query",
                retryable: false,
                transaction: "alive",
                kind: "other"
              })
            )
      )
}

/** The schema as tables say it that are found in another one: see the option `schemas`. */
const asWritten = ({ first, options }: Engine, found: string | null): string | null => {
  // Where no schema is said, the connection's own is meant.
  const name = found ?? first.told?.facts.schema ?? ""
  for (const [written, meant] of Object.entries(options.schemas ?? {}))
    if (meant === name) return written === "" ? null : written
  return name === "" ? null : name
}

/** The same under other names of its schemas. */
const renamed = (snapshot: Snapshot, name: (schema: string | null) => string | null): Snapshot => {
  const bare = <A extends { readonly schema: string | null }>(all: ReadonlyArray<A>) =>
    all.map((one) => ({ ...one, schema: name(one.schema) }))
  return {
    ...snapshot,
    tables: bare(snapshot.tables).map((table) => ({
      ...table,
      foreignKeys: table.foreignKeys.map((key) => ({
        ...key,
        target: { ...key.target, schema: name(key.target.schema) }
      }))
    })),
    views: bare(snapshot.views),
    sequences: bare(snapshot.sequences),
    enums: bare(snapshot.enums),
    domains: bare(snapshot.domains)
  }
}

/** By the names they go by: no schema is said of what is temporary. */
const withoutSchema = (snapshot: Snapshot): Snapshot => renamed(snapshot, () => null)

const readTemporary = (ask: Ask, dialect: DialectName): Effect.Effect<Snapshot, ReadError> => {
  switch (dialect) {
    case "sqlite":
      return Effect.map(readSqlite(ask, "temp"), withoutSchema)
    case "postgres":
      return Effect.flatMap(ask(ownSchema), ([own]) =>
        own === undefined
          ? Effect.succeed(nothing(dialect))
          : Effect.map(readPostgres(ask, own.name), withoutSchema)
      )
    default:
      return Effect.fail(
        new Unsupported({
          message: `${dialect} cannot do this: a list of temporary tables (temporaryTableList)`,
          dialect,
          operation: "query",
          retryable: false,
          transaction: "alive",
          capability: "temporaryTableList",
          construct: "a list of temporary tables"
        })
      )
  }
}

/** The schema a database has, as a value. */
export const reflect = (
  service: EngineKey,
  { column, schema, temporary = false, ...choice }: ReflectOptions
): Effect.Effect<Snapshot, ReadError> => {
  const ask: Ask = (query) => execution(service, query.node, undefined, "all") as never
  // A driver does not know MariaDB from MySQL before the server has told.
  return onKnown(service, (engine) => {
    const { dialect } = engine
    // On SQLite it stands in a statement's text.
    if (schema !== undefined) checkName(schema, "reflect: schema")
    const written = schema ?? null
    const meant = schemaIn(engine.options.schemas, written)
    const readIn = (one: string | null) =>
      one === null
        ? Effect.flatMap(readers[dialect](ask, one), (found) => inSelected(ask, found))
        : readers[dialect](ask, one)
    const read = temporary
      ? readTemporary(ask, dialect)
      : meant === written
        ? readIn(written)
        : Effect.map(readIn(meant), (found) => renamed(found, (one) => asWritten(engine, one)))
    return Effect.map(read, (found) =>
      chosen(normalSnapshot(column === undefined ? found : adjusted(found, column)), choice)
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
