import { describe, expect, test } from "vitest"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { childFields, rewriteTree } from "../../src/algebra/fold.ts"
import { type Facts, factsOf, kindsOf } from "../../src/compile/facts.ts"
import { rewriteInner, survey } from "../../src/compile/survey.ts"
import { caught, upheld } from "../properties/support/law.ts"
import { drawn } from "../properties/support/draw.ts"
import { queryCase, type QueryCase } from "../properties/support/statements.ts"

type Node = Parameters<typeof survey>[0]

const cases = drawn((draw): QueryCase => queryCase(draw))

const isLeaf = (node: Scalar): boolean => childFields[node._tag].length === 0

/** Columns, values and comparisons of two of them, said another way. */
const isCrowd = (node: Node): boolean =>
  "type" in node &&
  (isLeaf(node) || (node._tag === "Compare" && [node.left, node.right].every(isLeaf)))

/** What the facts say is what a list of all nodes says. */
const holds = (root: Node, { inner, kinds }: Facts): boolean => {
  const nodes = survey(root)
  const others = nodes.filter((node) => !isCrowd(node))
  const said = new Set(
    nodes.filter((node) => node._tag !== "Compare" || !isCrowd(node)).map(({ _tag }) => _tag)
  )
  return (
    inner.length === others.length &&
    inner.every((node, i) => node === others[i]) &&
    kinds === kindsOf([...said])
  )
}

describe("facts", () => {
  test("what they count and list is all there is, children first", () => {
    upheld(cases, ({ query }) => holds(query, factsOf(query)), 1_000)
  })

  test("twin: a kind that is forgotten", () => {
    const forgets = (query: Node): Facts => {
      const facts = factsOf(query)
      return { ...facts, kinds: facts.kinds & ~kindsOf(["Not"]) }
    }
    caught("a kind is forgotten", cases, ({ query }) => holds(query, forgets(query)), [])
  })

  test("a type that is said in a way of its own is told, wherever it stands", () => {
    const plain = S.compare("eq", S.bound(1, T.integer), S.bound(2, T.integer), T.boolean)
    const decimal = S.bound(1, T.numeric(5, 2))
    expect(factsOf(plain).isPlain).toBe(true)
    for (const node of [
      decimal,
      S.compare("eq", decimal, decimal, T.boolean),
      S.and([plain, S.isNull(decimal, T.boolean)], T.boolean),
      S.negate(S.bound([], T.array(T.integer)), T.integer)
    ])
      expect(factsOf(node).isPlain).toBe(false)
  })

  test("a tree too deep for the stack, parts of it in two places", () => {
    let deep: Scalar = S.bound(1, T.integer)
    for (let depth = 0; depth < 100_000; depth++) deep = S.negate(deep, T.integer)
    const twice = S.compare("eq", deep, S.negate(deep, T.integer), T.boolean)
    expect(holds(twice, factsOf(twice))).toBe(true)
  })
})

describe("rewriteInner", () => {
  test("rewrites as rewrite does what leaves columns and comparisons as they are", () => {
    const denied = (node: Node): Node => (node._tag === "Not" ? S.not(node, node.type) : node)
    upheld(
      cases,
      ({ query }) => rewriteInner(query, denied).key === rewriteTree(query, denied).key,
      500
    )
  })
})
