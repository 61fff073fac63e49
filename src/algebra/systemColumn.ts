import { type Expr, expr } from "./Expression.ts"
import { type From, FromId } from "./From.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { asTable, type TableSource } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import * as T from "./types.ts"
import { exactType } from "./types/exact/make.ts"
import { oid } from "./types/exact/servers.ts"
import { bigintCodec } from "./types/integers.ts"
import { textCodec } from "./types/text.ts"
import { instantCodec } from "./types/timestamps.ts"
import type { Instant } from "./values/Instant.ts"

/**
 * What a server keeps of each row and no table declares, and its value.
 *
 * @category models
 */
export interface SystemColumns {
  /** SQLite: the number a row is kept by. */
  readonly rowid: bigint
  /** PostgreSQL: where this version of the row lies, `(page,place)`. */
  readonly ctid: string
  /** PostgreSQL: the table the row is of, a partition or a child where it is of one. */
  readonly tableoid: number
  /** PostgreSQL: the transaction that wrote this version of the row. */
  readonly xmin: bigint
  /** PostgreSQL: the transaction that removes or locks it; 0 for none. */
  readonly xmax: bigint
  /** PostgreSQL: which command of its transaction wrote it. */
  readonly cmin: bigint
  /** PostgreSQL: which command of its transaction removes it; 0 for none. */
  readonly cmax: bigint
  /** MariaDB, of a table with system versioning: when this version of the row began. */
  readonly rowStart: Instant
  /** MariaDB, of a table with system versioning: when it ended; far ahead where it lasts. */
  readonly rowEnd: Instant
}

const capability = "systemColumns"
const counter = (name: string) =>
  exactType({ name, capability, column: { postgres: name }, codec: textCodec })

const rowid = exactType({
  name: "rowid",
  capability,
  family: { _tag: "Bigint" },
  column: { sqlite: "INTEGER" },
  codec: bigintCodec
})
const tid = exactType({ name: "tid", capability, column: { postgres: "tid" }, codec: textCodec })
const systemTime = exactType({
  name: "system time",
  capability,
  family: { _tag: "Timestamp", precision: 6 },
  column: { mariadb: "timestamp(6)" },
  codec: instantCodec(6)
})

/** By what a column is told that no table declares: a name behind an empty key. */
const column = (alias: string, table: TableSource, name: string, type: AnyType): Scalar =>
  S.ref(alias, table, ["", name], type)

/** Numbers that have no order on the server, for they begin anew; as whole numbers they have. */
const counted =
  (name: string, type: AnyType) =>
  (alias: string, table: TableSource): Scalar =>
    S.cast(S.cast(column(alias, table, name, type), T.text), T.bigint)

const plain =
  (name: string, type: AnyType) =>
  (alias: string, table: TableSource): Scalar =>
    column(alias, table, name, type)

const rowidNames = ["rowid", "_rowid_", "oid"]

/** A column that is declared takes its name from the number of the row. */
const rowidOf = (alias: string, table: TableSource): Scalar => {
  if (table.storage.sqlite?.withoutRowid === true)
    refuse(`system: the rows of "${table.name}" have no rowid`)
  const taken = new Set(table.columns.map(({ name }) => name.toLowerCase()))
  const name = rowidNames.find((one) => !taken.has(one))
  return name === undefined
    ? refuse(`system: columns of "${table.name}" take every name of the rowid`)
    : column(alias, table, name, rowid)
}

const columns: {
  readonly [K in keyof SystemColumns]: (alias: string, table: TableSource) => Scalar
} = {
  rowid: rowidOf,
  ctid: plain("ctid", tid),
  tableoid: plain("tableoid", oid),
  xmin: counted("xmin", counter("xid")),
  xmax: counted("xmax", counter("xid")),
  cmin: counted("cmin", counter("cid")),
  cmax: counted("cmax", counter("cid")),
  rowStart: plain("ROW_START", systemTime),
  rowEnd: plain("ROW_END", systemTime)
}

/**
 * What the server keeps of each row of a base table and no table declares.
 *
 * **Shape** an expression over the rows of the table or alias, as any column of it; no whole row
 * has it. A table whose columns take the name `rowid` is asked by another name of it.
 * **SQL** sqlite: rowid · postgres: ctid, tableoid, xmin, xmax, cmin, cmax · mariadb: ROW_START and
 * ROW_END of a table with system versioning; `Unsupported` (`systemColumns`) elsewhere.
 * **Errors** `StatementError` for what is no base table, and for the rowid of a table without one;
 * when run, the server's own for ROW_START of a table that keeps no versions.
 * **Source** SQLite, "ROWIDs and the INTEGER PRIMARY KEY"; PostgreSQL manual 5.6; MariaDB,
 * "System-Versioned Tables"; SQLAlchemy 2.0 `Column.system`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Expr, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const codes = Table.make("codes", { code: Column.text().primaryKey() })
 * const program = Database.create(Catalog.make({ codes })).pipe(
 *   Effect.andThen(Database.run(Query.insert(codes).rows([{ code: "b" }, { code: "a" }]))),
 *   Effect.andThen(Database.all(
 *     Query.from(codes).select({ code: codes.c.code, at: Expr.system(codes, "rowid") })
 *       .orderBy(Expr.system(codes, "rowid")))))
 * const rows = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * rows // => [{ code: "b", at: 1n }, { code: "a", at: 2n }]
 * ```
 * @category constructors
 */
export const system = <N extends string, const K extends keyof SystemColumns>(
  table: From<N, unknown>,
  name: K
): Expr<SystemColumns[K], N> => {
  const { alias, source } = table[FromId]
  const said = asTable(source, "system")
  return Object.hasOwn(columns, name)
    ? expr(columns[name](alias, said))
    : refuse(`system: "${name}" is no system column`)
}
