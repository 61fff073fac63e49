import type { Presence, Ref } from "../../../algebra/Scalar.ts"
import type { Block, From } from "../../Placed.ts"
import type { Scope, Visible } from "./Scope.ts"

export const aliasesIn = (from: From | null): ReadonlyArray<string> =>
  from === null
    ? []
    : from._tag === "JoinFrom"
      ? [...aliasesIn(from.left), ...aliasesIn(from.right)]
      : [from.alias]

/** Whether FROM has an alias. */
export const hasAlias = (from: From | null, alias: string): boolean =>
  from !== null &&
  (from._tag === "JoinFrom"
    ? hasAlias(from.left, alias) || hasAlias(from.right, alias)
    : from.alias === alias)

/** The query of a derived table, by the alias it has in FROM. */
export const queryNamed = (alias: string | null, from: From | null): Block | null => {
  if (from?._tag === "JoinFrom")
    return queryNamed(alias, from.left) ?? queryNamed(alias, from.right)
  return from?._tag === "QueryFrom" && from.alias === alias && from.query._tag === "Block"
    ? from.query
    : null
}

export const sourceScope = (alias: string, visible: Visible, outer: Scope | null): Scope => ({
  known: null,
  visible: (name) => (name === alias ? visible : null),
  aggregate: null,
  outer
})

type Known = Scope["known"] | undefined

const either = (left: Known, right: Known): Exclude<Known, null> =>
  left && right ? (node) => left(node) ?? right(node) : (left ?? right ?? undefined)

type Runs = Scope["runs"]

export const both = (left: Runs, right: Runs): Runs =>
  left && right ? (node, parts) => right(node, left(node, parts)) : (left ?? right)

export const joinedScope = (left: Scope, right: Scope, outer: Scope | null): Scope => ({
  known: either(left.known, right.known) ?? null,
  lasting: either(left.lasting, right.lasting),
  runs: both(left.runs, right.runs),
  // Joins lean to the left: what is on the right is found at once. No alias is on both sides.
  visible: (alias, node) => right.visible(alias, node) ?? left.visible(alias, node),
  aggregate: left.aggregate ?? right.aggregate,
  outer
})

/** The side an outer join may leave without a row: every column may be NULL. */
export const optional = (scope: Scope): Scope => ({
  ...scope,
  visible: (alias, node) => {
    const visible = scope.visible(alias, node)
    return visible === null
      ? null
      : {
          ...visible,
          column: (ref) => {
            visible.absent?.(ref)
            const column = visible.column(ref)
            return column._tag === "Column" ? { ...column, nullable: true } : column
          }
        }
  }
})

export const sideOf = (node: Ref | Presence, left: Scope, right: Scope): string =>
  left.visible(node.alias, node) !== null
    ? "l"
    : right.visible(node.alias, node) !== null
      ? "r"
      : "o"
