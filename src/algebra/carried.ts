import type { Bound, Carried, CteSource, TableSource } from "./nodes.ts"

export type { Carried } from "./nodes.ts"

const none: ReadonlyArray<never> = Object.freeze([])

/** No values, or no common table expressions. */
export const nothing = none

/** Values of two children in order; allocates only where both have some. */
export const bindsOf = (a: Carried, b: Carried): ReadonlyArray<Bound> =>
  a.binds.length === 0 ? b.binds : b.binds.length === 0 ? a.binds : a.binds.concat(b.binds)

/** Common table expressions of two children, each once. */
export const ctesOf = (a: Carried, b: Carried): ReadonlyArray<CteSource> =>
  a.ctes.length === 0 ? b.ctes : b.ctes.length === 0 ? a.ctes : merge(a.ctes, b.ctes)

/** The union of two lists by identity, in first-seen order. */
export const merge = (
  a: ReadonlyArray<CteSource>,
  b: ReadonlyArray<CteSource>
): ReadonlyArray<CteSource> => {
  if (a === b) return a
  const extra = b.filter((cte) => !a.includes(cte))
  return extra.length === 0 ? a : a.concat(extra)
}

/** Values of many children in order; allocates only where more than one has some. */
export const bindsOfAll = (nodes: ReadonlyArray<Carried>): ReadonlyArray<Bound> => {
  let count = 0
  let last: ReadonlyArray<Bound> = none
  for (const { binds } of nodes) {
    if (binds.length === 0) continue
    count += binds.length
    last = binds
  }
  if (count === last.length) return last
  const out = new Array<Bound>(count)
  let at = 0
  for (const { binds } of nodes) for (const bind of binds) out[at++] = bind
  return out
}

/** Common table expressions of many children, each once. */
export const ctesOfAll = (nodes: ReadonlyArray<Carried>): ReadonlyArray<CteSource> => {
  let out: ReadonlyArray<CteSource> = none
  for (const node of nodes)
    if (node.ctes.length > 0) out = out.length === 0 ? node.ctes : merge(out, node.ctes)
  return out
}

/** Keys of many children, separated. */
export const keysOfAll = (nodes: ReadonlyArray<Carried>): string => {
  let key = ""
  for (const node of nodes) key += node.key + ","
  return key
}

/** The tables a text is said to read, as part of a key. */
export const tablesKey = (tables: ReadonlyArray<TableSource> | null): string =>
  tables === null ? "" : `of${tables.map(({ id }) => id).join()};`

const quotations = new Map<string, string>()

/** A user's text inside a key: quoted, so that no name can imitate structure. */
export const quoted = (text: string): string => {
  let quotation = quotations.get(text)
  if (quotation === undefined) {
    quotation = JSON.stringify(text)
    // Aliases and column names come again and again; what does not may be anything.
    if (quotations.size < 1_000) quotations.set(text, quotation)
  }
  return quotation
}

const interned = new Map<string, string>()

/**
 * A short stand-in for a long structural text: the same for the same text, different otherwise.
 * Names come from the program, not from its input, so the table stays small.
 */
export const intern = (prefix: string, text: string): string => {
  const full = prefix + text
  let short = interned.get(full)
  if (short === undefined) interned.set(full, (short = prefix + interned.size.toString(36)))
  return short
}
