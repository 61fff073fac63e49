import type { From } from "../From.ts"
import type { Convention } from "./naming.ts"
import type { Notes } from "./notes.ts"
import type { Only } from "./only.ts"
import type {
  MysqlTable,
  PostgresPart,
  PostgresStorage,
  SqliteTable,
  TableStorage
} from "./tableStorage.ts"

export type {
  OnConflict,
  MysqlPart,
  MysqlTable,
  OnCommit,
  Partitioning,
  PostgresPart,
  PostgresStorage,
  SqliteTable
} from "./tableStorage.ts"

/**
 * What PostgreSQL alone takes of a table.
 *
 * **Shape** a partition is created as such, with the columns and the rules of the table it is of:
 * what it declares itself is for the types of its rows.
 * **Source** PostgreSQL's CREATE TABLE.
 *
 * @category models
 */
export interface PostgresTable extends PostgresStorage {
  /** Tables whose columns it has and that show its rows as theirs; read when the schema is. */
  readonly inherits?: () => ReadonlyArray<From<string, unknown>>
  /** The table it holds rows of, read when the schema is, and which those are. */
  readonly partitionOf?: {
    readonly table: () => From<string, unknown>
    readonly rows: PostgresPart
  }
}

/**
 * What `Table.make` takes beside columns.
 *
 * **Shape** what one dialect alone takes stands under its name, and the others leave it out.
 *
 * @category models
 */
export interface TableOptions {
  /** The schema it lives in; the connection's default where left out. */
  readonly schema?: string
  /** What people should know of it: the server keeps it. `Unsupported` on SQLite (`comments`). */
  readonly comment?: string
  /** What the program notes of it for itself; see `Catalog.notes`. */
  readonly notes?: Notes
  /** The dialects and versions it is for; all of them where left out. */
  readonly only?: Only
  /** How its keys, constraints and indexes are named; as PostgreSQL does where left out. */
  readonly naming?: Convention
  readonly sqlite?: SqliteTable
  readonly postgres?: PostgresTable
  readonly mysql?: MysqlTable
  readonly mariadb?: MysqlTable
}

/** The same as a table keeps it: other tables are told apart. */
export const storageIn = ({ mariadb, mysql, postgres, sqlite }: TableOptions): TableStorage => {
  const keptOf = ({ inherits: _, partitionOf, ...rest }: PostgresTable) =>
    Object.freeze(partitionOf === undefined ? rest : { ...rest, part: partitionOf.rows })
  return Object.freeze({
    ...(sqlite === undefined ? {} : { sqlite: Object.freeze(sqlite) }),
    ...(postgres === undefined ? {} : { postgres: keptOf(postgres) }),
    ...(mysql === undefined ? {} : { mysql: Object.freeze(mysql) }),
    ...(mariadb === undefined ? {} : { mariadb: Object.freeze(mariadb) })
  })
}

/** The tables it comes from, as PostgreSQL has it. */
export const parentsIn = ({ postgres }: TableOptions): ReadonlyArray<From<string, unknown>> => [
  ...(postgres?.inherits?.() ?? []),
  ...(postgres?.partitionOf === undefined ? [] : [postgres.partitionOf.table()])
]
