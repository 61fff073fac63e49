import type { Alteration } from "../../algebra/schema/Alter.ts"
import type { Capabilities } from "../../algebra/Dialect.ts"
import type {
  Snapshot,
  SnapshotCheck,
  SnapshotColumn,
  SnapshotKey,
  SnapshotTable
} from "../../algebra/schema/Snapshot.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { guardName } from "../../algebra/schema/ruleNames.ts"
import { refuse } from "../../algebra/StatementError.ts"
import { fitName } from "../identifiers.ts"
import { isGuardedOn } from "../phases/render/rules.ts"
import { snapshotOf } from "./snapshotOf.ts"

/** The table of a snapshot an alteration is of. */
export const tableIn = (
  snapshot: Snapshot,
  { schema, table }: { readonly schema: string | null; readonly table: string }
): SnapshotTable =>
  snapshot.tables.find((one) => one.name === table && one.schema === schema) ??
  refuse(`alter: no table "${table}"${schema === null ? "" : ` in "${schema}"`}`)

/** A column of a table, which must be there. */
export const columnIn = (table: SnapshotTable, name: string): SnapshotColumn =>
  table.columns.find((column) => column.name === name) ??
  refuse(`alter: "${table.name}" has no column "${name}"`)

type Rules = "uniques" | "checks" | "foreignKeys" | "exclusions" | "indexes"
const kinds: ReadonlyArray<Rules> = ["uniques", "checks", "foreignKeys", "exclusions", "indexes"]

/** What kind of rule a name is of. */
export const kindOfRule = (table: SnapshotTable, rule: string): Rules =>
  kinds.find((kind) => table[kind].some(({ name }) => name === rule)) ??
  refuse(`alter: "${table.name}" has no rule "${rule}"`)

/** What changes what a table holds, and no name of it or of its columns. */
export type Change = Extract<
  Alteration,
  {
    readonly _tag:
      | "AddColumn"
      | "DropColumn"
      | "AlterColumn"
      | "AddIdentity"
      | "DropIdentity"
      | "AddRule"
      | "DropRule"
      | "RenameRule"
      | "AddPrimaryKey"
      | "DropPrimaryKey"
  }
>

/** Its primary key, which must be there. */
export const keyIn = ({ name, primaryKey }: SnapshotTable): SnapshotKey =>
  primaryKey ?? refuse(`alter: "${name}" has no primary key`)

const taken = (table: SnapshotTable, what: string, name: string): never =>
  refuse(`alter: the name is taken: "${table.name}" has a ${what} "${name}"`)

/** A column of a name that no other has: SQLite tells names apart by their letters alone. */
const freeColumn = (table: SnapshotTable, name: string): void => {
  const same = name.toLowerCase()
  if (table.columns.some((one) => one.name.toLowerCase() === same)) taken(table, "column", name)
}

/** SQLite itself takes two rules of one name, of which none could be told from the other. */
const freeRule = (table: SnapshotTable, rule: string): void => {
  if (kinds.some((kind) => table[kind].some(({ name }) => name === rule)))
    taken(table, "rule", rule)
}

/** The columns of a key, without NULL; SQLite numbers the only one of whole numbers itself. */
const keyed = (
  { columns, options }: SnapshotTable,
  key: ReadonlyArray<string>,
  { dialect }: Capabilities
): ReadonlyArray<SnapshotColumn> => {
  const isNumbered = dialect === "sqlite" && key.length === 1 && options["rowid"] !== "no"
  return columns.map((column) =>
    key.includes(column.name)
      ? {
          ...column,
          nullable: false,
          identity: isNumbered && column.type === "INTEGER" ? "auto" : column.identity
        }
      : column
  )
}

/** The same without their key: what SQLite numbered by it has to be given. */
const unkeyed = (
  { columns, primaryKey }: SnapshotTable,
  { dialect }: Capabilities
): ReadonlyArray<SnapshotColumn> =>
  dialect !== "sqlite"
    ? columns
    : columns.map((column) =>
        column.identity !== null && primaryKey?.columns.includes(column.name) === true
          ? { ...column, nullable: false, identity: null }
          : column
      )

/** A table that declares a column of another one, kept as the tables of that one are. */
const asDeclared = (
  by: TableSource,
  { options }: SnapshotTable,
  capabilities: Capabilities
): SnapshotTable => {
  const sqlite = { ...by.storage.sqlite, strict: true }
  const storage = options["strict"] === "yes" ? { ...by.storage, sqlite } : by.storage
  return snapshotOf({ tables: [{ ...by, storage }] }, capabilities).tables[0]!
}

/** The check that guards a column's values, where one does. */
const guardsOf = (
  by: TableSource,
  key: string,
  { checks }: SnapshotTable,
  capabilities: Capabilities
): ReadonlyArray<SnapshotCheck> => {
  const column = by.byKey.get(key)!
  if (!isGuardedOn(column, capabilities)) return []
  const guard = fitName(guardName(by, column), capabilities)
  return checks.filter((check) => check.name === guard)
}

/**
 * Whether a check is one that guards values: a list of them, in the words of every server. Another
 * of that name is somebody's own, and stands in the way.
 */
export const isGuard = ({ predicate }: SnapshotCheck): boolean =>
  /\bIN\s*\(|= ANY\b/i.test(predicate)

/** The table with another column in the place of one. */
const withColumn = (
  table: SnapshotTable,
  name: string,
  become: (column: SnapshotColumn) => SnapshotColumn
): SnapshotTable => {
  const column = columnIn(table, name)
  return { ...table, columns: table.columns.map((one) => (one === column ? become(one) : one)) }
}

/** What else is said of a column of another type: a moment as exact as it, and of it alone. */
const keptIn = (type: string, attributes = ""): { readonly attributes?: string } => {
  const [, precision = ""] = /^(?:timestamp|datetime)(\(\d\))?/.exec(type) ?? []
  const kept = /^(?:timestamp|datetime)/.test(type)
    ? attributes.replace(/(current_timestamp)(?:\(\d*\))?/i, `$1${precision}`)
    : attributes.replace(/on update \S+/i, "").trim()
  return kept === "" ? {} : { attributes: kept }
}

/** A table one of whose columns is as another table declares it. */
const retyped = (
  table: SnapshotTable,
  change: Extract<Change, { readonly _tag: "AlterColumn" }>,
  capabilities: Capabilities
): SnapshotTable => {
  const { name } = change.by.byKey.get(change.key)!
  const { attributes, comment, computed, counter, identity } = columnIn(table, name)
  const by = asDeclared(change.by, table, capabilities)
  const column = columnIn(by, name)
  const guards = guardsOf(change.by, change.key, by, capabilities)
  return {
    ...table,
    columns: table.columns.map((one) =>
      one.name === name
        ? {
            ...column,
            comment,
            identity,
            counter,
            ...keptIn(column.type, attributes),
            computed: column.computed ?? computed
          }
        : one
    ),
    // The check that guards its values is of the values it had.
    checks: [
      ...table.checks.filter(
        (check) => !isGuard(check) || !guards.some((guard) => guard.name === check.name)
      ),
      ...guards
    ]
  }
}

/** A table one of whose columns counts from now on. */
const identified = (
  table: SnapshotTable,
  { by, key }: Extract<Change, { readonly _tag: "AddIdentity" }>,
  capabilities: Capabilities
): SnapshotTable =>
  withColumn(table, by.byKey.get(key)!.name, (column) => {
    const [declared] = snapshotOf({ tables: [by] }, capabilities).tables
    const { counter, identity, sql, type } = columnIn(declared!, column.name)
    if (column.identity !== null)
      refuse(`alter: the column "${column.name}" of "${table.name}" counts already`)
    const counted = { ...column, nullable: false, default: null }
    return capabilities.dialect === "sqlite"
      ? { ...counted, identity: "auto", sql, type }
      : { ...counted, identity, counter }
  })

/** A table after a change of what it holds; the names of tables and columns stay. */
export const altered = (
  table: SnapshotTable,
  change: Change,
  capabilities: Capabilities
): SnapshotTable => {
  switch (change._tag) {
    case "AddColumn": {
      const by = asDeclared(change.by, table, capabilities)
      const { name } = change.by.byKey.get(change.key)!
      const guards = guardsOf(change.by, change.key, by, capabilities)
      freeColumn(table, name)
      return {
        ...table,
        columns: [...table.columns, columnIn(by, name)],
        checks: [...table.checks, ...guards]
      }
    }
    case "DropColumn":
      columnIn(table, change.column)
      return { ...table, columns: table.columns.filter(({ name }) => name !== change.column) }
    case "AlterColumn":
      return retyped(table, change, capabilities)
    case "AddIdentity":
      return identified(table, change, capabilities)
    case "DropIdentity":
      return withColumn(table, change.column, (column) =>
        column.identity === null
          ? refuse(`alter: the column "${column.name}" of "${table.name}" does not count`)
          : { ...column, identity: null, counter: null }
      )
    case "AddRule": {
      const by = snapshotOf({ tables: [change.by] }, capabilities).tables[0]!
      const kind = kindOfRule(by, change.rule)
      const added = by[kind].filter(({ name }) => name === change.rule)
      freeRule(table, change.rule)
      return { ...table, [kind]: [...table[kind], ...added] }
    }
    case "DropRule": {
      const kind = kindOfRule(table, change.rule)
      return { ...table, [kind]: table[kind].filter(({ name }) => name !== change.rule) }
    }
    case "RenameRule": {
      const { rule, to } = change
      freeRule(table, to)
      if (table.primaryKey?.name === rule)
        return { ...table, primaryKey: { ...table.primaryKey, name: to } }
      const kind = kindOfRule(table, rule)
      const rules: ReadonlyArray<{ readonly name: string | null }> = table[kind]
      return {
        ...table,
        [kind]: rules.map((one) => (one.name === rule ? { ...one, name: to } : one))
      }
    }
    case "AddPrimaryKey": {
      if (table.primaryKey !== null) refuse(`alter: "${table.name}" has a primary key`)
      const key = keyIn(snapshotOf({ tables: [change.by] }, capabilities).tables[0]!)
      for (const column of key.columns) columnIn(table, column)
      return { ...table, primaryKey: key, columns: keyed(table, key.columns, capabilities) }
    }
    case "DropPrimaryKey":
      keyIn(table)
      return { ...table, primaryKey: null, columns: unkeyed(table, capabilities) }
  }
}
