import { expect, test } from "vitest"
import { Column, Fn, Query, Table } from "athanor"
import { alike, children, childFields, foldRelation, walk } from "../../src/algebra/fold.ts"
import { rewrite } from "../../src/algebra/rewrite.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import { boolean, integer } from "../../src/algebra/types.ts"

const users = Table.make("users", { id: Column.id(), age: Column.integer() })
const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer() })

const query = Query.from(users)
  .leftJoin(posts, posts.c.authorId.eq(users.c.id))
  .where(users.c.age.in([1, 2, 3]).and(users.c.id.between(1, 9)))
  .groupBy(users.c.age)
  .having(Fn.count().gt(1))
  .select({ age: users.c.age, n: Fn.count(posts.c.id) })
  .orderBy(users.c.age)
  .limit(7)
  .offset(1)

test("rewriting with the identity gives the same value", () => {
  expect(rewrite(query.node, (node) => node)).toBe(query.node)
})

test("rebuilding every node gives the same key and the same values in the same order", () => {
  const copied = rewrite(query.node, (node) =>
    node._tag === "Ref" ? S.ref(node.alias, node.source, node.path, node.type) : node
  )
  expect(copied).not.toBe(query.node)
  expect(copied.key).toBe(query.node.key)
  expect(copied.binds).toEqual(query.node.binds)
})

test("values are lifted in the order of the children", () => {
  const found: Array<unknown> = []
  const visit = (node: Parameters<typeof children>[0]): void => {
    if (node._tag === "Bound" || node._tag === "BoundList") found.push(node)
    for (const child of children(node)) visit(child)
  }
  visit(query.node)
  expect(found).toEqual(query.node.binds)
})

test("a tree 200,000 nodes deep is folded without a stack", () => {
  let node: Scalar = S.constant(true, boolean)
  for (let i = 0; i < 200_000; i++) node = S.not(node, boolean)
  let count = 0
  walk(node, () => count++)
  expect(count).toBe(200_001)
})

test("a fold visits every child once [F82.1 @all]", () => {
  const seen: Array<unknown> = []
  const count = foldRelation(
    query.node,
    alike<number>((node, kids) => {
      seen.push(node)
      expect(kids).toHaveLength(children(node).length)
      return kids.reduce((sum, kid) => sum + kid, 1)
    })
  )
  expect(new Set(seen).size).toBe(seen.length)
  const walked: Array<unknown> = []
  walk(query.node, (node) => walked.push(node))
  expect(walked).toEqual(seen)
  expect(count).toBeGreaterThanOrEqual(seen.length)
})

test("a node shared 65,536 ways is visited once", () => {
  let node: Scalar = S.constant(1, integer)
  for (let i = 0; i < 16; i++) node = S.compare("eq", node, node, boolean)
  let count = 0
  walk(node, () => count++)
  expect(count).toBe(17)
})

test("every node says where its children are", () => {
  expect(Object.keys(childFields)).toHaveLength(57)
})
