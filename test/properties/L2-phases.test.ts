import { describe, test } from "vitest"
import { rewriteTree } from "../../src/algebra/fold.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { dialectNames } from "../../src/algebra/Dialect.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { emulate } from "../../src/compile/phases/emulate.ts"
import { normaliseTree } from "../../src/compile/phases/normalise.ts"
import { makeContext } from "../../src/compile/Program.ts"
import { sameBag } from "./support/canonical.ts"
import { type Draw, drawn } from "./support/draw.ts"
import { column, handParts, handSide } from "./support/hand.ts"
import { caught, upheld } from "./support/law.ts"
import { rowsOf, selected } from "./support/meaning.ts"
import { conditionOver, type Parts, partsOf } from "./support/parts.ts"

interface Case extends Parts {
  readonly query: Relation
}

const wrapped = (draw: Draw): Case => {
  const parts = partsOf(draw)
  const p = conditionOver(draw, parts)
  const r = conditionOver(draw, parts)
  const filtered = R.filter(
    R.filter(parts.relation, S.not(S.not(p, T.boolean), T.boolean)),
    S.or([r, p], T.boolean)
  )
  return { ...parts, query: selected(filtered, [...parts.all, S.and([p], T.boolean)]) }
}

const cases = drawn(wrapped)

const keeps =
  (phase: (query: Relation) => Relation) =>
  ({ database, home, query }: Case): boolean =>
    sameBag(
      rowsOf(query, database, home.parameters),
      rowsOf(phase(query), database, home.parameters)
    )

const step =
  (f: (node: Scalar) => Scalar) =>
  (query: Relation): Relation =>
    rewriteTree(query, (node) => f(node as Scalar))

const table = handParts(0)
const side = handSide(0)
const example: Case = {
  ...table,
  query: selected(
    R.filter(
      table.relation,
      S.not(
        S.not(S.compare("gt", column(side, 1), S.bound(0, T.integer), T.boolean), T.boolean),
        T.boolean
      )
    ),
    table.all
  )
}

describe("L2 phases keep the meaning", () => {
  test("normalise, and again", () => {
    upheld(cases, keeps(normaliseTree), 1000)
    upheld(
      cases,
      keeps((query) => normaliseTree(normaliseTree(query))),
      200
    )
  })

  test.each(dialectNames)("emulate for %s", (dialect) => {
    const context = makeContext(capabilities(dialect))
    upheld(
      cases,
      keeps((root) => emulate({ root, ctes: [] }, context).root as Relation),
      500
    )
  })

  test("twin: NOT of a disjunction negates its parts and keeps OR", () => {
    caught(
      "not (a or b) = not a or not b",
      drawn((draw): Case => {
        const one = wrapped(draw)
        const [p, r] = [conditionOver(draw, one), conditionOver(draw, one)]
        const neither = S.not(S.or([p, r], T.boolean), T.boolean)
        return { ...one, query: selected(R.filter(one.relation, neither), one.all) }
      }),
      keeps(
        step((node) =>
          node._tag === "Not" && node.self._tag === "Or"
            ? S.or(
                node.self.parts.map((part) => S.not(part, T.boolean)),
                T.boolean
              )
            : node
        )
      ),
      [example]
    )
  })

  test("twin: an empty list is NULL, and a NULL member is never in", () => {
    caught(
      "x in () is null",
      drawn((draw): Case => {
        const one = wrapped(draw)
        const none = S.inList(S.bound(1, T.integer), S.boundList([], T.integer), T.boolean)
        return { ...one, query: selected(R.filter(one.relation, S.not(none, T.boolean)), one.all) }
      }),
      keeps(step((node) => (node._tag === "InList" ? S.constant(null, T.boolean) : node))),
      [example]
    )
  })
})
