import { rewriteTree } from "../../../src/algebra/fold.ts"
import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { Database } from "../../oracle/Meaning.ts"
import { type Home, type Known, knownAs, newHome } from "./context.ts"
import { type Draw, drawn, many, pick } from "./draw.ts"
import { handDatabase, handSide } from "./hand.ts"
import { selected } from "./meaning.ts"
import { contextOf } from "./parts.ts"
import { condition, scalar } from "./scalars.ts"
import type { Sort } from "./sorts.ts"
import { databaseOf, tables } from "./tables.ts"

/** A query as a derived table: its columns can be spoken of. */
export interface Part extends Known {
  readonly relation: Relation
}

/** Three queries of the same columns, and a condition over those of the first. */
export interface Bags {
  readonly database: Database
  readonly home: Home
  readonly a: Part
  readonly b: Part
  readonly c: Part
  readonly p: Scalar
}

/** A query under an alias of its own. */
export const partOf = (home: Home, query: Relation): Part => {
  const source = { _tag: "DerivedSource", query } as const
  const known = knownAs(home, source)
  return { ...known, relation: R.derived(source, known.alias) }
}

/** The columns of a part. */
export const columnsOf = ({ leaves }: Part): ReadonlyArray<Scalar> =>
  leaves.flatMap(({ node }) => (node._tag === "Ref" ? [node] : []))

/** All rows of a part, or those a condition keeps. */
export const rowsOfPart = (part: Part, where: Scalar | null = null): Relation =>
  selected(where === null ? part.relation : R.filter(part.relation, where), columnsOf(part))

/** A condition over one part as a condition over another of the same columns. */
export const moved = (p: Scalar, from: Part, to: Part): Scalar =>
  rewriteTree<Scalar>(p, (node) =>
    (node._tag === "Ref" || node._tag === "Presence") && node.alias === from.alias
      ? node._tag === "Ref"
        ? S.ref(to.alias, to.source, node.path, node.type)
        : S.presence(to.alias, to.source, node.path, node.type)
      : node
  )

const partDrawn = (draw: Draw, home: Home, sorts: ReadonlyArray<Sort>): Part => {
  const source = pick(draw, tables)
  const known = knownAs(home, source)
  const context = contextOf(home, [known])
  const fields = sorts.map((sort) => scalar(draw, context, sort, 0))
  return partOf(home, selected(R.table(source, known.alias), fields))
}

export const bags = drawn((draw): Bags => {
  const database = databaseOf(draw)
  const home = newHome()
  const sorts = many(draw, "sort", 1, 2, () => pick(draw, ["integer", "text", "boolean"] as const))
  const [a, b, c] = [0, 1, 2].map(() => partDrawn(draw, home, sorts)) as [Part, Part, Part]
  return { database, home, a, b, c, p: condition(draw, contextOf(home, [a]), 1) }
})

/** The ids of tables by hand: nothing twice, and the parts share nothing where told so. */
export const handBags = (p: (a: Part) => Scalar, shift: number): Bags => {
  const home = newHome()
  const ids = (index: number, by: number): Part => {
    const { leaves, relation } = handSide(index)
    const id = leaves[0]!.node
    return partOf(
      home,
      selected(relation, [by === 0 ? id : S.arith("add", id, S.bound(by, id.type), id.type)])
    )
  }
  const a = ids(0, 0)
  return { database: handDatabase, home, a, b: ids(1, shift), c: ids(0, 2 * shift), p: p(a) }
}
