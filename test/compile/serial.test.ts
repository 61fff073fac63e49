/** Statements as text and as data: what is written is read back equal, or refused. */
import { Catalog, Column, Entity, Expr, Fn, Query, sql, Table, Type } from "athanor"
import { compile, outline, revive, serialise } from "athanor/compile"
import { expect, test } from "vitest"
import { statementBinds } from "../../src/algebra/statementKey.ts"
import { isDdl } from "../../src/algebra/Statement.ts"
import { Post, User } from "./support/schema.ts"
import { statements } from "./support/statements.ts"

const catalog = Catalog.make({ User, Post })

const holds = (node: object, of: Catalog.Catalog<any>): boolean => {
  const text = serialise({ node } as never, of)
  const back = revive(text, of)
  const [one, other] = [node, back.node] as ReadonlyArray<Parameters<typeof statementBinds>[0]>
  expect(statementBinds(other!).map(plain)).toEqual(statementBinds(one!).map(plain))
  for (const dialect of ["sqlite", "postgres", "mysql", "mariadb"] as const) {
    const said = [one!, other!].map((each) => compile({ node: each }, dialect))
    expect(said.map(textOf)[1]).toBe(said.map(textOf)[0])
  }
  // Written again it is the same text: nothing was lost on the way.
  expect(serialise(back, of)).toBe(text)
  return true
}
const plain = (bind: object) =>
  "value" in bind ? bind.value : (bind as { values: unknown }).values
const textOf = (said: ReturnType<typeof compile>) =>
  "text" in said ? said.text : `${said.capability} ${said.construct}`

test("a statement is written and read back equal [F155.3 @all]", () => {
  let count = 0
  for (const [name, { node }] of Object.entries(statements)) {
    if (isDdl(node)) continue
    expect(holds(node, catalog), name).toBe(true)
    count++
  }
  expect(count).toBeGreaterThan(20)
  const tree = Query.recursive(
    "tree",
    Query.from(User).where(User.c.id.eq(1)).select({ id: User.c.id }),
    (self) =>
      Query.from(User)
        .join(self, User.c.id.eq(self.c.id.add(1)))
        .select({ id: User.c.id })
  )
  const more = [
    Query.from(tree).where(tree.c.id.gt(3)),
    Query.from(Post)
      .where(Post.c.id.in([1, 2, 3]))
      .select(Fn.count()),
    Query.from(User).select({ n: Fn.rowNumber().over({ orderBy: [User.c.id] }) }),
    Query.select(sql(Type.integer)`1 + ${Expr.param("n", Type.integer)}`),
    Query.select(Expr.value(2n ** 60n, Type.bigint)),
    Query.deleteFrom(Post).where(Post.c.id.eq(1)).returning(Post.c.id)
  ]
  for (const { node } of more) holds(node, catalog)
})

test("what no text can hold is refused, and what is no statement [F155.3 @all]", () => {
  const own = Type.mapped(Type.integer, {
    name: "own",
    from: (n: number) => ({ n }),
    to: ({ n }) => n
  })
  const odd = Table.make("odd", { id: Column.integer().primaryKey(), at: Column.make(own) })
  class Stranger extends Entity<Stranger>()("strangers", { id: Column.id() }) {}
  const known = Catalog.make({ odd })
  // A column of the catalogue says its type.
  expect(holds(Query.from(odd).where(odd.c.at.eq({ n: 1 })).node, known)).toBe(true)
  const refused = (make: () => unknown) => {
    try {
      return String(make())
    } catch (error) {
      return String(error)
    }
  }
  expect(refused(() => serialise(Query.select(Expr.value({ n: 1 }, own)), catalog))).toBe(
    "StatementError: serialise: a type of one's own, Integer, that no column of the catalog has"
  )
  expect(refused(() => serialise(Query.from(Stranger), catalog))).toBe(
    'StatementError: serialise: "strangers" is no table of the catalog'
  )
  const text = serialise(Query.from(User), catalog)
  expect(refused(() => revive(text, known))).toMatch(/^StatementError: revive: the catalog has no /)
  for (const broken of ["", "{}", "[]", "null", '{"version":1,"items":[],"root":0}'])
    expect(refused(() => revive(broken, catalog))).toBe(
      "StatementError: revive: this is no serialised statement"
    )
})

test("sources, columns, parameters and rows are read as data [F157.3 @all]", () => {
  const counted = Query.from(Post)
    .groupBy(Post.c.authorId)
    .select({ authorId: Post.c.authorId, posts: Fn.count() })
    .as("counted")
  const query = Query.from(User)
    .join(counted, counted.c.authorId.eq(User.c.id))
    .where(User.c.id.gt(Expr.param("least", Type.integer)).and(counted.c.posts.gt(1)))
    .select({ user: { name: User.c.username }, posts: counted.c.posts })
  const found = outline(query)
  expect(found.kind).toBe("query")
  expect(found.sources).toEqual([
    { alias: "users", kind: "table", name: "users" },
    { alias: "posts", kind: "table", name: "posts" },
    { alias: "counted", kind: "query", name: null }
  ])
  expect(new Set(found.columns.map(({ path }) => path))).toEqual(
    new Set(["counted.authorId", "counted.posts", "posts.authorId", "users.id", "users.username"])
  )
  expect(found.parameters).toEqual([
    { path: "least", type: { _tag: "Integer" } },
    { path: null, type: Type.count.sql }
  ])
  expect(found.result).toEqual([
    { path: "user.name", type: User.c.username.node.type.sql },
    { path: "posts", type: Type.count.sql }
  ])
  const command = outline(Query.deleteFrom(Post).where(Post.c.id.eq(1)))
  expect([command.kind, command.result, command.sources]).toEqual([
    "delete",
    [],
    [{ alias: "posts", kind: "table", name: "posts" }]
  ])
})
