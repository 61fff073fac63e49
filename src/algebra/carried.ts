import { refuse } from "./StatementError.ts"
import type { Bound, Carried, CteSource, TableSource } from "./nodes.ts"

export type { Carried } from "./nodes.ts"

const none: ReadonlyArray<never> = Object.freeze([])

/** No values, or no common table expressions. */
export const nothing = none

/**
 * The longest structure of one statement, in characters of its key: an expression made of itself
 * twice, again and again, doubles each time, and no memory holds the fiftieth.
 */
const longest = 2 ** 24

const tooLong = (): never => refuse("a statement of more than 16,777,216 characters of structure")

/**
 * A node lists the values of all that is below it, so what nests a thousand deep with a value at
 * each level lists half a million. Remembered only of long lists: most statements have none.
 */
const weights = new WeakMap<ReadonlyArray<unknown>, number>()
const short = 64

/** Values listed from a node down to its deepest: 128 MB of them. */
const heaviest = 2 ** 24

const weightOf = (list: ReadonlyArray<unknown>): number =>
  list.length <= short ? 0 : (weights.get(list) ?? list.length)

const weighed = <A>(list: ReadonlyArray<A>, below: number): ReadonlyArray<A> => {
  const weight = below + list.length
  if (weight > heaviest) refuse("a statement nested too deep: each level lists the values below it")
  weights.set(list, weight)
  return list
}

/** Values of two children in order; allocates only where both have some. */
export const bindsOf = (a: Carried, b: Carried): ReadonlyArray<Bound> => {
  if (a.key.length + b.key.length > longest) tooLong()
  if (a.binds.length === 0) return b.binds
  if (b.binds.length === 0) return a.binds
  const list = a.binds.concat(b.binds)
  return list.length <= short ? list : weighed(list, Math.max(weightOf(a.binds), weightOf(b.binds)))
}

/** `bindsOf` where the longer junction takes the place of `a`, whose list nothing else keeps. */
export const bindsAlong = (a: Carried, b: Carried): ReadonlyArray<Bound> => {
  if (a.binds.length <= short || b.binds.length === 0) return bindsOf(a, b)
  if (a.key.length + b.key.length > longest) tooLong()
  const below = Math.max(weightOf(a.binds) - a.binds.length, weightOf(b.binds))
  return weighed(a.binds.concat(b.binds), below)
}

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
  if (extra.length === 0) return a
  const list = a.concat(extra)
  return list.length <= short ? list : weighed(list, Math.max(weightOf(a), weightOf(b)))
}

/** Values of many children in order; allocates only where more than one has some. */
export const bindsOfAll = (nodes: ReadonlyArray<Carried>): ReadonlyArray<Bound> => {
  let count = 0
  let length = 0
  let last: ReadonlyArray<Bound> = none
  for (let i = 0; i < nodes.length; i++) {
    const { binds, key } = nodes[i]!
    length += key.length
    if (binds.length === 0) continue
    count += binds.length
    last = binds
  }
  if (length > longest) tooLong()
  if (count === last.length) return last
  const out = new Array<Bound>(count)
  let at = 0
  let below = 0
  for (let i = 0; i < nodes.length; i++) {
    const { binds } = nodes[i]!
    for (let from = 0; from < binds.length; from++) out[at++] = binds[from]!
    if (binds.length > short) below = Math.max(below, weightOf(binds))
  }
  return count <= short ? out : weighed(out, below)
}

/** Common table expressions of many children, each once. */
export const ctesOfAll = (nodes: ReadonlyArray<Carried>): ReadonlyArray<CteSource> => {
  let out: ReadonlyArray<CteSource> = none
  for (let i = 0; i < nodes.length; i++) {
    const { ctes } = nodes[i]!
    if (ctes.length > 0) out = out.length === 0 ? ctes : merge(out, ctes)
  }
  return out
}

/** Keys of many children, separated. */
export const keysOfAll = (nodes: ReadonlyArray<Carried>): string => {
  let key = ""
  for (let i = 0; i < nodes.length; i++) key += nodes[i]!.key + ","
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
