import { describe, expect, test } from "vitest"
import { children, rewriteTree, walk } from "../../src/algebra/fold.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { rewriteFew, survey } from "../../src/compile/survey.ts"
import { caught, upheld } from "../properties/support/law.ts"
import { drawn } from "../properties/support/draw.ts"
import { queryCase, type QueryCase } from "../properties/support/statements.ts"

type Node = Parameters<typeof survey>[0]

const cases = drawn((draw): QueryCase => queryCase(draw))

const walked = (root: Node): ReadonlySet<Node> => {
  const found = new Set<Node>()
  walk(root, (node) => found.add(node))
  return found
}

const isSurvey = (root: Node, nodes: ReadonlyArray<Node>): boolean => {
  const seen = new Set<Node>()
  for (const node of nodes) {
    const below = children(node)
    if (below.some((child) => !seen.has(child))) return false
    if (seen.has(node) && below.length > 0) return false
    seen.add(node)
  }
  const all = walked(root)
  return seen.size === all.size && [...seen].every((node) => all.has(node))
}

describe("survey", () => {
  test("the nodes a walk visits, children first, none but leaves twice", () => {
    upheld(cases, ({ query }) => isSurvey(query, survey(query)), 1_000)
  })

  test("twin: parents first", () => {
    caught("parents first", cases, ({ query }) => isSurvey(query, survey(query).toReversed()), [])
  })

  test("a tree too deep for the stack, parts of it in two places", () => {
    let deep: Scalar = S.bound(1, T.integer)
    for (let depth = 0; depth < 100_000; depth++) deep = S.negate(deep, T.integer)
    const twice = S.compare("eq", deep, S.negate(deep, T.integer), T.boolean)
    expect(isSurvey(twice, survey(twice))).toBe(true)
    expect(survey(twice)).toHaveLength(100_003)
  })
})

const exchanged = (node: Node): Node =>
  node._tag === "Compare" ? S.compare(node.op, node.right, node.left, node.type) : node

describe("rewriteFew", () => {
  test("rewrites as rewrite does, and keeps what it does not change", () => {
    upheld(
      cases,
      ({ query }) =>
        rewriteFew(query, exchanged).key === rewriteTree(query, exchanged).key &&
        rewriteFew(query, (node) => node) === query,
      1_000
    )
  })
})
