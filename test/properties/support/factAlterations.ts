/** Generated alterations of places, of what counts, and of what is said of rules. */
import { Alter, Table } from "athanor"
import type {
  Snapshot,
  SnapshotColumn,
  SnapshotTable
} from "../../../src/algebra/schema/Snapshot.ts"
import type { EngineName } from "../../runtime/databases.ts"
import { type Changed, columnLike, declared, nth, within } from "./alteredTable.ts"

/** The schema beside the usual one. */
export const aside = `it's aside ${process.pid}`

/** A table in another schema; the keys to it follow. */
const tableMoved = (
  snapshot: Snapshot,
  table: SnapshotTable,
  engine: EngineName
): Changed | null => {
  if (engine === "sqlite") return null
  const isIt = (target: SnapshotTable["foreignKeys"][number]["target"]): boolean =>
    target.table === table.name && target.schema === table.schema
  return {
    alteration: Alter.move(table.name, aside),
    snapshot: {
      ...snapshot,
      tables: snapshot.tables.map((one) => ({
        ...one,
        schema: one === table ? aside : one.schema,
        foreignKeys: one.foreignKeys.map((key) =>
          isIt(key.target) ? { ...key, target: { ...key.target, schema: aside } } : key
        )
      }))
    }
  }
}

const counters = [{}, { start: 40, increment: 3 }, { increment: -2, maximum: 90 }] as const

/** A column of whole numbers that is counted. */
const identityAdded = (
  snapshot: Snapshot,
  table: SnapshotTable,
  numbered: ReadonlyArray<SnapshotColumn>,
  at: number,
  engine: EngineName
): Changed | null => {
  if (engine === "sqlite") return null
  const key = table.primaryKey?.columns.join()
  const fit = numbered.filter(
    ({ identity, name }) => identity === null && (engine === "postgres" || name === key)
  )
  const column = nth(fit, at)
  if (column === undefined) return null
  const options = engine === "postgres" ? nth(counters, at)! : {}
  const by = Table.exact(table.name, { [column.name]: columnLike(column).identity(options) })
  const { counter, identity } = declared(by, engine).columns[0]!
  const columns = table.columns.map((one) =>
    one === column ? { ...one, nullable: false, default: null, counter, identity } : one
  )
  return {
    alteration: Alter.addIdentity(by, column.name),
    snapshot: within(snapshot, table, { ...table, columns })
  }
}

/** A column that is counted no more. */
const identityDropped = (
  snapshot: Snapshot,
  table: SnapshotTable,
  engine: EngineName
): Changed | null => {
  const column = table.columns.find(({ identity }) => identity !== null)
  if (engine === "sqlite" || column === undefined) return null
  const columns = table.columns.map((one) =>
    one === column ? { ...one, counter: null, identity: null } : one
  )
  return {
    alteration: Alter.dropIdentity(table.name, column.name),
    snapshot: within(snapshot, table, { ...table, columns })
  }
}

const texts = ["plain", 'it\'s "so" `and` \\', null, "-- */ ; $1 ? 日本"] as const

/** Another comment on a rule, or none. */
const ruleRemarked = (
  snapshot: Snapshot,
  table: SnapshotTable,
  { at, to }: { readonly at: number; readonly to: number },
  engine: EngineName
): Changed | null => {
  if (engine === "sqlite") return null
  const { checks, exclusions, foreignKeys, indexes, primaryKey, uniques } = table
  const isMaria = engine === "mariadb"
  const key = primaryKey === null ? [] : [isMaria ? "PRIMARY" : primaryKey.name]
  const others = isMaria ? [] : [...checks, ...exclusions, ...foreignKeys]
  const rule = nth([...key, ...[...uniques, ...indexes, ...others].map(({ name }) => name)], at)
  if (rule === undefined || rule === null) return null
  const comment = nth(texts, to)!
  const as = <A extends { readonly name: string | null }>(one: A): A =>
    one.name === rule ? { ...one, comment } : one
  return {
    alteration: Alter.commentRule(table.name, rule, comment),
    snapshot: within(snapshot, table, {
      ...table,
      checks: checks.map(as),
      exclusions: exclusions.map(as),
      foreignKeys: foreignKeys.map(as),
      indexes: indexes.map(as),
      primaryKey: rule === key[0] ? { ...primaryKey!, comment } : primaryKey,
      uniques: uniques.map(as)
    })
  }
}

/** What a change of one of these kinds is; null where there is nothing to change. */
export const factChanged = (
  snapshot: Snapshot,
  table: SnapshotTable,
  {
    at,
    kind,
    numbered,
    to
  }: {
    readonly at: number
    readonly kind: "move" | "addIdentity" | "dropIdentity" | "commentRule"
    readonly numbered: ReadonlyArray<SnapshotColumn>
    readonly to: number
  },
  engine: EngineName
): Changed | null => {
  switch (kind) {
    case "move":
      return tableMoved(snapshot, table, engine)
    case "addIdentity":
      return identityAdded(snapshot, table, numbered, at, engine)
    case "dropIdentity":
      return identityDropped(snapshot, table, engine)
    case "commentRule":
      return ruleRemarked(snapshot, table, { at, to }, engine)
  }
}
