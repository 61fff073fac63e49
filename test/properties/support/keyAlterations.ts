/** Generated alterations of keys and of names of rules. */
import { Alter, PrimaryKey, Table } from "athanor"
import type {
  Snapshot,
  SnapshotColumn,
  SnapshotTable
} from "../../../src/algebra/schema/Snapshot.ts"
import type { EngineName } from "../../runtime/databases.ts"
import { type Changed, columnLike, declared, nth, within } from "./alteredTable.ts"

/** A rule under another name; MariaDB keeps the index it made for a foreign key under the old. */
export const ruleRenamed = (
  snapshot: Snapshot,
  table: SnapshotTable,
  { at, fresh }: { readonly at: number; readonly fresh: string },
  engine: EngineName
): Changed | null => {
  const { checks, exclusions, foreignKeys, indexes, primaryKey, uniques } = table
  const keys = engine === "mariadb" ? [] : [...foreignKeys, ...(primaryKey ? [primaryKey] : [])]
  const rule = nth([...checks, ...exclusions, ...indexes, ...uniques, ...keys], at)
  if (rule?.name === undefined || rule.name === null) return null
  const { name } = rule
  const as = <A extends { readonly name: string | null }>(one: A): A =>
    one.name === name ? { ...one, name: fresh } : one
  return {
    alteration: Alter.renameRule(table.name, name, fresh),
    snapshot: within(snapshot, table, {
      ...table,
      checks: checks.map(as),
      exclusions: exclusions.map(as),
      foreignKeys: foreignKeys.map(as),
      indexes: indexes.map(as),
      primaryKey: primaryKey === null ? null : as(primaryKey),
      uniques: uniques.map(as)
    })
  }
}

/** SQLite numbers the only key of whole numbers itself. */
const isNumbered = ({ options }: SnapshotTable, engine: EngineName): boolean =>
  engine === "sqlite" && options["rowid"] === undefined

/** A key over one column of whole numbers, where there is none. */
export const keyAdded = (
  snapshot: Snapshot,
  table: SnapshotTable,
  number: SnapshotColumn,
  fresh: string,
  engine: EngineName
): Changed | null => {
  const set = table.foreignKeys.flatMap(({ columns }) => columns)
  // SQLite keeps one of two keys over the same columns; MariaDB has no NULL set in a key.
  const isKnown = table.uniques.some(({ columns }) => columns.join() === number.name)
  if (table.primaryKey !== null || isKnown || set.includes(number.name)) return null
  const by = Table.exact(table.name, { [number.name]: columnLike(number) }, (c) => [
    PrimaryKey.with({ name: fresh }, c[number.name]!)
  ])
  const columns = table.columns.map((one) =>
    one === number
      ? {
          ...one,
          nullable: false,
          identity: isNumbered(table, engine) ? ("auto" as const) : one.identity
        }
      : one
  )
  return {
    alteration: Alter.addPrimaryKey(by),
    snapshot: within(snapshot, table, {
      ...table,
      columns,
      primaryKey: declared(by, engine).primaryKey
    })
  }
}

/** No key, where no foreign key leads to it and nothing counts by it. */
export const keyDropped = (
  snapshot: Snapshot,
  table: SnapshotTable,
  engine: EngineName
): Changed | null => {
  const { columns, foreignKeys, options, primaryKey } = table
  const names = primaryKey?.columns ?? []
  const isLed = snapshot.tables.some((one) =>
    one.foreignKeys.some(({ target }) => target.table === table.name)
  )
  const counts = columns.some(({ identity, name }) => identity !== null && names.includes(name))
  // MariaDB needs an index for a foreign key of its own, which this may be.
  const serves = foreignKeys.some((key) => key.columns[0] === names[0])
  const isHeld =
    options["autoincrement"] !== undefined ||
    options["rowid"] !== undefined ||
    (engine === "mariadb" && (counts || serves))
  if (primaryKey === null || isLed || isHeld) return null
  const free = ({ identity, name }: SnapshotColumn): boolean =>
    engine === "sqlite" && identity !== null && names.includes(name)
  return {
    alteration: Alter.dropPrimaryKey(table.name),
    snapshot: within(snapshot, table, {
      ...table,
      primaryKey: null,
      columns: columns.map((one) => (free(one) ? { ...one, identity: null, nullable: false } : one))
    })
  }
}
