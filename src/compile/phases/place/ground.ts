import { constant } from "../../../algebra/Scalar.ts"
import { integerType } from "../../internalTypes.ts"
import { operandsOf } from "../../kids.ts"
import type { Block, From, Query, Term } from "../../Placed.ts"
import { emptyBlock } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { aliasesIn } from "./sides.ts"
import { operator } from "./operator.ts"
import { looksAround } from "./varying.ts"

/**
 * A query in an expression, with a FROM where MariaDB needs one.
 *
 * MariaDB 10.11 loses the tables outside in a subquery without FROM that orders, groups or limits,
 * and dies of `select distinct t.q in (select t.q) from (select *, true as p from g) t`. Beside a
 * window it forgets a WHERE that reads a query outside, where each table of its own has one row it
 * knows: `(select rank() over () from b where b.id = 1 and a.x)`.
 */
export const grounder = (onMariadb: boolean, freshAlias: () => string): Finisher["ground"] => {
  const ground: Finisher["ground"] = (inner) => {
    if (!onMariadb) return inner
    switch (inner._tag) {
      case "Block":
        return inner.from === null
          ? { ...inner, from: oneRow(freshAlias(), one) }
          : forgets(inner, inner.from)
            ? { ...inner, from: besideOneRow(inner.from, freshAlias()) }
            : inner
      case "Compound":
        return { ...inner, parts: inner.parts.map(ground) }
      case "CustomQuery":
        return { ...inner, self: ground(inner.self) }
    }
  }
  return ground
}

const one: Block = {
  ...emptyBlock,
  items: [{ term: operator(constant(1, integerType), {}), label: "c0" }]
}

const oneRow = (alias: string, query: Query): From => ({ _tag: "QueryFrom", query, alias })

/** The server does not see that a union of two equal rows has one. */
const besideOneRow = (from: From, alias: string): From => ({
  _tag: "JoinFrom",
  kind: "cross",
  lateral: false,
  left: from,
  right: oneRow(alias, {
    _tag: "Compound",
    op: "union",
    parts: [one, one],
    order: [],
    limit: null,
    offset: null
  }),
  on: null
})

const forgets = ({ items, where }: Block, from: From): boolean =>
  where !== null &&
  items.some(({ term }) => looksAround(term)) &&
  mayReadOutside(where, new Set(aliasesIn(from)))

const queries: ReadonlySet<Term["_tag"]> = new Set<Term["_tag"]>(["Subquery", "Exists", "InQuery"])

/** A column of no table here, or a query, of which nobody asks. */
export const mayReadOutside = (term: Term, own: ReadonlySet<string>): boolean =>
  term._tag === "Column"
    ? !own.has(term.table ?? "")
    : queries.has(term._tag) || operandsOf(term).some((part) => mayReadOutside(part, own))
