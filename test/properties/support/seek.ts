import { isNight } from "../../support/night.ts"
import type { Home } from "./context.ts"
import { chance, type Draw, pick } from "./draw.ts"
import { type Ask, asks, type Clause, type Read } from "./places.ts"

/**
 * A query in a clause, what it is asked for, and what the two blocks read. Undirected, most of
 * these together come never in twenty thousand statements.
 */
export interface Seek {
  readonly clause: Clause
  readonly ask: Ask
  /** What stands first in FROM of the block with that clause. */
  readonly outer: Read
  /** What stands first in FROM of the query. */
  readonly inner: Read
  /** It refers to the block around it. */
  readonly correlated: boolean
}

export const soughtClauses: ReadonlyArray<Clause> = [
  "having",
  "where",
  "select",
  "group by",
  "order by",
  "on",
  "aggregate",
  "window",
  "function"
]

export const soughtReads: ReadonlyArray<Read> = [
  "table",
  "derived",
  "cte",
  "recursion",
  "values",
  "function",
  "set operation",
  "lateral"
]

/** Clauses of a command itself. */
export const soughtInCommands: ReadonlyArray<Clause> = [
  "where",
  "set",
  "values",
  "returning",
  "order by"
]

/** At night what is rare is sought; `ATHANOR_SEEK` asks for it by day. */
export const seeking = isNight || process.env["ATHANOR_SEEK"] !== undefined

export const seekOf = (draw: Draw, clauses: ReadonlyArray<Clause> = soughtClauses): Seek => ({
  clause: pick(draw, clauses),
  ask: pick(draw, asks),
  outer: pick(draw, soughtReads),
  inner: pick(draw, soughtReads),
  correlated: !chance(draw, 3)
})

/** Whether a clause is sought that no query stands in yet. */
export const seeks = ({ seek }: Home, ...clauses: ReadonlyArray<Clause>): boolean =>
  seek !== null && clauses.includes(seek.clause)

/** Draws what stands in a clause. */
export const inClause = <A>(home: Home, clause: Clause, make: () => A): A => {
  const before = home.clause
  home.clause = clause
  try {
    return make()
  } finally {
    home.clause = before
  }
}

/** Draws what is no part of what is sought. */
export const aside = <A>(home: Home, make: () => A): A => {
  const { clause, seek } = home
  home.seek = null
  home.clause = null
  try {
    return make()
  } finally {
    home.seek = seek
    home.clause = clause
  }
}

/** What is sought, where the clause that is drawn now is the one; from then on nothing is. */
export const found = (draw: Draw, home: Home): Seek | null => {
  const { clause, seek } = home
  if (seek === null || clause !== seek.clause || chance(draw, 3)) return null
  home.seek = null
  home.clause = null
  return seek
}

/** What the next source is to be, told once. */
export const wished = (home: Home): Read | null => {
  const { wish } = home
  home.wish = null
  return wish
}

/** How much heavier a source is that is wished for. */
export const granted = (wish: Read | null, ...reads: ReadonlyArray<Read>): number =>
  wish !== null && reads.includes(wish) ? 200 : 1
