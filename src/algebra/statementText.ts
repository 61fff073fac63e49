import type { Command, Merge } from "./Command.ts"
import { children } from "./fold.ts"
import type { Relation } from "./Relation.ts"
import type { Comparison, Scalar } from "./Scalar.ts"
import { isDdl, type StatementNode } from "./Statement.ts"

type Node = Scalar | Relation | Command

/** Deeper or longer than this, nobody reads it. */
const maxDepth = 60
const maxItems = 30

const signs: Readonly<Record<Comparison, string>> = {
  eq: "=",
  ne: "<>",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  same: "IS NOT DISTINCT FROM",
  notSame: "IS DISTINCT FROM"
}
const arithmetics: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  quot: "DIV",
  rem: "%"
}
const spaced = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1 $2").toUpperCase()

type Say = (node: Node) => string

const list = (nodes: ReadonlyArray<Node>, say: Say, between = ", "): string =>
  nodes.length <= maxItems
    ? nodes.map(say).join(between)
    : `${nodes.slice(0, maxItems).map(say).join(between)}${between}… ${nodes.length} in all`

const scalarText = (node: Scalar, say: Say): string => {
  switch (node._tag) {
    case "Ref":
      return [node.alias, ...node.path].join(".")
    case "Presence":
      return `${[node.alias, ...node.path].join(".")} IS PRESENT`
    case "Bound":
    case "Generated":
      return "?"
    case "BoundList":
      return `? of ${node.values.length}`
    case "Named":
      return `:${node.name}`
    case "Constant":
      return String(node.value).toUpperCase()
    case "Compare":
      return `${say(node.left)} ${signs[node.op]} ${say(node.right)}`
    case "And":
      return node.parts.length === 0 ? "TRUE" : list(node.parts, say, " AND ")
    case "Or":
      return node.parts.length === 0 ? "FALSE" : `(${list(node.parts, say, " OR ")})`
    case "Not":
      return `NOT (${say(node.self)})`
    case "IsNull":
      return `${say(node.self)} IS NULL`
    case "Arith":
      return `(${say(node.left)} ${arithmetics[node.op] ?? spaced(node.op)} ${say(node.right)})`
    case "Like":
      return `${say(node.self)} ${node.insensitive ? "ILIKE" : "LIKE"} ${say(node.pattern)}`
    case "InList":
      return `${say(node.self)} ${memberText(node)} (${say(node.list)})`
    case "InQuery":
      return `${say(node.self)} ${memberText(node)} (${say(node.query)})`
    case "Between":
      return `${say(node.self)} BETWEEN ${say(node.low)} AND ${say(node.high)}`
    case "Cast":
      return `CAST(${say(node.self)} AS ${node.type.key})`
    case "Subquery":
      return `(${say(node.query)})`
    case "Raw":
      return node.parts
        .map((part, i) => part + (i < node.holes.length ? say(node.holes[i]!) : ""))
        .join("")
    case "Call":
      return `${node.name}(${list(node.args, say)})`
    case "Aggregate":
      return `${node.name}(${node.args.length === 0 ? "*" : list(node.args, say)})`
    default:
      return `${spaced(node._tag)}(${list(children(node), say)})`
  }
}

const memberText = ({
  op,
  quantifier
}: Extract<Scalar, { readonly quantifier: unknown }>): string =>
  op === "eq" && quantifier === "any" ? "IN" : `${signs[op]} ${quantifier.toUpperCase()}`

/** A query's columns, and what follows them. */
interface Clauses {
  readonly select: string
  readonly rest: string
}

const clauses = (node: Relation, say: Say): Clauses => {
  const more = (self: Relation, text: string): Clauses => {
    const { rest, select } = clauses(self, say)
    return { select, rest: `${rest}${text}` }
  }
  switch (node._tag) {
    case "Unit":
      return { select: "", rest: "" }
    case "Filter":
      return more(node.self, ` ${isGrouped(node.self) ? "HAVING" : "WHERE"} ${say(node.predicate)}`)
    case "Group":
      return more(node.self, node.keys.length === 0 ? "" : ` GROUP BY ${list(node.keys, say)}`)
    case "Project":
      return { ...clauses(node.self, say), select: list(node.fields, say) }
    case "Distinct": {
      const { rest, select } = clauses(node.self, say)
      return { select: `DISTINCT ${select}`, rest }
    }
    case "DistinctOn": {
      const { rest, select } = clauses(node.self, say)
      const keys = node.self._tag === "Order" ? node.self.keys.slice(0, node.keys) : []
      return { select: `DISTINCT ON (${list(keys, say)}) ${select}`, rest }
    }
    case "Order": {
      const keys = node.keys.map(
        (key, i) => `${say(key)}${node.directions[i]!.direction === "desc" ? " DESC" : ""}`
      )
      return more(node.self, ` ORDER BY ${keys.join(", ")}`)
    }
    case "Slice":
      return more(
        node.self,
        (node.limit === null ? "" : ` LIMIT ${say(node.limit)}${marksOf(node)}`) +
          (node.offset === null ? "" : ` OFFSET ${say(node.offset)}`)
      )
    default:
      return { select: "*", rest: ` FROM ${sourceText(node, say)}` }
  }
}

const isGrouped = (node: Relation): boolean => node._tag === "Group"

const sourceText = (node: Relation, say: Say): string => {
  switch (node._tag) {
    case "Table":
      return node.source.name === node.alias ? node.alias : `${node.source.name} AS ${node.alias}`
    case "Derived":
      return `(${say(node.self)}) AS ${node.alias}`
    case "Cte":
      return node.source.name === node.alias ? node.alias : `${node.source.name} AS ${node.alias}`
    case "Join": {
      const sides = [sourceText(node.left, say), sourceText(node.right, say)]
      const on = node.kind === "cross" ? "" : ` ON ${say(node.on)}`
      return `${sides.join(` ${node.kind === "inner" ? "" : `${spaced(node.kind)} `}JOIN `)}${on}`
    }
    case "Combine":
      return `(${node.parts.map(say).join(` ${spaced(node.op)} `)})`
    default:
      return `${spaced(node._tag)}(${list(children(node), say)})`
  }
}

const relationText = (node: Relation, say: Say): string => {
  if (node._tag === "Combine") return sourceText(node, say).slice(1, -1)
  const { rest, select } = clauses(node, say)
  return `SELECT ${select}${rest}`
}

const commandText = (node: Command, say: Say): string => {
  if (node._tag === "Merge") return mergeText(node, say)
  const back = node.returned.length === 0 ? "" : ` RETURNING ${list(node.returned, say)}`
  const where = "where" in node ? ` WHERE ${say(node.where)}` : ""
  const columns = "columns" in node ? ` (${node.columns.join(", ")})` : ""
  return `${spaced(node._tag)} ${node.table.name}${columns}${where}${back}`
}

const mergeText = (node: Merge, say: Say): string => {
  const cases = node.whens.map(({ does, match }, i) => {
    const condition = node.conditions[i]!
    const and = condition._tag === "Constant" ? "" : ` AND ${say(condition)}`
    const action = does === "nothing" ? "DO NOTHING" : does.toUpperCase()
    return ` WHEN ${match.toUpperCase()}${and} THEN ${action}`
  })
  const back = node.returned.length === 0 ? "" : ` RETURNING ${list(node.returned, say)}`
  const using = sourceText(node.using, say)
  return `MERGE ${node.table.name} USING ${using} ON ${say(node.on)}${cases.join("")}${back}`
}

const scalarOrRelation = (node: Node, depth: number): string => {
  if (depth > maxDepth) return "…"
  const say: Say = (one) => scalarOrRelation(one, depth + 1)
  if ("returned" in node) return commandText(node, say)
  return "type" in node ? scalarText(node, say) : relationText(node, say)
}

/**
 * A statement or an expression for people: SQL in words no dialect's own, each value a `?`.
 *
 * **Shape** never for running, and cut where it is long: `compile` gives a dialect's text.
 */
export const textOf = (node: StatementNode | Scalar): string =>
  isDdl(node) ? spaced(node._tag) : scalarOrRelation(node, 0)

const inspect = Symbol.for("nodejs.util.inspect.custom")

/** Gives a class of statements the readable form in consoles, templates and errors. */
export const printable = (prototype: { readonly node: StatementNode | Scalar }): void => {
  const said = function (this: { readonly node: StatementNode | Scalar }): string {
    return textOf(this.node)
  }
  for (const name of ["toString", inspect])
    Object.defineProperty(prototype, name, { value: said, configurable: true, writable: true })
}

const marksOf = ({ percent, ties }: Extract<Relation, { readonly _tag: "Slice" }>): string =>
  `${percent ? " PERCENT" : ""}${ties ? " WITH TIES" : ""}`
