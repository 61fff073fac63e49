import { Column, Entity, Fn, Query, StatementError, Table } from "athanor"
import { alike, foldCommand, foldRelation, foldScalar } from "athanor/dialect"
import { describe, expect, test } from "vitest"
import { children, walk } from "../../src/algebra/fold.ts"
import { FromId } from "../../src/algebra/From.ts"
import * as R from "../../src/algebra/Relation.ts"
import { rewrite } from "../../src/algebra/rewrite.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import type { Command } from "../../src/algebra/Command.ts"
import { isDdl } from "../../src/algebra/Statement.ts"
import { boolean, integer } from "../../src/algebra/types.ts"
import { normaliseTree } from "../../src/compile/phases/normalise.ts"
import { rewriteFew } from "../../src/compile/survey.ts"
import { constructs } from "../../tools/capabilities/constructs.ts"
import { textOf } from "../conformance/support.ts"

type Tree = R.Relation | Command

/** One statement of every node the algebra has. */
const trees = Object.values(constructs)
  .flat()
  .flatMap(({ statement }) => (isDdl(statement.node) ? [] : [statement.node]))

describe("a rewriting pass", () => {
  test("returns the identical object where it changed nothing [F82.2 @all]", () => {
    expect(trees.length).toBeGreaterThan(100)
    for (const tree of trees) {
      expect(rewrite(tree, (node) => node)).toBe(tree)
      expect(rewriteFew(tree, (node) => node)).toBe(tree)
      // What the library's own pass made, it does not make again.
      const normal = normaliseTree(tree as R.Relation)
      expect(normaliseTree(normal)).toBe(normal)
      // One leaf is changed: what does not hold it is the object it was, and so is each list.
      const leaves: Array<Scalar> = []
      walk(tree, (node) => {
        if (node._tag === "Bound") leaves.push(node)
      })
      const leaf = leaves.at(-1)
      if (leaf === undefined || leaf._tag !== "Bound") continue
      const other = S.bound(leaf.value, leaf.type)
      const holds = new Map<unknown, boolean>()
      walk(tree, (node) => {
        holds.set(node, node === leaf || children(node).some((child) => holds.get(child)))
      })
      // What refers to a derived table that holds it refers to another one.
      walk(tree, (node) => {
        const isOf = node._tag === "Ref" && node.source._tag === "DerivedSource" && node.source
        const held = isOf && holds.get(isOf.query) === true
        holds.set(node, held || children(node).some((child) => holds.get(child)) || node === leaf)
      })
      const seen = new Map<unknown, unknown>()
      const changed = rewrite(tree, (node) => (node === leaf ? other : node))
      expect(changed).not.toBe(tree)
      expect(changed.key).toBe(tree.key)
      const meet = (before: unknown, after: unknown): void => {
        if (seen.has(before)) return
        seen.set(before, after)
        expect(before === after).toBe(holds.get(before) !== true)
        const [left, right] = [children(before as Tree), children(after as Tree)]
        left.forEach((child, i) => meet(child, right[i]))
      }
      meet(tree, changed)
    }
  })

  test("a fold of a tree 100,000 deep does not overflow the stack [F82.4 @all]", () => {
    const depth = 100_000
    const count = alike<number>((_, kids) => kids.reduce((sum, kid) => sum + kid, 1))
    let scalar: Scalar = S.bound(true, boolean)
    for (let i = 0; i < depth; i++) scalar = S.not(scalar, boolean)
    expect(foldScalar(scalar, count)).toBe(depth + 1)
    let relation: R.Relation = R.filter(R.unit, scalar)
    for (let i = 0; i < depth; i++) relation = R.distinct(relation)
    expect(foldRelation(relation, count)).toBe(2 * depth + 3)
    const users = Table.make("users", { id: Column.id(), age: Column.integer() })
    const command = Query.update(users).set({ age: 1 }).everyRow().node
    const deep = rewrite(command, (node) =>
      node._tag === "Bound" ? S.caseOf([scalar], [node], node, integer) : node
    )
    const commands = {
      ...Object.fromEntries(
        ["Insert", "Update", "Delete", "Merge"].map((tag) => [
          tag,
          (_: unknown, kids: { readonly values: ReadonlyArray<number> }) => kids.values[0]
        ])
      )
    }
    expect(foldCommand(deep, count, commands as never)).toBe(depth + 4)
    let visited = 0
    walk(relation, () => visited++)
    expect(visited).toBe(2 * depth + 3)
    const renamed = rewrite(relation, (node) =>
      node._tag === "Bound" ? S.bound(false, boolean) : node
    )
    expect(renamed.binds).toMatchObject([{ value: false }])
    expect(renamed.key).toBe(relation.key)
  })
})

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
const posts = Table.make("posts", {
  id: Column.id(),
  userId: Column.integer(),
  title: Column.text()
})

const marks = Table.make("marks", { id: Column.id(), userId: Column.integer() })

describe("the columns of one source", () => {
  const inner = Query.from(marks).correlate(User).where(marks.c.userId.eq(User.c.id))
  const query = Query.from(User)
    .leftJoin(posts, posts.c.userId.eq(User.c.id))
    .where(User.c.name.ne("").and(inner.exists()))
    .groupBy(User.c.id, User.c.name)
    .having(Fn.max(User.c.name).gt("a"))
    .select({ id: User.c.id, name: Fn.upper(User.c.name), n: Fn.count(posts.c.id) })
    .orderBy(User.c.name.desc())
    .limit(3)

  test("are pointed to an alias, a derived table or a CTE throughout [F82.3 @all]", () => {
    const before = textOf(query, "sqlite")
    const alias = Query.alias(User, "u")
    const derived = Query.from(User).where(User.c.id.gt(1)).as("u")
    const cte = Query.from(User).where(User.c.id.gt(1)).cte("u")
    const body = "SELECT users.id, users.name FROM users WHERE users.id > ?"
    const said = {
      alias: textOf(query.pipe(Query.repoint(User, alias)), "sqlite"),
      derived: textOf(query.pipe(Query.repoint(User, derived)), "sqlite"),
      cte: textOf(query.pipe(Query.repoint(User, cte)), "sqlite")
    }
    const columns = before.replaceAll("users.", "u.")
    expect(said.alias).toBe(columns.replaceAll("FROM users", "FROM users AS u"))
    expect(said.derived).toBe(columns.replaceAll("FROM users", `FROM (${body}) AS u`))
    expect(said.cte).toBe(`WITH u AS (${body}) ${columns.replaceAll("FROM users", "FROM u")}`)
    for (const text of Object.values(said))
      expect(text.replaceAll(body, "").replace("FROM users AS u", "")).not.toContain("users.")
    // And back again; a whole row keeps its class, another source keeps its columns.
    const back = query.pipe(Query.repoint(User, alias), Query.repoint(alias, User))
    expect(back.node.key).toBe(query.node.key)
    const whole = Query.from(User)
      .leftJoin(posts, posts.c.userId.eq(User.c.id))
      .select({ user: User, posts })
    const moved = whole.pipe(Query.repoint(posts, Query.from(posts).as("p")))
    expect(textOf(moved, "sqlite")).toContain("LEFT JOIN (SELECT posts.id")
    expect(textOf(moved, "sqlite")).toContain('ON p."userId" = users.id')
    const untouched = Query.from(posts).select(posts.c.title)
    expect(untouched.pipe(Query.repoint(User, alias))).toBe(untouched)
  })

  test("are pointed in derived tables and CTEs, whose own columns are what they were", () => {
    const archive = Table.make("archive", { id: Column.id(), name: Column.text() })
    const inside = Query.from(User).where(User.c.id.gt(1)).select({ id: User.c.id })
    for (const source of [inside.as("d"), inside.cte("d")]) {
      const outside = Query.from(source).where(source.c.id.lt(9)).select({ id: source.c.id })
      const said = textOf(outside.pipe(Query.repoint(User, archive)), "sqlite")
      expect(said).toBe(textOf(outside, "sqlite").replaceAll("users", "archive"))
    }
    // A source of one value has it by that name.
    const one = Query.from(User).select(User.c.id).as("one")
    const other = Query.from(archive).select(archive.c.id).as("other")
    const values = Query.from(one).select({ id: one.c.value })
    expect(textOf(values.pipe(Query.repoint(one, other)), "sqlite")).toBe(
      textOf(Query.from(other).select({ id: other.c.value }), "sqlite")
    )
    // What the other source is made of stays as it is, where the query has it already too.
    const d = Query.from(User).where(User.c.id.gt(1)).as("d")
    const arm = Query.from(d).select({ id: d.c.id })
    const both = Query.from(User).select({ id: User.c.id }).unionAll(arm)
    expect(textOf(both.pipe(Query.repoint(User, d)), "sqlite")).toBe(
      textOf(arm.unionAll(arm), "sqlite")
    )
  })

  test("a pass may put another source under the same alias", () => {
    const archive = Table.make("archive", { id: Column.id(), name: Column.text() })
    const query = Query.from(User).where(User.c.id.gt(1)).select({ name: User.c.name })
    const other = Query.from(archive).as("users")
    for (const [to, text] of [
      [Query.alias(archive, "users"), "archive AS users"],
      [other, "(SELECT archive.id, archive.name FROM archive) AS users"]
    ] as const) {
      const node = to[FromId].relation
      const said = rewrite(query.node, (one) => (one._tag === "Table" ? node : one))
      expect(textOf({ node: said }, "sqlite")).toBe(
        textOf(query, "sqlite").replace("FROM users", `FROM ${text}`)
      )
    }
    // What has not the column leaves the reference, and whoever compiles it is told.
    const few = Query.from(archive).select({ id: archive.c.id }).as("users")
    const node = few[FromId].relation
    const said = rewrite(query.node, (one) => (one._tag === "Table" ? node : one))
    expect(() => textOf({ node: said }, "sqlite")).toThrow("names two different sources")
  })

  test("a column the other source has not is refused", () => {
    const few = Query.from(User).select({ id: User.c.id }).as("few")
    expect(() => query.pipe(Query.repoint(User, few))).toThrow(StatementError)
    expect(() => query.pipe(Query.repoint(User, few))).toThrow('"few" has no column "name"')
    expect(() => Query.repoint(User, {} as never)).toThrow("not a table")
  })
})
