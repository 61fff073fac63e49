import { children } from "../../../algebra/fold.ts"
import {
  type Aggregate,
  type And,
  type Grouping,
  isVolatile,
  type Or,
  type Presence,
  type Ref,
  type Scalar
} from "../../../algebra/Scalar.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Context } from "../../Program.ts"
import { agrees } from "../../agreement.ts"
import { positionsOf } from "../../Position.ts"
import { operandsOf } from "../../kids.ts"
import type { Term } from "../../Placed.ts"

/** A source in scope: what its columns and its presence are called here. */
export interface Visible {
  readonly column: (node: Ref) => Term
  readonly present: (node: Presence) => Term
  /** Told that a subquery reads it. */
  readonly read?: () => void
  /** Told that an outer join may leave out the row whose column is said. */
  readonly absent?: (node: Ref) => void
  /** Told that a column of it may be no query where it is said. */
  readonly apart?: (node: Ref | Presence) => void
}

/**
 * What the expressions above a relation may say.
 *
 * **Shape** `known` gives the value of a whole expression that is one here already: a grouping key,
 * a projected field. `visible` gives a source's columns. `aggregate` is null where no group is.
 */
export interface Scope {
  readonly known: ((node: Scalar) => Term | null) | null
  /** What is distinct or combined has its windows as columns, whatever rows are left around it. */
  readonly lasting?: ((node: Scalar) => Term | null) | undefined
  readonly visible: (alias: string, node: Ref | Presence) => Visible | null
  readonly aggregate: ((node: Aggregate | Grouping) => Term) | null
  /** One more column of the query below, where that is open to be asked. */
  readonly more?: (make: () => Term, type: Scalar["type"]) => Term
  /** A junction's parts, each grouped junction that they hold in a row one of them. */
  readonly runs?: ((node: Junction, parts: Parts) => Parts) | undefined
  readonly outer: Scope | null
}

export type Junction = And | Or
type Parts = ReadonlyArray<Scalar>

/** An expression that is a key, said by what the keys are in a scope; else null. */
export type SaysKey = (one: Scalar, key: (index: number) => Term) => Term | null

/** A junction's parts, its runs that are keys of groups here or around made one part each. */
export const inRuns = (node: Junction, scope: Scope): Parts => {
  let { parts } = node
  for (let at: Scope | null = scope; at !== null; at = at.outer)
    parts = at.runs?.(node, parts) ?? parts
  return parts
}

/** A column of a table that is never NULL in a row of it; undefined where each may be. */
export const sureColumn = (source: TableSource): string | undefined =>
  source.primaryKey[0] ?? source.columns.find((column) => !column.nullable)?.key

/** Whether it is a column of such a table. */
export const isSure = (node: Scalar): boolean =>
  node._tag === "Ref" && node.source._tag === "TableSource" && sureColumn(node.source) !== undefined

/** A scope without sources: of a query without FROM, or around a whole statement. */
export const emptyScope = (outer: Scope | null): Scope => ({
  known: null,
  visible: () => null,
  aggregate: null,
  outer
})

/** The source a reference is of, in the innermost scope that has its alias. */
export const sourceOf = (node: Ref | Presence, scope: Scope): Visible | null => {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const visible = at.visible(node.alias, node)
    if (visible !== null) return visible
  }
  return null
}

/** A reference becomes a column of the innermost scope that has its alias. */
export const resolve = (node: Ref | Presence, scope: Scope): Term => {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const visible = at.visible(node.alias, node)
    if (visible !== null && at !== scope) visible.read?.()
    if (visible !== null) return node._tag === "Ref" ? visible.column(node) : visible.present(node)
  }
  return refuse(`"${node.alias}.${node.path.join(".")}" is not in scope here`)
}

/**
 * Whether an expression is one that exists already. One key does not mean one value: they hold the
 * same values too, which is noted, because the text says so of all statements it stands for.
 */
export const isSame = (node: Scalar, value: Scalar, context: Context): boolean => {
  if (node.key !== value.key) return false
  const right = positionsOf(node.binds)
  return positionsOf(value.binds).every((left, i) => {
    if (left === right[i] || left < 0) return true
    const { encode } = value.binds[i]!.type.codec.row[context.capabilities.dialect]
    return agrees(context, { left, right: right[i]!, encode })
  })
}

/**
 * Whether an expression with values has one here without being looked up whole: `a + ?` where `a`
 * is grouped by. Looked up it would have to hold the same values. `has` says so of a part, or null
 * to ask its children.
 */
export const isDerivable = (node: Scalar, has: (part: Scalar) => boolean | null): boolean =>
  node.binds.length > 0 && derives(node, has)

const derives = (node: Scalar, has: (part: Scalar) => boolean | null): boolean =>
  // A user's text may give another value each time it is said, and so does a generator.
  node._tag !== "Raw" &&
  node._tag !== "CustomScalar" &&
  !isVolatile(node) &&
  node._tag !== "Window" &&
  !("query" in node) &&
  (has(node) ?? children(node).every((child) => derives(child as Scalar, has)))

/** Whether an aggregate of this very block stands in a term; subqueries have their own. */
export const hasAggregate = (term: Term, inWindows = true): boolean => {
  const has = (one: Term): boolean => hasAggregate(one, inWindows)
  if (term._tag === "Aggregate" || term._tag === "Grouping") return true
  // A window's own function is no aggregate of the block, but one may stand in it.
  if (term._tag === "Window") {
    const { order, partition, self } = term.kids
    return inWindows && [...operandsOf(self), ...partition, ...order].some(has)
  }
  return operandsOf(term).some(has)
}
