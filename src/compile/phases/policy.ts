import { type Command, type Delete, remove, type Update, update } from "../../algebra/Command.ts"
import { rewriteTree } from "../../algebra/fold.ts"
import type { Policy } from "../../algebra/Policy.ts"
import { rawReads } from "../../algebra/rawReads.ts"
import * as R from "../../algebra/Relation.ts"
import type { Join, Relation } from "../../algebra/Relation.ts"
import * as S from "../../algebra/Scalar.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import { boolean } from "../../algebra/types.ts"
import { declaredAliases } from "../../algebra/declaredAliases.ts"
import { type Context, overTrees, type Program, treesOf } from "../Program.ts"
import { once } from "./place/Draft.ts"
import { type Rule, ruleMaker } from "./policy/rules.ts"
import { merged } from "./policy/merges.ts"
import { cellsOf, policed } from "./policy/writes.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { tablesRead } from "../../algebra/tablesRead.ts"

/**
 * Applies the policies: every table gives way to its visible rows, every command writes no other.
 *
 * **Laws** L25: what a policed statement does on a database is what the statement does on the
 * database its policies leave visible; idempotent; independent policies commute. Values of the
 * policies are numbered after those of the statement. Raw SQL passes only where it declares what
 * it reads, and none of it is under a policy.
 */
export const policy = (
  program: Program,
  context: Context,
  policies: ReadonlyArray<Policy>
): Program => {
  if (policies.length === 0) return program
  const rulesOf = ruleMaker(
    policies,
    countValues(program),
    context,
    once(() => aliasesOf(program))
  )
  return overTrees(program, (tree) => rewriteTree(tree, (node) => step(node, rulesOf, context)))
}

/** As servers compare them. */
const aliasesOf = (program: Program): ReadonlySet<string> =>
  new Set(
    treesOf(program).flatMap((tree) => [...declaredAliases(tree)].map((one) => one.toLowerCase()))
  )

const countValues = ({ ctes, root }: Program): number =>
  ctes.reduce((sum, { query }) => sum + query.binds.length, root.binds.length)

type Node = Scalar | Relation | Command
type RulesOf = (table: TableSource) => ReadonlyArray<Rule>

const step = (node: Node, rulesOf: RulesOf, context: Context): Node => {
  switch (node._tag) {
    case "Table": {
      const cell = cellsOf(node.alias, node.source)
      const parts = rulesOf(node.source).map(({ visible }) => visible(cell))
      checkView(node.source, rulesOf, context)
      return parts.length === 0 ? node : R.filter(node, S.and(parts, boolean))
    }
    case "Join":
      return outward(node)
    case "Raw":
    case "CustomScalar":
    case "CustomRelation":
    case "TableFunction":
      checkRaw(node, rulesOf, context)
      return node
    case "Insert":
      return policed(node, rulesOf, context)
    case "Merge":
      return merged(node, rulesOf(node.table), context)
    case "Update":
    case "Delete":
      return policed(hoisted(node), rulesOf, context)
    default:
      return node
  }
}

/** What filters the sources beside a command's table is a part of its condition. */
const hoisted = (node: Update | Delete): Update | Delete => {
  const beside = node._tag === "Update" ? node.from : node.using
  if (beside?._tag !== "Filter") return node
  const { predicate, self } = beside
  const { alias, table } = node
  const back = node.shape === null ? null : { fields: node.returned, shape: node.shape }
  const where = S.and([predicate, node.where], boolean)
  return node._tag === "Update"
    ? update(table, alias, node.columns, node.values, where, back, { ...node, from: self })
    : remove(table, alias, where, back, { ...node, using: self })
}

/** What raw SQL reads is not cut to the visible rows: it passes where there is nothing to cut. */
const checkRaw = (node: Node, rulesOf: RulesOf, context: Context): void => {
  const tables = rawReads(node)
  if (tables === null)
    context.refuse("policy", "raw SQL under a policy, which does not declare its tables")
  for (const table of tables ?? [])
    if (rulesOf(table).length > 0)
      context.refuse("policy", `raw SQL that reads "${table.name}", which is under a policy`)
}

/** What a view reads is not cut to the visible rows. */
const checkView = ({ definition, name }: TableSource, rulesOf: RulesOf, context: Context): void => {
  if (definition === null) return
  for (const table of tablesRead(definition.query))
    if (rulesOf(table).length > 0)
      context.refuse("policy", `the view "${name}", which reads "${table.name}" under a policy`)
}

/**
 * A filter below a join moves to where SQL says it flat: above the side that is kept, into the ON
 * of the side that may be absent. Of a full join both stay where they are.
 *
 * **Laws** L5, and for an outer join `l left join (where p r) on c = l left join r on (p and c)`.
 */
const outward = (node: Join): Relation => {
  const keepsLeft = node.kind !== "right" && node.kind !== "full"
  const keepsRight = node.kind === "inner" || node.kind === "cross" || node.kind === "right"
  const left = node.kind === "full" ? whole(node.left) : parted(node.left)
  const right = node.kind === "full" ? whole(node.right) : parted(node.right)
  if (left.predicate === null && right.predicate === null) return node
  const above: Array<Scalar> = []
  const on: Array<Scalar> = []
  if (left.predicate !== null) (keepsLeft ? above : on).push(left.predicate)
  if (right.predicate !== null) (keepsRight ? above : on).push(right.predicate)
  const joined = R.join(
    node.kind,
    left.self,
    right.self,
    on.length === 0 ? node.on : S.and([...on, node.on], boolean),
    node.lateral
  )
  return above.length === 0 ? joined : R.filter(joined, S.and(above, boolean))
}

interface Parted {
  readonly self: Relation
  readonly predicate: Scalar | null
}

const whole = (self: Relation): Parted => ({ self, predicate: null })

const parted = (self: Relation): Parted =>
  self._tag === "Filter" && (self.self._tag === "Table" || self.self._tag === "Join")
    ? { self: self.self, predicate: self.predicate }
    : whole(self)
