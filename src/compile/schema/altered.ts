import type { Alteration } from "../../algebra/schema/Alter.ts"
import type { Capabilities } from "../../algebra/Dialect.ts"
import type {
  Snapshot,
  SnapshotCheck,
  SnapshotColumn,
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

type Rules = "uniques" | "checks" | "foreignKeys" | "indexes"
const kinds: ReadonlyArray<Rules> = ["uniques", "checks", "foreignKeys", "indexes"]

/** What kind of rule a name is of. */
export const kindOfRule = (table: SnapshotTable, rule: string): Rules =>
  kinds.find((kind) => table[kind].some(({ name }) => name === rule)) ??
  refuse(`alter: "${table.name}" has no rule "${rule}"`)

/** What changes what a table holds, and no name of it or of its columns. */
export type Change = Extract<
  Alteration,
  { readonly _tag: "AddColumn" | "DropColumn" | "AlterColumn" | "AddRule" | "DropRule" }
>

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

/** A table after a change of what it holds; the names of tables and columns stay. */
export const altered = (
  table: SnapshotTable,
  change: Change,
  capabilities: Capabilities
): SnapshotTable => {
  switch (change._tag) {
    case "AddColumn": {
      const by = snapshotOf({ tables: [change.by] }, capabilities).tables[0]!
      const { name } = change.by.byKey.get(change.key)!
      const guards = guardsOf(change.by, change.key, by, capabilities)
      return {
        ...table,
        columns: [...table.columns, columnIn(by, name)],
        checks: [...table.checks, ...guards]
      }
    }
    case "DropColumn":
      columnIn(table, change.column)
      return { ...table, columns: table.columns.filter(({ name }) => name !== change.column) }
    case "AlterColumn": {
      const { name } = change.by.byKey.get(change.key)!
      const { comment, computed, counter, identity } = columnIn(table, name)
      const by = snapshotOf({ tables: [change.by] }, capabilities).tables[0]!
      const column = columnIn(by, name)
      const guards = guardsOf(change.by, change.key, by, capabilities)
      return {
        ...table,
        columns: table.columns.map((one) =>
          one.name === name
            ? { ...column, comment, identity, counter, computed: column.computed ?? computed }
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
    case "AddRule": {
      const by = snapshotOf({ tables: [change.by] }, capabilities).tables[0]!
      const kind = kindOfRule(by, change.rule)
      const added = by[kind].filter(({ name }) => name === change.rule)
      return { ...table, [kind]: [...table[kind], ...added] }
    }
    case "DropRule": {
      const kind = kindOfRule(table, change.rule)
      return { ...table, [kind]: table[kind].filter(({ name }) => name !== change.rule) }
    }
  }
}
