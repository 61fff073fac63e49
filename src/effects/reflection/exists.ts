import * as Effect from "effect/Effect"
import type { DialectName } from "../../algebra/Dialect.ts"
import { inQuotes } from "../../algebra/inQuotes.ts"
import { checkName } from "../../algebra/schema/naming.ts"
import type { Select } from "../../algebra/Select.ts"
import * as T from "../../algebra/types.ts"
import { schemaIn } from "../../compile/schemas.ts"
import type { ReadError } from "../DatabaseError.ts"
import { onKnown } from "../Engine.ts"
import { type EngineKey, execution } from "../Execution.ts"
import { type Ask, asking } from "./Reader.ts"
import { askingIn } from "./sqlite.ts"

/**
 * Something a schema may have, by its name.
 *
 * @category models
 */
export interface SchemaObject {
  readonly kind: "schema" | "table" | "view" | "materialized view" | "index" | "sequence"
  readonly name: string
  /** The one that names without a schema mean, where left out. */
  readonly schema?: string
}

type Kind = SchemaObject["kind"]
type Question = (
  kind: Kind,
  name: string,
  schema: string | null
) => Select<{ readonly name: string | null }, never, never>

const named = asking({ name: T.text })

const postgresKinds: Readonly<Record<Kind, string>> = {
  schema: "",
  table: "rpf",
  view: "v",
  "materialized view": "m",
  index: "iI",
  sequence: "S"
}

const inPostgres: Question = (kind, name, schema) =>
  kind === "schema"
    ? named`SELECT n.nspname::text AS name FROM pg_namespace AS n WHERE n.nspname = ${name}`
    : named`
    SELECT c.relname::text AS name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname = ${name} AND n.nspname = coalesce(${schema}, current_schema())
      AND strpos(${postgresKinds[kind]}, c.relkind::text) > 0`

const mysqlKinds: Readonly<Record<Kind, string>> = {
  schema: "",
  table: "BASE TABLE,SYSTEM VERSIONED",
  view: "VIEW,SYSTEM VIEW",
  "materialized view": "",
  index: "",
  sequence: "SEQUENCE"
}

const inMysql: Question = (kind, name, schema) =>
  kind === "schema"
    ? named`
    SELECT s.SCHEMA_NAME AS name FROM information_schema.SCHEMATA AS s
    WHERE s.SCHEMA_NAME = ${name}`
    : kind === "index"
      ? named`
    SELECT DISTINCT s.INDEX_NAME AS name FROM information_schema.STATISTICS AS s
    WHERE s.INDEX_NAME = ${name} AND s.TABLE_SCHEMA = coalesce(${schema}, DATABASE())`
      : named`
    SELECT t.TABLE_NAME AS name FROM information_schema.TABLES AS t
    WHERE t.TABLE_NAME = ${name} AND t.TABLE_SCHEMA = coalesce(${schema}, DATABASE())
      AND FIND_IN_SET(t.TABLE_TYPE, ${mysqlKinds[kind]}) > 0`

const inSqlite: Question = (kind, name, schema) => {
  const file = schema ?? "main"
  switch (kind) {
    case "schema":
      return named`SELECT d.name AS name FROM pragma_database_list AS d
        WHERE d.name = ${name} COLLATE NOCASE`
    case "index":
      return askingIn(
        { name: T.text },
        (objects) => `SELECT s.name AS name FROM ${objects} AS s
          WHERE s.type = 'index' AND s.name = ${inQuotes(name, "'")} COLLATE NOCASE`
      )(file)
    default:
      return named`SELECT l.name AS name FROM pragma_table_list AS l
        WHERE l.name = ${name} COLLATE NOCASE AND l.schema = ${file} COLLATE NOCASE
          AND CASE l.type WHEN 'virtual' THEN 'table' ELSE l.type END = ${kind}`
  }
}

const questions: Readonly<Record<DialectName, Question>> = {
  sqlite: inSqlite,
  postgres: inPostgres,
  mysql: inMysql,
  mariadb: inMysql
}

/** Names that differ in the case of letters only are one on SQLite, and for indexes of MySQL. */
const isSame = (dialect: DialectName, kind: Kind, a: string, b: string): boolean =>
  a === b ||
  ((dialect === "sqlite" || (dialect !== "postgres" && kind === "index")) &&
    a.toLowerCase() === b.toLowerCase())

/** Whether a schema has it. */
export const hasObject = (
  service: EngineKey,
  { kind, name, schema }: SchemaObject
): Effect.Effect<boolean, ReadError> => {
  const ask: Ask = (query) => execution(service, query.node, undefined, "all") as never
  return onKnown(service, ({ dialect, options }) => {
    checkName(name, `has: ${kind}`)
    if (schema !== undefined) checkName(schema, "has: schema")
    const place = schemaIn(options.schemas, schema ?? null)
    const said = kind === "schema" ? (schemaIn(options.schemas, name) ?? name) : name
    return Effect.map(ask(questions[dialect](kind, said, place)), (rows) =>
      rows.some((row) => isSame(dialect, kind, row.name!, said))
    )
  })
}

/** The names of all schemas there are, but for those of the server itself. */
export const schemasOf = (service: EngineKey): Effect.Effect<ReadonlyArray<string>, ReadError> => {
  const ask: Ask = (query) => execution(service, query.node, undefined, "all") as never
  return onKnown(service, ({ dialect }) => {
    const question =
      dialect === "sqlite"
        ? named`SELECT d.name AS name FROM pragma_database_list AS d`
        : dialect === "postgres"
          ? named`
    SELECT n.nspname::text AS name FROM pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`
          : named`
    SELECT s.SCHEMA_NAME AS name FROM information_schema.SCHEMATA AS s
    WHERE s.SCHEMA_NAME NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')`
    return Effect.map(ask(question), (rows) => rows.map((row) => row.name!).toSorted())
  })
}
