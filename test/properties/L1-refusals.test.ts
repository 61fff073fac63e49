import { describe, expect, test } from "vitest"
import { dialectNames, type DialectName } from "../../src/algebra/Dialect.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import { StatementError } from "../../src/algebra/StatementError.ts"
import * as T from "../../src/algebra/types.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { compileStatement } from "../../src/compile/compileStatement.ts"
import { normaliseTree } from "../../src/compile/phases/normalise.ts"
import { isWellFormed } from "../oracle/wellFormed.ts"
import { newHome } from "./support/context.ts"
import { drawn } from "./support/draw.ts"
import { drawnTree } from "./support/explain.ts"
import { column } from "./support/hand.ts"
import { caught, timeFor, upheld } from "./support/law.ts"
import { selected } from "./support/meaning.ts"
import { query } from "./support/queries.ts"
import { a, g, int, ordered } from "./support/small.ts"
import { queryCase } from "./support/statements.ts"

/** Queries that name above a group, or above what is distinct, what may have no value there. */
const loose = drawn((draw): Relation => {
  const home = newHome()
  home.loose = true
  return query(draw, home, [], null, 2)
})

/** Null where it is said, or refused for what a server has not. */
const refusalOf = (node: Relation, dialect: DialectName): StatementError | null => {
  try {
    compileStatement(node, capabilities(dialect))
    return null
  } catch (error) {
    if (error instanceof StatementError) return error
    throw error
  }
}

describe("L1 refusals: what means nothing is refused, and nothing else", () => {
  test(
    "on each dialect",
    () => {
      const counts = { meaningless: 0, asked: 0 }
      upheld(
        loose,
        (node) => {
          // `TRUE OR x` is TRUE before anybody asks where x stands.
          const means = isWellFormed(normaliseTree(node))
          counts.asked++
          if (!means) counts.meaningless++
          for (const dialect of dialectNames) {
            const refused = refusalOf(node, dialect)
            if ((refused === null) === means) continue
            throw new Error(
              `${dialect}: ${refused?.message ?? "not refused"}\n${drawnTree(node)}`,
              refused === null ? {} : { cause: refused }
            )
          }
          return true
        },
        2000
      )
      console.log(`L1 refusals: ${counts.asked} queries, ${counts.meaningless} mean nothing`)
      expect(counts.meaningless).toBeGreaterThan(counts.asked / 20)
    },
    timeFor(60_000)
  )

  test.each(dialectNames)("a column above what is distinct and all alike, on %s", (dialect) => {
    const alike = R.distinct(selected(a.relation, [int(0)]))
    for (const node of [R.filter(alike, column(a, 4)), ordered(alike, column(a, 1))])
      expect(refusalOf(node, dialect)?.message).toMatch(/^"t0\.\w+" is not projected by/)
  })

  test.each(dialectNames)("what EXISTS selects is asked by nobody, on %s", (dialect) => {
    const alike = R.slice(ordered(R.distinct(selected(a.relation, [int(0)])), int(0)), int(1), null)
    const one = R.slice(ordered(selected(g.relation, [column(a, 3)]), column(g, 0)), int(1), null)
    for (const query of [one, selected(R.group(g.relation, [int(0)]), [column(a, 3)])])
      expect(refusalOf(R.filter(alike, S.exists(query, T.boolean)), dialect)).toBeNull()
    const asked = R.filter(g.relation, S.isNull(column(a, 3), T.boolean))
    const told = R.filter(alike, S.exists(selected(asked, [int(0)]), T.boolean))
    expect(refusalOf(told, dialect)?.message).toMatch(/^"t0\.s" is not projected by/)
  })

  test("twin: what is said again with another value means nothing", () => {
    caught(
      "one key, one value",
      drawn((draw) => queryCase(draw)),
      ({ query: node }) => {
        const found = compileStatement(node, capabilities("sqlite"))
        return found._tag === "Refusal" || found.agree.every(({ equal }) => equal)
      },
      []
    )
  }, 60_000)

  test("twin: what is below a group has a value above it", () => {
    caught("open groups", loose, (node) => refusalOf(node, "postgres") === null, [])
  }, 60_000)
})
