import { tableKeys } from "../algebra/schema/tableKeys.ts"
import { walk } from "../algebra/fold.ts"
import type { ColumnNode, ForeignKey, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { compareTables } from "./ChangeSet.ts"
import { tableOrder } from "./flush/tableOrder.ts"

/** What happens to the children when their parent goes. */
export type ChildrenRule = "detach" | "restrict" | "delete" | "database"

/**
 * The rule of one relation, as data: the foreign key by the table and columns that hold it.
 *
 * **Shape** `detach` sets the key to null, `restrict` leaves the refusal to the database, `delete`
 * deletes the children first (and a child whose key becomes null: an orphan), `database` relies on
 * ON DELETE CASCADE and loads nothing.
 */
export interface RelationRule {
  readonly child: TableSource
  readonly columns: ReadonlyArray<string>
  readonly children: ChildrenRule
  /** Said by the class, where another over the same table may say nothing. */
  readonly isSaid?: boolean
  /** Where the child's row is the rest of its parent's, under one key. */
  readonly rest?: RestOf
}

/** Which rows have a rest in another table: those that hold this. */
export interface RestOf {
  readonly by: string
  readonly is: unknown
}

/** Columns no two rows agree on, and who refers to them. */
export interface KeyFacts {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  /** Starts the text of each tuple of these columns: equal texts, equal tuples. */
  readonly space: string
  /** A foreign key refers to these columns. */
  readonly isTarget: boolean
}

/** A foreign key and the rule of its relation. */
export interface ReferenceFacts {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  /** Of the columns it refers to. */
  readonly space: string
  readonly foreignKey: ForeignKey
  readonly owner: TableSource
  readonly children: ChildrenRule | null
  /** The row that refers is the rest of the one it refers to; null where it is a row of its own. */
  readonly rest: RestOf | null
}

/** What the planner knows of one table. */
export interface TableFacts {
  readonly table: TableSource
  /** Parents before children: the order statements prefer. */
  readonly rank: number
  readonly keys: ReadonlyArray<KeyFacts>
  readonly references: ReadonlyArray<ReferenceFacts>
  /** References of any table to this one. */
  readonly referrers: ReadonlyArray<ReferenceFacts>
  /** Columns that may be null for a while: nullable, and no key or check relies on them. */
  readonly patchable: ReadonlySet<string>
  /** Column sets that change together, because one check constraint reads them all. */
  readonly together: ReadonlyArray<ReadonlySet<string>>
  readonly version: ColumnNode | null
}

/**
 * The constraints of a set of tables, as the planner reads them.
 *
 * @category models
 */
export interface ConstraintModel {
  readonly tables: ReadonlyArray<TableFacts>
  /** **Errors** `StatementError` for a table that is not part of the model. */
  readonly of: (table: TableSource) => TableFacts
}

/** The facts of table after table: changes come in the order of their tables. */
export const byTable = (model: ConstraintModel): ((table: TableSource) => TableFacts) => {
  let last: TableFacts | null = null
  return (table) => (last?.table === table ? last : (last = model.of(table)))
}

const spaceOf = (table: TableSource, columns: ReadonlyArray<string>): string =>
  `${table.id}(${columns.join()})=`

const keysOf = (table: TableSource, targets: ReadonlyArray<ReadonlyArray<string>>) => {
  const found = new Map<
    string,
    { name: string; columns: ReadonlyArray<string>; isTarget: boolean }
  >()
  const add = (name: string, columns: ReadonlyArray<string>, isTarget: boolean): void => {
    if (columns.length === 0) return
    const space = spaceOf(table, columns)
    const key = found.get(space)
    if (key === undefined) found.set(space, { name, columns, isTarget })
    else if (isTarget) key.isTarget = true
  }
  for (const { columns, name } of tableKeys(table)) add(name, columns, false)
  for (const columns of targets) add(`key of ${table.name}`, columns, true)
  return [...found].map(([space, key]) => Object.freeze({ ...key, space }))
}

const checkedColumns = (table: TableSource): ReadonlyArray<ReadonlySet<string>> =>
  table.checks().map((check) => {
    const columns = new Set<string>()
    walk(check.predicate, (node) => {
      if (node._tag === "Ref" && node.source === table) columns.add(node.path[0]!)
    })
    return columns
  })

/** What the database does by itself is what the mapper must know of the rows it has read. */
const implied = ({ onDelete }: ForeignKey): ChildrenRule | null => {
  if (onDelete === "cascade") return "database"
  return onDelete === "set null" ? "detach" : null
}

const ruleKey = (table: TableSource, columns: ReadonlyArray<string>): string =>
  `${table.id}:${columns.join()}`

/** No row of either table could ever be the first. */
const refuseClosedRings = (order: ReadonlyArray<TableSource>): void => {
  const visit = (table: TableSource, path: ReadonlyArray<TableSource>, done: Set<TableSource>) => {
    if (path.includes(table)) {
      const ring = [...path.slice(path.indexOf(table)), table].map((one) => one.name)
      refuse(`foreign keys that are NOT NULL form a ring: ${ring.join(" -> ")}`)
    }
    if (done.has(table)) return
    for (const { columns, target } of table.foreignKeys()) {
      const isRequired = columns.every((key) => !table.byKey.get(key)!.nullable)
      if (isRequired && target !== table) visit(target, [...path, table], done)
    }
    done.add(table)
  }
  const done = new Set<TableSource>()
  for (const table of order) visit(table, [], done)
}

/**
 * The constraint model of these tables.
 *
 * **Shape** the order of the arguments is irrelevant. A foreign key without a rule is left to the
 * database; rows that are known follow its ON DELETE action.
 * **Errors** `StatementError` for a ring of foreign keys that are all NOT NULL: without deferred
 * checks no first row can be inserted, so the schema is refused, not some later flush.
 *
 * @category constructors
 */
export const make = (
  tables: Iterable<TableSource>,
  rules: Iterable<RelationRule> = []
): ConstraintModel => {
  const order = tableOrder([...new Set(tables)].toSorted(compareTables))
  refuseClosedRings(order)
  const ruled = new Map(
    [...rules].map((rule) => [ruleKey(rule.child, rule.columns), rule] as const)
  )
  const references: ReadonlyArray<ReferenceFacts> = order.flatMap((owner) =>
    owner.foreignKeys().map((foreignKey) => {
      const rule = ruled.get(ruleKey(owner, foreignKey.columns))
      return Object.freeze({
        name: foreignKey.name,
        columns: foreignKey.columns,
        space: spaceOf(foreignKey.target, foreignKey.targetColumns),
        foreignKey,
        owner,
        children: rule?.children ?? implied(foreignKey),
        rest: rule?.rest ?? null
      })
    })
  )
  const facts = order.map((table, rank) => factsOf(table, rank, references))
  const byTable = new Map(facts.map((one) => [one.table, one]))
  return Object.freeze({
    tables: Object.freeze(facts),
    of: (table: TableSource) =>
      byTable.get(table) ?? refuse(`table "${table.name}" is not part of the model`)
  })
}

const factsOf = (
  table: TableSource,
  rank: number,
  references: ReadonlyArray<ReferenceFacts>
): TableFacts => {
  const referrers = references.filter(({ foreignKey }) => foreignKey.target === table)
  const targets = referrers.map(({ foreignKey }) => foreignKey.targetColumns)
  const together = checkedColumns(table)
  const held = new Set([
    ...table.primaryKey,
    ...targets.flat(),
    ...together.flatMap((set) => [...set])
  ])
  const free = table.columns.filter(({ key, nullable }) => nullable && !held.has(key))
  return Object.freeze({
    table,
    rank,
    keys: keysOf(table, targets),
    references: references.filter(({ owner }) => owner === table),
    referrers,
    patchable: new Set(free.map(({ key }) => key)),
    together,
    version: table.columns.find(({ version }) => version !== false) ?? null
  })
}
