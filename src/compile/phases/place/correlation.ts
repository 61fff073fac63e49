import type { Context } from "../../Program.ts"
import { type Block, type From, type Placed, type Query, type Term } from "../../Placed.ts"

/** Aliases of one SELECT, and whether a derived table stands between it and the one outside. */
interface Level {
  readonly aliases: ReadonlySet<string>
  readonly derived: boolean
}

/**
 * Refuses what servers without correlated derived tables cannot say: a derived table, or a set
 * operation they treat as one, that refers to an outer query's tables.
 */
export const checkCorrelation = ({ ctes, root }: Placed, context: Context): void => {
  if (context.capabilities.correlatedDerived) return
  const check = checker(context)
  for (const cte of ctes) check.query(cte.query, [], false)
  switch (root._tag) {
    case "Insert":
      for (const cell of root.cells) check.term(cell, [])
      return
    case "Update":
    case "Delete": {
      const own: ReadonlyArray<Level> = [
        { aliases: new Set([root.alias ?? root.table.name]), derived: false }
      ]
      check.term(root.where, own)
      if (root._tag === "Update") for (const set of root.sets) check.term(set.term, own)
      return
    }
    default:
      check.query(root, [], false)
  }
}

const checker = (context: Context) => {
  const query = (one: Query, outer: ReadonlyArray<Level>, derived: boolean): void => {
    switch (one._tag) {
      case "Block":
        return block(one, outer, derived)
      case "Compound":
        for (const part of one.parts)
          query(part, outer, derived || part._tag === "Compound" || isTailed(part))
        return
      case "CustomQuery":
        return query(one.self, outer, derived)
    }
  }
  const block = (one: Block, outer: ReadonlyArray<Level>, derived: boolean): void => {
    const aliases = new Set<string>()
    const conditions: Array<Term> = []
    if (one.from !== null) from(one.from, aliases, conditions, outer)
    const levels = [...outer, { aliases, derived }]
    const terms = [
      ...conditions,
      ...one.items.map((item) => item.term),
      ...(one.group ?? []),
      ...one.order.map((sort) => sort.term),
      one.where,
      one.having
    ]
    for (const each of terms) if (each !== null) term(each, levels)
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
    if (one._tag === "QueryFrom") query(one.query, outer, true)
  }
  const term = (one: Term, levels: ReadonlyArray<Level>): void => {
    if (one._tag === "Column") column(one.table, levels)
    else if (one._tag === "IsTrue") term(one.self, levels)
    else if ("kids" in one) {
      for (const kid of Object.values(one.kids).flat() as ReadonlyArray<Term | Query>) {
        if (kid._tag === "Block" || kid._tag === "Compound" || kid._tag === "CustomQuery")
          query(kid, levels, false)
        else term(kid, levels)
      }
    }
  }
  const column = (table: string | null, levels: ReadonlyArray<Level>): void => {
    let left = false
    for (let i = levels.length - 1; i >= 0; i--) {
      const level = levels[i]!
      if (table !== null && level.aliases.has(table)) {
        if (left)
          context.refuse(
            "correlatedDerived",
            `a derived table that refers to "${table}" of an outer query`
          )
        return
      }
      left ||= level.derived
    }
  }
  return { query, term }
}

const isTailed = (query: Query): boolean =>
  query._tag === "Block" &&
  (query.order.length > 0 || query.limit !== null || query.offset !== null)
