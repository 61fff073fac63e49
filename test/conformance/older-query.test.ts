/** SQLAlchemy's older query object: the page's programs are run, and give what it says. */
import * as athanor from "athanor"
import { compile } from "athanor/compile"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import { compileFunction } from "node:vm"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

const { Catalog, Column, Database, Entity, Query } = athanor

class User extends Entity<User>()("users", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20),
  age: Column.integer()
}) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", {
  id: Column.integer().primaryKey(),
  title: Column.varchar(20),
  userId: Column.integer()
}) {
  static readonly user = this.belongsTo(() => User)
}
const users = Query.from(User).orderBy(User.c.id)
const scope = {
  ...athanor,
  compile,
  Effect,
  Option,
  Stream,
  User,
  Post,
  users,
  names: users.select(User.c.name),
  posts: Query.from(Post).orderBy(Post.c.id)
}

/** `sqlalchemy.orm.Query` of 2.0: its public methods. */
const methods = `
  __getitem__ __iter__ add_column add_columns add_entity all apply_labels as_scalar autoflush
  column_descriptions correlate count cte delete distinct enable_assertions enable_eagerloads
  except_ except_all execution_options exists filter filter_by first from_statement get get_children
  get_execution_options get_label_style group_by having instances intersect intersect_all
  is_single_entity join label lazy_loaded_from limit merge_result offset one one_or_none
  only_return_tuples options order_by outerjoin params populate_existing prefix_with reset_joinpoint
  scalar scalar_subquery select_from selectable set_label_style slice statement subquery suffix_with
  union union_all update value values where whereclause with_entities with_for_update with_hint
  with_labels with_parent with_session with_statement_hint with_transformation yield_per`
  .trim()
  .split(/\s+/)

const page = readFileSync("docs/coming-from-query.md", "utf8")
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| `") && !line.startsWith("| `Query` |"))
  .map((line) => line.slice(2, -2).split(" | "))
const spanOf = (cell: string) => /^`` ?(.+?) ?``$|^`(.+)`$/.exec(cell)!.slice(1).find(Boolean)!
const pairs = rows.filter((row) => row.length === 3)
const theirs = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

test("each method of the older query object has its line [F139.1 @all]", () => {
  const named = new Set(rows.flatMap(([cell]) => theirs(cell!)))
  expect([...named].toSorted()).toEqual(methods.toSorted())
  for (const row of rows) {
    if (row.length === 2) expect(row[1]!.length, row[0]).toBeGreaterThan(30)
    else expect(row, row[0]).toHaveLength(3)
  }
  expect(pairs.length).toBeGreaterThan(50)
})

/** The modules of `sqlalchemy.ext`, 2.0. */
const extensions =
  `associationproxy asyncio automap baked compiler declarative horizontal_shard hybrid
  indexable instrumentation mutable orderinglist serializer`
    .trim()
    .split(/\s+/)

test("each extension has its counterpart or a reason [F155.1 @all]", () => {
  const lines = readFileSync("docs/coming-from-orm.md", "utf8")
    .split("## Extensions")[1]!
    .split("\n## ")[0]!
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.slice(2, -2).split(" | "))
  expect(lines.map(([name]) => theirs(name!)[0])).toEqual(extensions)
  for (const [name, ours, why] of lines) {
    expect(ours!.length, name).toBeGreaterThan(5)
    expect(why!.length, name).toBeGreaterThan(20)
  }
})

describe.each(engines)("the older query object on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    const ages = [30, 40, 30]
    await database.run(
      Effect.gen(function* () {
        yield* Database.create(Catalog.make({ User, Post }))
        const people = ["ann", "bob", "cyd"].map((name, at) => ({
          id: at + 1,
          name,
          age: ages[at]!
        }))
        yield* Database.run(Query.insert(User).rows(people))
        const written = ["one", "two", "three"].map((title, at) => ({
          id: at + 1,
          title,
          userId: at < 2 ? 1 : 2
        }))
        yield* Database.run(Query.insert(Post).rows(written))
      })
    )
  })
  afterAll(() => database.dispose())

  test("each pair of the page gives the rows it states [F139.2]", async () => {
    for (const [method, code, stated] of pairs) {
      const made = compileFunction(`return ${spanOf(code!)}`, Object.keys(scope)) as (
        ...given: ReadonlyArray<unknown>
      ) => Effect.Effect<unknown, unknown, athanor.Database>
      const found = await database.run(made(...Object.values(scope)))
      expect(JSON.parse(JSON.stringify(found)), method).toEqual(JSON.parse(spanOf(stated!)))
    }
  })
})
