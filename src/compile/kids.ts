import { isQuery, type Query, type Term } from "./Placed.ts"

const none: ReadonlyArray<never> = Object.freeze([])

/** What stands directly in a term: its operands, and the query it asks. */
export const kidsOf = (term: Term): ReadonlyArray<Term | Query> => {
  if (term._tag === "IsTrue" || term._tag === "Typed" || term._tag === "Wrapped") return [term.self]
  if (!("kids" in term)) return none
  const out: Array<Term | Query> = []
  for (const kid of Object.values(term.kids) as ReadonlyArray<Kid | ReadonlyArray<Kid>>)
    if (isList(kid)) for (const one of kid) keep(one, out)
    else keep(kid, out)
  return out
}

type Kid = Term | Query | null

const isList = (kid: Kid | ReadonlyArray<Kid>): kid is ReadonlyArray<Kid> => Array.isArray(kid)

const keep = (kid: Kid, out: Array<Term | Query>): void => {
  if (kid !== null) out.push(kid)
}

/** Whether a query stands in a term. */
export const holdsQuery = (term: Term): boolean =>
  kidsOf(term).some((kid) => isQuery(kid) || holdsQuery(kid))

/** The operands of a term; those of a query in it belong to the query. */
export const operandsOf = (term: Term): ReadonlyArray<Term> =>
  "kids" in term || "self" in term ? kidsOf(term).filter((kid): kid is Term => !isQuery(kid)) : none
