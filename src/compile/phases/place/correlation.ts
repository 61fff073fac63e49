import { kidsOf } from "../../kids.ts"
import type { Context } from "../../Program.ts"
import {
  type Block,
  type From,
  isQuery,
  type Placed,
  type PlacedCommand,
  type Query,
  type Term
} from "../../Placed.ts"
import { armsBefore } from "./outerArms.ts"

/** What keeps a place from reading the tables outside: the capability that is missing, in words. */
interface Cut {
  readonly capability: string
  readonly construct: string
}

const derivedTable: Cut = { capability: "correlatedDerived", construct: "a derived table" }

/** MariaDB 10.11 looks for an outer column of such an ON in the wrong SELECT. */
const lateArm: Cut = {
  capability: "correlatedArm",
  construct: "an outer join of the third arm of a set operation"
}

/** Aliases of one SELECT, and what stands between it and the one outside. */
interface Level {
  readonly aliases: ReadonlySet<string>
  readonly cut: Cut | null
}

/**
 * Refuses what servers without correlated derived tables cannot say: a derived table, or a set
 * operation they treat as one, that refers to an outer query's tables; and a late arm's ON that
 * does.
 */
export const checkCorrelation = ({ ctes, root }: Placed, context: Context): void => {
  if (context.capabilities.correlatedDerived) return
  const check = checker(context)
  for (const { query } of ctes) if (isQuery(query)) check.query(query, [], null)
  switch (root._tag) {
    case "Insert":
    case "Update":
    case "Delete":
      return checkCommand(root, check)
    // Servers that have it have correlated derived tables too.
    case "Merge":
      return
    default:
      check.query(root, [], null)
  }
}

type Unmerged = Exclude<PlacedCommand, { readonly _tag: "Merge" }>

const checkCommand = (root: Unmerged, check: ReturnType<typeof checker>): void => {
  const aliases = new Set<string>()
  const conditions: Array<Term> = []
  const beside = root._tag === "Update" ? root.from : root._tag === "Delete" ? root.using : null
  if (beside !== null) check.from(beside, aliases, conditions, [])
  if (root._tag === "Insert") {
    aliases.add(root.table.name)
    for (const cell of root.cells) check.term(cell, [])
    if (root.rows !== null) check.query(root.rows, [], null)
  } else aliases.add(root.alias ?? root.table.name)
  const own: ReadonlyArray<Level> = [{ aliases, cut: null }]
  const sets = root._tag === "Update" ? root.sets : root._tag === "Insert" ? setsOf(root) : []
  for (const { term } of sets) check.term(term, own)
  for (const one of conditions) check.term(one, own)
  if (root._tag === "Update" && root.row !== null) check.query(root.row.query, own, null)
  for (const item of root.returned) check.term(item.term, own)
  if (root._tag === "Insert") return
  check.term(root.where, own)
  for (const { term } of root.order) check.term(term, own)
}

const setsOf = ({ conflict }: Extract<PlacedCommand, { readonly _tag: "Insert" }>) =>
  conflict?.sets ?? []

const checker = (context: Context) => {
  const query = (
    one: Query,
    outer: ReadonlyArray<Level>,
    cut: Cut | null,
    late: Cut | null = null
  ): void => {
    switch (one._tag) {
      case "Block":
        return block(one, outer, cut, late)
      case "Compound":
        one.parts.forEach((part, i) => {
          const derived = isNested(part) ? derivedTable : null
          query(part, outer, cut ?? derived, armsBefore(one.parts, i) > 1 ? lateArm : late)
        })
        return
      case "CustomQuery":
        return query(one.self, outer, cut, late)
    }
  }
  const block = (
    one: Block,
    outer: ReadonlyArray<Level>,
    cut: Cut | null,
    late: Cut | null
  ): void => {
    const aliases = new Set<string>()
    const conditions: Array<Term> = []
    if (one.from !== null) from(one.from, aliases, conditions, outer)
    const terms = [
      ...one.items.map((item) => item.term),
      ...(one.group ?? []),
      ...one.order.map((sort) => sort.term),
      one.where,
      one.having
    ]
    for (const each of conditions) term(each, [...outer, { aliases, cut: cut ?? late }])
    for (const each of terms) if (each !== null) term(each, [...outer, { aliases, cut }])
  }
  const from = (
    one: From,
    aliases: Set<string>,
    conditions: Array<Term>,
    outer: ReadonlyArray<Level>
  ): void => {
    if (one._tag === "JoinFrom") {
      from(one.left, aliases, conditions, outer)
      from(one.right, aliases, conditions, outer)
      if (one.on !== null) conditions.push(one.on)
      return
    }
    aliases.add(one.alias)
    if (one._tag === "FunctionFrom") conditions.push(...one.args)
    if (one._tag === "QueryFrom" || one._tag === "RecursionFrom")
      query(one.query, outer, derivedTable)
  }
  const term = (one: Term, levels: ReadonlyArray<Level>): void => {
    if (one._tag === "Column") column(one.table, levels)
    else
      for (const kid of kidsOf(one))
        if (isQuery(kid)) query(kid, levels, null)
        else term(kid, levels)
  }
  const column = (table: string | null, levels: ReadonlyArray<Level>): void => {
    let left: Cut | null = null
    for (let i = levels.length - 1; i >= 0; i--) {
      const level = levels[i]!
      if (table !== null && level.aliases.has(table)) {
        if (left !== null)
          context.refuse(
            left.capability,
            `${left.construct} that refers to "${table}" of an outer query`
          )
        return
      }
      left ??= level.cut
    }
  }
  return { query, from, term }
}

/** An arm that MariaDB takes for a derived table: of arms, or with a tail; in a user's text too. */
const isNested = (arm: Query): boolean => {
  if (arm._tag === "CustomQuery") return isNested(arm.self)
  return (
    arm._tag === "Compound" || arm.order.length > 0 || arm.limit !== null || arm.offset !== null
  )
}
