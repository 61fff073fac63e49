import { type Command, excluded, type Insert } from "../algebra/Command.ts"
import { type Ddl, tablesOf } from "../algebra/Ddl.ts"
import { nothing } from "../algebra/carried.ts"
import { children } from "../algebra/fold.ts"
import { rawReads } from "../algebra/rawReads.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import type { TableSource } from "../algebra/Source.ts"
import { isDdl, type StatementNode } from "../algebra/Statement.ts"
import { few } from "./few.ts"
import { isCommand } from "./phases/place.ts"
import { type Program, treesOf } from "./Program.ts"
import { facts } from "./survey.ts"
import { kindsOf } from "./facts.ts"

/**
 * A table a statement reads, and the columns of it, by their names in the database.
 *
 * @category models
 */
export interface TableRead {
  /** `schema.name`, or the name alone. */
  readonly table: string
  /** In the order of the table; none where only the number of rows matters. */
  readonly columns: ReadonlyArray<string>
}

/**
 * A table a statement writes, how, and the columns it gives values to.
 *
 * @category models
 */
export interface TableWrite extends TableRead {
  readonly by: "insert" | "update" | "delete" | "schema"
}

/**
 * What a statement reads and writes: each table once, and once for each way of writing.
 *
 * @category models
 */
export interface Audit {
  readonly reads: ReadonlyArray<TableRead>
  readonly writes: ReadonlyArray<TableWrite>
  /** False where raw SQL does not declare what it reads. */
  readonly complete: boolean
}

/**
 * The tables and columns a statement reads and writes: through aliases, joins, subqueries, derived
 * tables and common table expressions.
 *
 * **Shape** every column the statement speaks of is read, whether or not the server needs it; what
 * EXISTS selects is not. Raw SQL reads the tables it declares, whole. What the database does by
 * itself is not listed: keys, defaults, triggers, cascades; nor is what policies add.
 * **Laws** a statement gives and does the same on two databases that agree on what it reads; it
 * leaves alone what it does not write.
 * **Source** PostgreSQL manual, GRANT: the privileges a statement needs.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { audit } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id(), age: Column.integer() })
 * const older = Query.update(users).set({ age: users.c.age.add(1) }).where(users.c.id.eq(7))
 * audit(older).reads // => [{ table: "users", columns: ["id", "age"] }]
 * ```
 * @category getters
 */
export const audit = (statement: { readonly node: StatementNode }): Audit => {
  const { node } = statement
  return isDdl(node) ? schemaAudit(node) : auditOf([node, ...node.ctes.map(({ query }) => query)])
}

/** The tables of a program by name, each once: what caches and flushes go by. */
export const touched = (
  program: Program
): { readonly reads: ReadonlyArray<string>; readonly writes: ReadonlyArray<string> } => {
  const reads: Array<string> = []
  const writes: Array<string> = []
  for (const tree of treesOf(program)) {
    if (!readsPlainly(tree, reads)) {
      const tables = new Set<TableSource>()
      readsOf([tree], (table) => tables.add(table))
      for (const table of tables) reads.push(tableName(table))
    }
    if (isCommand(tree)) for (const { table } of writesOf(tree)) writes.push(table)
  }
  return { reads: eachOnce(reads), writes: eachOnce(writes) }
}

type Node = Scalar | Relation | Command

/** What does not read all that stands in it, or more; and commands, which compare and write. */
const reading = kindsOf([
  "Exists",
  "Raw",
  "CustomScalar",
  "CustomRelation",
  "TableFunction",
  "Insert"
])

/**
 * The tables of a query, off its facts, in the same order as `readsOf` tells them: a column is of a
 * table that stands before it. False, and nothing added, where more must be asked.
 */
const readsPlainly = (tree: Relation | Command, reads: Array<string>): boolean => {
  const { inner, kinds } = facts(tree)
  if ((kinds & reading) !== 0) return false
  // What a view shows is read with it.
  for (const node of inner)
    if (node._tag === "Table" && node.source.definition !== null) return false
  for (const node of inner) if (node._tag === "Table") reads.push(tableName(node.source))
  return true
}

const eachOnce = (tables: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (tables.length === 0) return nothing
  return Object.freeze(tables.length <= few ? tables.filter(isFirst) : [...new Set(tables)])
}

const isFirst = (table: string, at: number, tables: ReadonlyArray<string>): boolean =>
  tables.indexOf(table) === at

const auditOf = (trees: ReadonlyArray<Relation | Command>): Audit => {
  const uses: Uses = new Map()
  const complete = readsOf(trees, (table, keys) => use(uses, table, keys))
  const writes = trees.filter(isCommand).flatMap(writesOf)
  const reads = [...uses].map(([table, columns]) =>
    Object.freeze({ table, columns: inOrder(columns) })
  )
  return Object.freeze({ reads: Object.freeze(reads), writes: Object.freeze(writes), complete })
}

type Read = (table: TableSource, keys: ReadonlyArray<string>) => void

/** Tells every table some trees read, and the keys of columns; whether all raw SQL declares its. */
const readsOf = (trees: ReadonlyArray<Relation | Command>, read: Read): boolean => {
  const seen = new Set<Node>()
  // All of them: each tells what it reads.
  return trees.map((tree) => readsIn(tree, seen, read)).every((complete) => complete)
}

const readsIn = (root: Relation | Command, seen: Set<Node>, read: Read): boolean => {
  let complete = true
  const isUpsert = root._tag === "Insert" && root.conflict !== null
  // The row an upsert proposes is given by the statement, not read.
  const proposed = isUpsert ? excluded : null
  const todo: Array<Node> = [root]
  while (todo.length > 0) {
    const node = todo.pop()!
    if (node._tag === "Table") {
      read(node.source, nothing)
      // What a view shows is read with it.
      if (node.source.definition !== null && !seen.has(node)) {
        const { query } = node.source.definition
        seen.add(node)
        todo.push(query, ...query.ctes.map((cte) => cte.query))
      }
    } else if (node._tag === "Ref" || node._tag === "Presence") {
      if (node.source._tag === "TableSource" && node.alias !== proposed)
        read(node.source, node.path)
    } else if (node._tag === "Compare") todo.push(node.right, node.left)
    else if (node._tag !== "Bound" && !seen.has(node)) {
      seen.add(node)
      const declared = rawReads(node)
      complete &&= declared !== null
      for (const table of declared ?? nothing) read(table, [...table.byKey.keys()])
      const below = needed(node)
      for (let i = below.length - 1; i >= 0; i--) todo.push(below[i]!)
    }
  }
  if (isUpsert) read(root.table, comparedBy(root))
  return complete
}

/** What EXISTS selects is not asked for. */
const needed = (node: Node): ReadonlyArray<Node> =>
  node._tag === "Exists" && node.query._tag === "Project" ? [node.query.self] : children(node)

const written = (
  by: TableWrite["by"],
  table: TableSource,
  keys: ReadonlyArray<string>
): TableWrite => {
  const uses: Uses = new Map()
  use(uses, table, keys)
  const name = tableName(table)
  return Object.freeze({ table: name, columns: inOrder(uses.get(name)!), by })
}

const writesOf = (command: Command): ReadonlyArray<TableWrite> => {
  switch (command._tag) {
    case "Insert": {
      const { columns, conflict, table } = command
      const changed = conflict === null ? [] : conflict.columns
      return changed.length === 0
        ? [written("insert", table, columns)]
        : [written("insert", table, columns), written("update", table, changed)]
    }
    case "Update":
      return [
        written("update", command.table, [...command.columns, ...command.rowColumns]),
        ...command.also.map(({ columns, table }) => written("update", table, columns))
      ]
    case "Delete":
      return [command, ...command.also].map(({ table }) => written("delete", table, []))
    case "Merge":
      return ways.flatMap((by) => {
        const whens = command.whens.filter(({ does }) => does === by)
        const columns = whens.flatMap((when) => when.columns)
        return whens.length === 0 ? [] : [written(by, command.table, columns)]
      })
  }
}

const ways = ["insert", "update", "delete"] as const

/** What an insert compares its rows with: the key it may meet. */
const comparedBy = ({ conflict, table }: Insert): ReadonlyArray<string> =>
  conflict === null
    ? []
    : conflict.target.length > 0
      ? conflict.target
      : [table.primaryKey, ...table.uniques().map(({ columns }) => columns)].flat()

const schemaAudit = (node: Ddl): Audit =>
  Object.freeze({
    reads: Object.freeze([]),
    writes: Object.freeze(tablesOf(node).map((table) => written("schema", table, []))),
    // Of a text nobody knows what it does.
    complete: node._tag !== "RunText"
  })

/** Columns in use by name, with their places, by table: two values of one table are one. */
type Uses = Map<string, Map<string, number>>

const use = (uses: Uses, table: TableSource, keys: ReadonlyArray<string>): void => {
  const name = tableName(table)
  let columns = uses.get(name)
  if (columns === undefined) uses.set(name, (columns = new Map()))
  for (const key of keys) {
    const column = table.byKey.get(key)
    if (column !== undefined && !columns.has(column.name))
      columns.set(column.name, table.columns.indexOf(column))
  }
}

const inOrder = (columns: ReadonlyMap<string, number>): ReadonlyArray<string> =>
  Object.freeze([...columns].toSorted(([, a], [, b]) => a - b).map(([name]) => name))

/** `schema.name`, or the name alone. */
export const tableName = (table: TableSource): string =>
  table.schema === null ? table.name : `${table.schema}.${table.name}`
