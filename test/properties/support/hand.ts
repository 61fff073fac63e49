import * as S from "../../../src/algebra/Scalar.ts"
import type { Comparison, Scalar } from "../../../src/algebra/Scalar.ts"
import type { TableSource } from "../../../src/algebra/Source.ts"
import * as R from "../../../src/algebra/Relation.ts"
import * as T from "../../../src/algebra/types.ts"
import type { Database } from "../../oracle/Meaning.ts"
import { type Home, type Known, knownUnder, newHome } from "./context.ts"
import type { Parts } from "./parts.ts"
import { contextOf, nodesOf } from "./parts.ts"
import { tables } from "./tables.ts"

/** The rows somebody writes down to try a rule: no NULL, nothing twice. */
export const handDatabase: Database = new Map([
  [
    tables[0]!,
    [
      { id: 1n, a: 1n, b: 10n, s: "x", yes: true, n: 1n },
      { id: 2n, a: 2n, b: 20n, s: "y", yes: false, n: 2n },
      { id: 3n, a: 3n, b: 30n, s: "z", yes: true, n: 3n }
    ]
  ],
  [
    tables[1]!,
    [
      { id: 1n, alphaId: 1n, x: 5n, name: "one", on: true },
      { id: 2n, alphaId: 1n, x: 6n, name: "two", on: false },
      { id: 3n, alphaId: 2n, x: 7n, name: "three", on: true }
    ]
  ],
  [
    tables[2]!,
    [
      { p: 1n, q: "x" },
      { p: 9n, q: "y" }
    ]
  ]
])

/** A table under its own name. */
export const handSide = (index: number): Known & { readonly relation: R.Relation } => {
  const source = tables[index] as TableSource
  return { ...knownUnder(source.name, source), relation: R.table(source, source.name) }
}

/** One table with its scope. */
export const handParts = (index: number): Parts => {
  const side = handSide(index)
  const home: Home = newHome()
  return {
    database: handDatabase,
    home,
    relation: side.relation,
    context: contextOf(home, [side]),
    all: nodesOf([side])
  }
}

/** The n-th column of a side. */
export const column = ({ leaves }: Known, index: number): Scalar => leaves[index]!.node

/** A comparison of an integer column with a number. */
export const compared = (left: Scalar, op: Comparison, right: number | Scalar): Scalar =>
  S.compare(op, left, typeof right === "number" ? S.bound(right, T.integer) : right, T.boolean)
