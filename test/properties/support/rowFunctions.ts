import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { RowShape } from "../../../src/algebra/RowShape.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { AnyType } from "../../../src/algebra/Type.ts"
import * as T from "../../../src/algebra/types.ts"
import { type Home, type Known, knownAs, type Leaf } from "./context.ts"
import { chance, type Draw, pick } from "./draw.ts"
import { document, documentType } from "./functions.ts"
import { singleRow } from "./queries.ts"
import { found, inClause } from "./seek.ts"

/** The columns of a function, and the place of each row. */
const rowOf = (columns: Readonly<Record<string, AnyType>>): R.ValuesRow => {
  const keys = [...Object.keys(columns), "ordinality"]
  const shape: RowShape = {
    _tag: "Record",
    keys,
    parts: keys.map((_, index) => ({ _tag: "Cell", index })),
    presence: null,
    prototype: null
  }
  return {
    fields: [...Object.values(columns), T.count].map((type) => S.constant(null, type)),
    shape
  }
}

const refsIn = (leaves: ReadonlyArray<Leaf>): ReadonlyArray<Leaf> =>
  leaves.filter(({ node }) => node._tag === "Ref")

/** An end of a series: a number, seldom NULL, or a column that is in sight. */
const end = (draw: Draw, home: Home, seen: ReadonlyArray<Leaf>): Scalar => {
  const seek = inClause(home, "function", () => found(draw, home))
  if (seek !== null) {
    home.wish = seek.inner
    home.link = seek.correlated
    return S.subquery(singleRow(draw, home, refsIn(seen), "integer", 1), T.integer)
  }
  const columns = refsIn(seen).filter(({ sort }) => sort === "integer")
  if (columns.length > 0 && !chance(draw, 3)) return pick(draw, columns).node
  return S.bound(draw.below(12) === 11 ? null : draw.below(7) - 2, T.count)
}

/** A series between whole numbers, or what is in a document. */
export const rowFunction = (draw: Draw, home: Home, seen: ReadonlyArray<Leaf>): R.TableFunction =>
  pick<() => R.TableFunction>(draw, [
    () => {
      const step = S.constant(pick(draw, [1, 1, 2, -1, -2]), T.count)
      const ends = [end(draw, home, seen), end(draw, home, seen)]
      return R.tableFunction("series", [...ends, step], rowOf({ value: T.count }))
    },
    () => R.tableFunction("elements", [document(draw, 0)], rowOf({ value: documentType })),
    () =>
      R.tableFunction("entries", [document(draw, 0)], rowOf({ key: T.text, value: documentType }))
  ])()

/** A function's rows under an alias of their own. */
export const functionSource = (
  draw: Draw,
  home: Home,
  seen: ReadonlyArray<Leaf>
): { readonly relation: Relation; readonly known: Known } => {
  const source = { _tag: "DerivedSource", query: rowFunction(draw, home, seen) } as const
  const known = knownAs(home, source)
  return { relation: R.derived(source, known.alias), known }
}
