import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import type { Database } from "../../oracle/Meaning.ts"
import { type Context, type Home, type Known, newHome } from "./context.ts"
import type { Draw } from "./draw.ts"
import { condition } from "./scalars.ts"
import { sources } from "./sources.ts"
import { databaseOf } from "./tables.ts"

/** What the laws about clauses start from: a database, sources, and conditions over them. */
export interface Parts {
  readonly database: Database
  readonly home: Home
  readonly relation: Relation
  readonly context: Context
  /** Every column and presence in scope; where there is none, a number: a row is to be seen. */
  readonly all: ReadonlyArray<Scalar>
}

/** The scope of some aliases. */
export const contextOf = (home: Home, known: ReadonlyArray<Known>): Context => ({
  home,
  outer: [],
  members: null,
  leaves: known.flatMap(({ leaves }) => leaves)
})

export const nodesOf = (known: ReadonlyArray<Known>): ReadonlyArray<Scalar> =>
  known.flatMap(({ leaves }) => leaves.map(({ node }) => node))

/** Sources with their scope, and now and then a derived table among them. */
export const partsOf = (draw: Draw): Parts => {
  const database = databaseOf(draw)
  const home = newHome()
  const { known, relation } = sources(draw, home, [], 1)
  const nodes = nodesOf(known)
  const all = nodes.length === 0 ? [S.constant(1, T.integer)] : nodes
  return { database, home, relation, context: contextOf(home, known), all }
}

/** A condition over the parts. */
export const conditionOver = (draw: Draw, { context }: Parts): Scalar => condition(draw, context, 2)
