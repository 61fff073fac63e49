import type { DialectName } from "../../algebra/Dialect.ts"
import type { SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import type { Settings } from "../../algebra/schema/storage.ts"
import type { MysqlTable, PostgresStorage, SqliteTable } from "../../algebra/schema/tableStorage.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { usualTable } from "../dialects/usualTable.ts"

type Options = SnapshotTable["options"]

const texts = (settings: Settings = {}): Options =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name.toLowerCase(), String(value)])
  )

/** Engines as servers spell them. */
const engines = ["InnoDB", "Aria", "MyISAM", "MEMORY", "ARCHIVE", "CSV", "BLACKHOLE", "MRG_MyISAM"]

/** The character set a collation is of: the beginning of its name. */
export const charsetOf = (collation: string): string => collation.replace(/_.*$/s, "")

const mysqlOptions = (dialect: "mysql" | "mariadb", own: MysqlTable = {}): Options => {
  const usual = usualTable[dialect]
  const { characterSet, engine = usual.engine, rowFormat, with: settings } = own
  const isUsual = characterSet === undefined && own.collation === undefined
  const collation = isUsual ? usual.collation : own.collation
  const charset = characterSet ?? (collation === undefined ? undefined : charsetOf(collation))
  return {
    engine: engines.find((one) => one.toLowerCase() === engine.toLowerCase()) ?? engine,
    ...(charset === undefined ? {} : { charset }),
    ...(collation === undefined ? {} : { collation }),
    ...(rowFormat === undefined ? {} : { row_format: rowFormat.toUpperCase() }),
    ...texts(settings)
  }
}

const postgresOptions = (own: PostgresStorage = {}): Options => ({
  ...texts(own.with),
  ...(own.tablespace === undefined ? {} : { tablespace: own.tablespace }),
  ...(own.unlogged === true ? { unlogged: "yes" } : {}),
  ...(own.using === undefined || own.using === "heap" ? {} : { using: own.using })
})

const sqliteOptions = (own: SqliteTable = {}): Options => ({
  ...(own.strict === true ? { strict: "yes" } : {}),
  ...(own.withoutRowid === true ? { rowid: "no" } : {}),
  ...(own.autoincrement === true ? { autoincrement: "yes" } : {})
})

/** What a server says of a table beside its columns and rules, but for its partitions. */
export const storedOptions = (
  { storage }: Pick<TableSource, "storage">,
  dialect: DialectName
): Options => {
  switch (dialect) {
    case "sqlite":
      return sqliteOptions(storage.sqlite)
    case "postgres":
      return postgresOptions(storage.postgres)
    default:
      return mysqlOptions(dialect, storage[dialect])
  }
}
