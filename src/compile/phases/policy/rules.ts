import { rewriteTree, walk } from "../../../algebra/fold.ts"
import { firstsOf, type Policy } from "../../../algebra/Policy.ts"
import * as S from "../../../algebra/Scalar.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { ColumnNode, TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import { boolean } from "../../../algebra/types.ts"
import { tableName } from "../../audit.ts"
import { numbered, positionOf } from "../../Position.ts"
import type { Context } from "../../Program.ts"
import { number } from "../bind.ts"
import { apart, spokenIn } from "./apart.ts"

/** The value of a column of one row, by key. */
export type CellOf = (key: string) => Scalar

/** What one policy says of one table. */
export interface Rule {
  /** Place of the policy among those applied: a violation is told by it. */
  readonly index: number
  /** Which rows are there. */
  readonly visible: (cell: CellOf) => Scalar
  /** Which rows may be written. */
  readonly check: (cell: CellOf) => Scalar
  /** Columns that `check` reads. */
  readonly reads: ReadonlySet<string>
  /** A row that is visible keeps `check` as long as none of `reads` is assigned. */
  readonly checksVisible: boolean
  /** The column an insert may leave out, and what it then gets. */
  readonly fill: { readonly column: string; readonly value: Scalar } | null
  /** The column DELETE writes the present into. */
  readonly retire: ColumnNode | null
}

/**
 * The rules of all policies for a table; none where no policy speaks of it. `taken` are the aliases
 * of the statement: no alias of a policy's subquery is to hide one.
 */
export const ruleMaker = (
  policies: ReadonlyArray<Policy>,
  firstPosition: number,
  context: Context,
  taken: () => ReadonlySet<string>
): ((table: TableSource) => ReadonlyArray<Rule>) => {
  const known = new Map<TableSource, ReadonlyArray<Rule>>()
  const starts: Array<number> = []
  let next = firstPosition
  for (const { values } of policies) {
    starts.push(next)
    next += values.length
  }
  return (table) => {
    let rules = known.get(table)
    if (rules === undefined) {
      rules = policies.flatMap(
        (policy, i) => ruleOf(policy, i, starts[i]!, table, context, taken) ?? []
      )
      known.set(table, rules)
    }
    return rules
  }
}

/**
 * The column a policy goes by, in a value of a table: by the name it has in a table that is known,
 * else by its key. A value of a known table without it cannot be cut, and of a table that is not
 * known nothing says that there is nothing to cut.
 */
const columnOf = (
  { column, name, reach }: Extract<Policy, { readonly _tag: "Tenant" | "SoftDelete" }>,
  table: TableSource,
  context: Context
): ColumnNode | null => {
  const known = reach.having.find((one) => isSameTable(one, table, context))
  if (known === undefined || known === table) {
    const own = table.byKey.get(column) ?? null
    if (own === null && reach.all?.some((one) => isSameTable(one, table, context)) === false)
      context.refuse("policy", `${name}: "${table.name}" is no table of the catalogue`)
    return own
  }
  const wanted = known.byKey.get(column)!.name
  const found = table.columns.find((one) => one.name === wanted)
  if (found === undefined)
    context.refuse("policy", `${name}: "${table.name}" is mapped without its column "${wanted}"`)
  return found ?? null
}

/** What a name without a schema means where a server says so itself. */
const ownSchemas = { sqlite: "main", postgres: "public", mysql: null, mariadb: null } as const

/** SQLite takes names of tables without their case, and MariaDB may: better one cut too many. */
const isSameTable = (one: TableSource, other: TableSource, { capabilities }: Context): boolean => {
  const { dialect } = capabilities
  const nameOf = (table: TableSource): string => {
    const whole = tableName({ ...table, schema: table.schema ?? ownSchemas[dialect] })
    return dialect === "postgres" ? whole : whole.toLowerCase()
  }
  return one === other || nameOf(one) === nameOf(other)
}

const ruleOf = (
  policy: Policy,
  index: number,
  start: number,
  table: TableSource,
  context: Context,
  taken: () => ReadonlySet<string>
): Rule | null => {
  switch (policy._tag) {
    case "Tenant": {
      const column = columnOf(policy, table, context)
      if (column === null) return null
      const value = numbered(S.bound(null, column.type), start)
      const holds = (cell: CellOf) => S.compare("eq", cell(column.key), value, boolean)
      return {
        ...alike(index, holds, [column.key]),
        fill: { column: column.key, value }
      }
    }
    case "SoftDelete": {
      const column = columnOf(policy, table, context)
      if (column === null) return null
      if (!column.nullable)
        refuse(`${policy.name}: the column "${column.key}" of "${table.name}" may not be NULL`)
      const holds = (cell: CellOf) => S.isNull(cell(column.key), boolean)
      return { ...alike(index, holds, [column.key]), retire: column }
    }
    case "Rows": {
      if (!isSameTable(policy.table, table, context)) return null
      const visible = placed(policy.visible, start, policy, start)
      const isSame = policy.check === policy.visible
      const from = start + policy.visible.binds.length
      const check = isSame ? visible : placed(policy.check, from, policy, start)
      return {
        ...alike(index, over(visible, policy, table, taken), readsOf(check, policy)),
        check: over(check, policy, table, taken),
        checksVisible: isSame
      }
    }
  }
}

const alike = (
  index: number,
  holds: (cell: CellOf) => Scalar,
  reads: ReadonlyArray<string>
): Rule => ({
  index,
  visible: holds,
  check: holds,
  reads: new Set(reads),
  checksVisible: true,
  fill: null,
  retire: null
})

type RowsPolicy = Extract<Policy, { readonly _tag: "Rows" }>

const isOwn = (node: { readonly alias: string; readonly source: unknown }, policy: RowsPolicy) =>
  node.alias === policy.alias && node.source === policy.table

/**
 * A predicate whose values are numbered from `from` on; of equal ones all are the first, for else
 * nothing here could tell that two expressions with them are one.
 */
const placed = (predicate: Scalar, from: number, { values }: RowsPolicy, start: number): Scalar => {
  const made = number(predicate, from)
  const firsts = firstsOf(values)
  if (firsts.every((first, i) => first === i)) return made
  return rewriteTree(made, (node) => {
    if (node._tag !== "Bound" && node._tag !== "BoundList") return node
    if (node._tag === "BoundList" && node.values.length === 0) return node
    const at = positionOf(node) - start
    return firsts[at] === at ? node : numbered(node, start + firsts[at]!)
  })
}

/** The predicate with the policy's table replaced by a row whose cells are known. */
const over =
  (predicate: Scalar, policy: RowsPolicy, table: TableSource, taken: () => ReadonlySet<string>) =>
  (cell: CellOf): Scalar => {
    const cells = new Map(
      readsOf(predicate, policy).map((key) => [key, cell(sameColumn(policy, key, table))])
    )
    const spoken = new Set(taken())
    for (const one of cells.values()) spokenIn(one, spoken)
    return rewriteTree(apart(predicate, spoken, policy.alias), (node) => {
      if (node._tag === "Presence" && isOwn(node, policy)) return S.constant(true, node.type)
      return node._tag === "Ref" && isOwn(node, policy) ? cells.get(node.path[0]!)! : node
    })
  }

/** Another value of the same table may call the column by another key. */
const sameColumn = (policy: RowsPolicy, key: string, table: TableSource): string => {
  if (policy.table === table) return key
  const { name } = policy.table.byKey.get(key)!
  const found = table.columns.find((column) => column.name === name)
  return found === undefined
    ? refuse(`${policy.name}: this value of the table has no column named "${name}"`)
    : found.key
}

const readsOf = (predicate: Scalar, policy: RowsPolicy): ReadonlyArray<string> => {
  const out: Array<string> = []
  walk(predicate, (node) => {
    if (node._tag === "Ref" && isOwn(node, policy)) out.push(node.path[0]!)
  })
  return out
}
