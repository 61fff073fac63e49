import type { DialectName } from "../Dialect.ts"
import type { SnapshotTable } from "./Snapshot.ts"
import type { Settings } from "./storage.ts"
import type { MysqlTable, PostgresStorage, SqliteTable, TableStorage } from "./tableStorage.ts"

type Options = SnapshotTable["options"]

/** Words of a server's own that are no settings. */
const words = new Set([
  ...["charset", "collation", "engine", "row_format", "partition", "versioned", "period", "hidden"],
  ...["bounds", "foreign", "inherits", "partitionOf", "tablespace", "unlogged", "using"]
])

const settingsIn = (options: Options): { readonly with?: Settings } => {
  const rest = Object.entries(options).filter(([name]) => !words.has(name))
  const valued = rest.map(([name, text]) => [name, /^\d+$/.test(text) ? Number(text) : text])
  return rest.length === 0 ? {} : { with: Object.fromEntries(valued) as Settings }
}

const rowFormats = ["default", "dynamic", "compact", "compressed", "redundant"] as const

const mysqlTable = (options: Options): MysqlTable => {
  const { charset, collation, engine, row_format: format } = options
  const rowFormat = rowFormats.find((one) => one === format?.toLowerCase())
  return {
    ...(engine === undefined ? {} : { engine }),
    ...(charset === undefined ? {} : { characterSet: charset }),
    ...(collation === undefined ? {} : { collation }),
    ...(rowFormat === undefined ? {} : { rowFormat }),
    ...settingsIn(options)
  }
}

const postgresTable = (options: Options): PostgresStorage => {
  const { tablespace, unlogged, using } = options
  return {
    ...(using === undefined ? {} : { using }),
    ...settingsIn(options),
    ...(tablespace === undefined ? {} : { tablespace }),
    ...(unlogged === undefined ? {} : { unlogged: true })
  }
}

const sqliteTable = ({ columns, options }: Pick<SnapshotTable, "columns" | "options">) => {
  const { autoincrement, rowid, strict } = options
  const ifNull = columns.flatMap((one) =>
    one.ifNull === undefined ? [] : [[one.name, one.ifNull]]
  )
  return {
    ...(strict === undefined ? {} : { strict: true }),
    ...(rowid === undefined ? {} : { withoutRowid: true }),
    ...(autoincrement === undefined ? {} : { autoincrement: true }),
    ...(ifNull.length === 0
      ? {}
      : { ifNull: Object.fromEntries(ifNull) as SqliteTable["ifNull"] & {} })
  }
}

/** What a table of a snapshot is under its dialect's own name; its partitions are not said. */
export const reflectedStorage = (
  dialect: DialectName,
  table: Pick<SnapshotTable, "columns" | "options">
): TableStorage => {
  const said =
    dialect === "sqlite"
      ? sqliteTable(table)
      : dialect === "postgres"
        ? postgresTable(table.options)
        : mysqlTable(table.options)
  return Object.keys(said).length === 0 ? {} : { [dialect]: said }
}
