import { Catalog, Column, Entity, Expr, Fn, Query, sql, Table, Type, View } from "athanor"
import { audit, compile } from "athanor/compile"
import { describe, expect, test } from "vitest"
import * as C from "../../src/algebra/Command.ts"
import * as D from "../../src/algebra/Ddl.ts"
import { dialectNames } from "../../src/algebra/Dialect.ts"
import * as R from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"

const users = Table.make("users", {
  id: Column.id(),
  fullName: Column.text(),
  age: Column.integer(),
  secret: Column.text().nullable()
})
const posts = Table.make("posts", {
  id: Column.id(),
  authorId: Column.integer(),
  title: Column.text(),
  words: Column.integer()
})
class Author extends Entity<Author>()("authors", { id: Column.id(), name: Column.text() }) {
  static readonly books = this.hasMany(() => Book)
  get shout() {
    return this.name.toUpperCase()
  }
}
class Book extends Entity<Book>()("books", {
  id: Column.id(),
  authorId: Column.integer(),
  title: Column.text()
}) {
  static readonly author = this.belongsTo(() => Author)
}

const reads = (statement: Parameters<typeof audit>[0]) =>
  Object.fromEntries(audit(statement).reads.map(({ columns, table }) => [table, columns]))

const auditsQueries = (): void => {
  const writer = Query.alias(users, "writer")
  const prolific = Query.from(posts)
    .groupBy(posts.c.authorId)
    .having(Fn.count().gt(3))
    .select({ authorId: posts.c.authorId, many: Fn.count() })
    .as("prolific")
  const long = Query.from(posts)
    .where(posts.c.words.gt(1000))
    .select({ id: posts.c.id })
    .cte("long")
  expect(reads(Query.from(users).select(users.c.fullName))).toEqual({ users: ["full_name"] })
  expect(reads(Query.from(users).select(Fn.count()))).toEqual({ users: [] })
  expect(reads(Query.from(users))).toEqual({ users: ["id", "full_name", "age", "secret"] })
  expect(reads(Query.from(users).orderBy(users.c.age).select(users.c.id))).toEqual({
    users: ["id", "age"]
  })
  expect(
    reads(
      Query.from(writer)
        .join(prolific, prolific.c.authorId.eq(writer.c.id))
        .where(prolific.c.many.gt(writer.c.age))
        .select({ name: writer.c.fullName })
    )
  ).toEqual({ users: ["id", "full_name", "age"], posts: ["author_id"] })
  expect(
    reads(
      Query.from(users)
        .where(Query.from(posts).correlate(users).where(posts.c.authorId.eq(users.c.id)).exists())
        .where(Query.from(long).correlate(users).where(long.c.id.eq(users.c.age)).exists())
        .select(users.c.id)
    )
  ).toEqual({ users: ["id", "age"], posts: ["id", "author_id", "words"] })
  expect(
    reads(
      Query.from(Author)
        .match({ books: { title: "x" } })
        .select(Author.c.name)
    )
  ).toEqual({ authors: ["id", "name"], books: ["author_id", "title"] })
}

const auditsCommands = (): void => {
  const seen = Expr.param("seen", Type.integer)
  // What may be NULL and is left out is given NULL by name.
  expect(audit(Query.insert(users).values({ fullName: "Ann", age: 3 }))).toEqual({
    reads: [],
    writes: [{ table: "users", by: "insert", columns: ["full_name", "age", "secret"] }],
    complete: true
  })
  expect(
    audit(
      Query.update(users)
        .set({
          secret: null,
          age: Query.from(posts).select(Fn.max(posts.c.words)).scalar().coalesce(0)
        })
        .where(users.c.id.eq(seen))
        .returning(users.c.fullName)
    )
  ).toEqual({
    reads: [
      { table: "posts", columns: ["words"] },
      { table: "users", columns: ["id", "full_name"] }
    ],
    writes: [{ table: "users", by: "update", columns: ["age", "secret"] }],
    complete: true
  })
  expect(audit(Query.deleteFrom(users).everyRow())).toEqual({
    reads: [],
    writes: [{ table: "users", by: "delete", columns: [] }],
    complete: true
  })
}

const auditsRaw = (): void => {
  const undeclared = sql(Type.integer)`(select max(words) from posts)`
  expect(audit(Query.select(undeclared))).toEqual({ reads: [], writes: [], complete: false })
  const whole = { table: "posts", columns: ["id", "author_id", "title", "words"] }
  const declared = sql(Type.integer, { tables: [posts] })`(select max(words) from posts)`
  expect(audit(Query.select(declared))).toEqual({ reads: [whole], writes: [], complete: true })
  const nothing = sql(Type.integer, { tables: [] })`${users.c.age} + 1`
  expect(audit(Query.from(users).select(nothing))).toEqual({
    reads: [{ table: "users", columns: ["age"] }],
    writes: [],
    complete: true
  })
  const titles = { title: Type.text }
  const said = Query.raw(titles, { tables: [posts] })`select title from posts`.as("said")
  const inJoin = Query.from(users).join(said, said.c.title.eq(users.c.fullName))
  expect(audit(inJoin.select(users.c.id))).toEqual({
    reads: [{ table: "users", columns: ["id", "full_name"] }, whole],
    writes: [],
    complete: true
  })
  expect(audit(Query.raw(titles)`select title from posts`).complete).toBe(false)
  // A node of one's own cannot declare: it reads nothing where it holds no query.
  const own = (text: Expr.Expr<number | null, never>) =>
    Query.select(Expr.custom("own", Type.integer, { sqlite: () => text })())
  expect(audit(own(sql(Type.integer)`random() % 7`)).complete).toBe(true)
  expect(audit(own(sql(Type.integer)`(select max(words) from posts)`)).complete).toBe(false)
}

describe("the audit of a statement", () => {
  // The facet: of queries, commands, and raw SQL by its declaration.
  test("lists tables and columns read and written, raw SQL as declared [F82.5 @all]", () => {
    auditsQueries()
    auditsCommands()
    auditsRaw()
  })

  test("a declaration is part of the statement: of nothing is not none", () => {
    const keysOf = (
      said: (options?: { readonly tables: [] }) => { readonly node: { key: string } }
    ) => new Set([said().node.key, said({ tables: [] }).node.key]).size
    expect(keysOf((options) => sql(Type.integer, options)`1`)).toBe(2)
    expect(keysOf((options) => Query.raw({ n: Type.integer }, options)`select 1 as n`)).toBe(2)
  })

  test("an upsert reads the key it may meet, and writes in two ways", () => {
    const [table, other] = Catalog.make({ users, posts }).tables
    const given = (alias: string) => S.ref(alias, table!, ["age"], T.integer)
    const cells = [S.bound("Ann", T.text), S.bound(3, T.integer)]
    const upsert = C.insert(table!, ["fullName", "age"], cells, 1, null, {
      conflict: { target: ["id"], partial: null, columns: ["age"] },
      changes: [given(C.excluded)]
    })
    expect(audit({ node: upsert })).toEqual({
      reads: [{ table: "users", columns: ["id"] }],
      writes: [
        { table: "users", by: "insert", columns: ["full_name", "age"] },
        { table: "users", by: "update", columns: ["age"] }
      ],
      complete: true
    })
    const joined = C.update(table!, "u", ["age"], [given("u")], S.constant(true, T.boolean), null, {
      from: R.table(other!, "posts"),
      rowColumns: ["secret"],
      row: R.project(R.table(other!, "p"), [S.ref("p", other!, ["title"], T.text)], {
        _tag: "Cell",
        index: 0
      })
    })
    expect(audit({ node: joined })).toEqual({
      reads: [
        { table: "users", columns: ["age"] },
        { table: "posts", columns: ["title"] }
      ],
      writes: [{ table: "users", by: "update", columns: ["age", "secret"] }],
      complete: true
    })
  })

  test("a schema statement writes its table, by its whole name", () => {
    const node = D.dropTable(Catalog.make({ users }).tables[0]!, true)
    expect(audit({ node }).writes).toEqual([{ table: "users", by: "schema", columns: [] }])
    const elsewhere = Table.make("users", { id: Column.id() }, undefined, { schema: "app" })
    expect(reads(Query.from(elsewhere))).toEqual({ "app.users": ["id"] })
  })

  test("what is compiled names the same tables", () => {
    const statement = Query.update(users)
      .set({ age: 1 })
      .where(Query.from(posts).correlate(users).where(posts.c.authorId.eq(users.c.id)).exists())
    for (const dialect of dialectNames)
      expect(compile(statement, dialect)).toMatchObject({
        reads: ["posts", "users"],
        writes: ["users"]
      })
  })
})

test("what is compiled reads what a view shows, as the audit says", () => {
  const adults = View.make("adults", Query.from(users).where(users.c.age.gte(18)))
  const query = Query.from(adults)
  const said = compile(query, "sqlite")
  const told = audit(query).reads.map(({ table }) => table)
  expect("reads" in said && said.reads).toEqual(told)
  expect(told).toEqual(["adults", "users"])
})
