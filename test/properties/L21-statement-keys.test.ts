import { describe, test } from "vitest"
import { childFields, rewriteTree, walk } from "../../src/algebra/fold.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import { dialectNames } from "../../src/algebra/Dialect.ts"
import { statementBinds, statementKey } from "../../src/algebra/statementKey.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { compileStatement } from "../../src/compile/compileStatement.ts"
import type { Compiled } from "../../src/compile/Compiled.ts"
import { bind } from "../../src/compile/phases/bind.ts"
import { positionsOf } from "../../src/compile/Position.ts"
import { drawn } from "./support/draw.ts"
import { caught, upheld } from "./support/law.ts"
import { type QueryCase, queryCase } from "./support/statements.ts"

type Tree = Parameters<typeof bind>[0]

/** Text and slots as data, or why there are none; values a text holds are no part of it. */
const said = (node: Relation): ReadonlyArray<string> =>
  dialectNames.map((dialect) => {
    const found = compileStatement(node, capabilities(dialect))
    if (found._tag === "Refusal") return found.capability
    return found.fixed.length === 0
      ? shown(found)
      : `${found.fixed.map(({ position }) => position).join()} ${found.slots.length}`
  })

const shown = ({ slots, text }: Compiled): string =>
  [
    text,
    ...slots.map((slot) => `${slot._tag}:${"index" in slot ? slot.index : ""}:${slot.path}`)
  ].join(" ")

/** The same statement over nodes of its own: no two places share one. */
const unshared = <N extends Tree | S.Scalar>(node: N): N => {
  const copy: Record<string, unknown> = { ...node }
  for (const field of childFields[node._tag] as ReadonlyArray<string>) {
    const child = (node as unknown as Record<string, N | null | ReadonlyArray<N>>)[field]!
    copy[field] = Array.isArray(child)
      ? child.map(unshared)
      : child === null
        ? null
        : unshared(child as N)
  }
  if (node._tag === "Derived") return node
  return Object.freeze(copy) as unknown as N
}

const hasDerived = (query: Relation): boolean => {
  let found = false
  walk(query, (node) => {
    found ||= node._tag === "Derived"
  })
  return found
}

/** The same structure with other values; a derived table is known by identity and stays. */
const revalued = (query: Relation): Relation =>
  hasDerived(query)
    ? query
    : rewriteTree(query, (node) => {
        if (node._tag === "Bound" && typeof node.value === "number")
          return S.bound(node.value + 1, node.type)
        return node._tag === "Bound" && typeof node.value === "string"
          ? S.bound(`${node.value}'`, node.type)
          : node
      })

const cases = drawn((draw): QueryCase => queryCase(draw))
const agree = (a: Relation, b: Relation): boolean =>
  statementKey(a) !== statementKey(b) || said(a).join("\n") === said(b).join("\n")

describe("L21 statement keys", () => {
  test("equal keys give equal text and slots: other values change neither", () => {
    upheld(
      cases,
      ({ query }) => {
        const other = revalued(query)
        return statementKey(other) === statementKey(query) && agree(query, other)
      },
      400
    )
  })

  test("rebuilding gives the same key, and sharing nodes changes nothing", () => {
    upheld(
      cases,
      ({ query }) => {
        const copy = unshared(query)
        return statementKey(copy) === statementKey(query) && agree(query, copy)
      },
      400
    )
  })

  test("values are numbered as they are lifted", () => {
    upheld(cases, ({ query }) => {
      const { ctes, root } = bind(query)
      const numbered = [root, ...ctes.map((cte) => cte.query)].flatMap((tree) =>
        positionsOf(tree.binds)
      )
      const lifted = statementBinds(query)
      return (
        numbered.length === lifted.length &&
        numbered.every(
          (position, i) => position === i || (lifted[i] as S.Scalar)._tag === "BoundList"
        )
      )
    })
  })

  test("twin: a value is numbered once per object", () => {
    const numberOnce = (query: Relation): ReadonlyArray<number> => {
      const seen = new Map<unknown, number>()
      return statementBinds(query).map((one) => {
        if (!seen.has(one)) seen.set(one, seen.size)
        return seen.get(one)!
      })
    }
    const shared = drawn((draw): QueryCase => {
      const { parameters, query } = queryCase(draw)
      const twice = rewriteTree(query, (node) =>
        node._tag === "Compare" ? S.and([node, node], node.type) : node
      )
      return { parameters, query: twice }
    })
    caught(
      "numbered per object",
      shared,
      ({ query }) => numberOnce(query).every((position, i) => position === i),
      []
    )
  })

  test("twin: the key forgets the names of parameters", () => {
    const renamed = (query: Relation): Relation =>
      rewriteTree(query, (node) =>
        node._tag === "Named" ? S.named(`${node.name}_`, node.type) : node
      )
    const forgetful = (query: Relation): string => statementKey(query).replaceAll(/:"[^"]*"/g, ":")
    const slotNames = (query: Relation): string => {
      try {
        const found = compileStatement(query, capabilities("sqlite"))
        return found._tag === "Refusal"
          ? ""
          : found.slots.map((slot) => ("name" in slot ? slot.name : "")).join()
      } catch {
        return ""
      }
    }
    caught(
      "no names in keys",
      cases,
      ({ query }) =>
        forgetful(query) !== forgetful(renamed(query)) ||
        slotNames(query) === slotNames(renamed(query)),
      []
    )
  })
})
