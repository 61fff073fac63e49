import type { Join } from "../../../algebra/Relation.ts"
import { and, call, compare, constant, type Scalar } from "../../../algebra/Scalar.ts"
import { booleanType } from "../../internalTypes.ts"
import { type From, labelsOf, type Term } from "../../Placed.ts"
import type { Finisher } from "./Finisher.ts"
import type { Scope } from "./Scope.ts"
import type { Offered } from "./sources.ts"
import { operator } from "./operator.ts"
import { freeReferencesOf } from "./references.ts"
import { numbered } from "./tableFunctions.ts"

/** A join's condition in two: what its sides can say, and what reads a query around it. */
export interface Condition {
  readonly own: Scalar | null
  readonly outward: Scalar | null
}

export const splitOn = ({ kind, on }: Join, left: Scope, right: Scope): Condition => {
  if (kind === "cross") return { own: null, outward: null }
  const conjuncts = on._tag === "And" ? on.parts : [on]
  const outward = conjuncts.filter((one) =>
    freeReferencesOf(one).some(
      (ref) => left.visible(ref.alias, ref) === null && right.visible(ref.alias, ref) === null
    )
  )
  if (outward.length === 0) return { own: on, outward: null }
  if (outward.length === conjuncts.length) return { own: null, outward: on }
  return {
    own: allOf(conjuncts.filter((one) => !outward.includes(one))),
    outward: allOf(outward)
  }
}

const allOf = (parts: ReadonlyArray<Scalar>): Scalar =>
  parts.length === 1 ? parts[0]! : and(parts, booleanType)

/**
 * MariaDB 10.11 evaluates what an outer join's ON asks of the query around a subquery for that
 * query's first row and keeps the answer, also where it finds a column to be constant, as `b.x` of
 * `b.x = 1 AND b.x = outer.y`. It asks again for each row where a column of the side that may be
 * left out stands in it: `coalesce(condition, b.id = NULL)` means the condition.
 */
export const askedEachRow = (condition: Term, column: Term): Term => {
  const absent = constant(null, booleanType)
  const never = operator(compare("eq", absent, absent, booleanType), {
    left: column,
    right: operator(absent, {})
  })
  return operator(call("coalesce", [], booleanType), { args: [condition, never] })
}

/** A column of a FROM that its server takes for no constant, a table's rather than a query's. */
export const columnOfSide = (
  from: From,
  finish: Pick<Finisher, "flag" | "settle">,
  named: ReadonlyMap<string, Offered>
): Term => {
  const leaves = leavesOf(from)
  const leaf = leaves.find((one) => one._tag === "TableFrom") ?? leaves[0]!
  return {
    _tag: "Column",
    table: leaf.alias,
    name: nameIn(leaf, finish, named),
    type: booleanType,
    nullable: true,
    stored: false
  }
}

type Leaf = Exclude<From, { readonly _tag: "JoinFrom" }>

const leavesOf = (from: From): ReadonlyArray<Leaf> =>
  from._tag === "JoinFrom" ? [...leavesOf(from.left), ...leavesOf(from.right)] : [from]

const nameIn = (
  leaf: Leaf,
  finish: Pick<Finisher, "flag" | "settle">,
  named: ReadonlyMap<string, Offered>
): string => {
  switch (leaf._tag) {
    case "TableFrom":
      return leaf.source.columns[0]!.name
    case "FunctionFrom":
      return numbered(leaf)
    case "CteFrom": {
      const offered = named.get(leaf.name)!
      offered.settle()
      return offered.labels[0]!
    }
    case "QueryFrom":
    case "RecursionFrom":
      finish.settle(leaf.query)
      return labelsOf(leaf.query)[0] ?? finish.flag(leaf.query)
  }
}
