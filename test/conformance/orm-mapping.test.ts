import { Check, Column, Entity, Fn, Index, Mapping, Query, Table, Unique } from "athanor"
import { compile } from "athanor/compile"
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, expectTypeOf, test } from "vitest"

const makeUser = () => {
  class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
  return User
}

class Author extends Entity<Author>()(
  "authors",
  {
    id: Column.id(),
    fullName: Column.varchar(50),
    email: Column.text().default("none").comment("For news."),
    joined: Column.integer().serverDefault(2026).writeOnce(),
    bossId: Column.integer().nullable(),
    version: Column.integer().version()
  },
  (c) => [
    Index.named("by_name", c.fullName, c.joined),
    Unique.named("one_email", c.email),
    Check.that(c.joined.gt(1900), "modern")
  ],
  { schema: "press", comment: "Who writes." }
) {
  static readonly boss = this.belongsTo(() => Author)
  static readonly reports = this.hasMany(() => Author, { key: "bossId" })
  static readonly isNew = this.hybrid((a) => a.joined.gte(2026))
  static readonly short = this.expr((a) => Fn.lower(a.fullName))
}

describe("a mapping as a whole", () => {
  test("its arguments are its table's: indexes, uniques, checks, schema [F115.3 @all]", () => {
    const said = Mapping.describe(Author)
    expect(said).toMatchObject({ schema: "press", comment: "Who writes.", checks: ["modern"] })
    expect(said.indexes).toEqual([{ name: "by_name", unique: false }])
    expect(said.uniques).toEqual([{ name: "one_email", columns: ["email"] }])
    const read = compile(Query.from(Author).select(Author.c.email), "postgres")
    expect("text" in read && read.text).toContain("FROM press.authors")
  })

  test("columns, keys, relations, hybrids and options are data, typed [F157.1 @all]", () => {
    const said = Mapping.describe(Author)
    expectTypeOf<keyof typeof said.columns>().toEqualTypeOf<
      "id" | "fullName" | "email" | "joined" | "bossId" | "version"
    >()
    expectTypeOf<keyof typeof said.relations>().toEqualTypeOf<"boss" | "reports">()
    // @ts-expect-error there is no such column
    expect(said.columns.age).toBe(undefined)
    expect(said.entity).toBe("Author")
    expect(said.primaryKey).toEqual(["id"])
    expect(said.columns.fullName).toEqual({
      name: "full_name",
      type: "varchar(50)",
      nullable: false,
      filledBy: null,
      computed: false,
      onUpdate: false,
      writeOnce: false,
      version: false,
      comment: null
    })
    const { email, id, joined, version } = said.columns
    expect([id.filledBy, email.filledBy, joined.filledBy]).toEqual(["server", "client", "server"])
    expect([email.comment, joined.writeOnce, version.version]).toEqual(["For news.", true, true])
    expect(said.relations.reports).toEqual({
      kind: "hasMany",
      target: "Author",
      columns: ["id"],
      targetColumns: ["bossId"],
      through: null,
      nullable: true,
      children: "detach"
    })
    expect(said.foreignKeys).toEqual([
      { columns: ["bossId"], table: "authors", targetColumns: ["id"] }
    ])
    expect({ ...said.expressions }).toEqual({ isNew: "hybrid", short: "sql" })
    const pens = Table.make("pens", { constructor: Column.id() })
    const plain = Mapping.describe(pens)
    expect(plain.entity).toBe(null)
    expect(Object.keys(plain.relations)).toEqual([])
    expect(plain.columns.constructor.filledBy).toBe("server")
  })

  test("one call lists every fault at once [F130.2 @all]", () => {
    class Left extends Entity<Left>()("lefts", {
      id: Column.id(),
      name: Column.text(),
      oneId: Column.integer(),
      twoId: Column.integer(),
      sum: Column.integer().computed()
    }) {
      static readonly one = this.belongsTo(() => Right)
      static readonly two = this.belongsTo(() => Right)
      static readonly name_ = this.hybrid((l) => Fn.lower(l.name))
      static readonly away = this.relatesToMany(
        () => Author,
        (own, far) => own.id.eq(far.id)
      )
    }
    class Right extends Entity<Right>()("rights", { id: Column.id() }) {
      static readonly lefts = this.hasMany(() => Left)
      static readonly lost = this.belongsTo(() => Left)
    }
    const faults = Mapping.faults({ Left, Right })
    expect(faults.map(({ entity, member }) => [entity, member])).toEqual([
      ["Left", "name_"],
      ["Right", "lefts"],
      ["Right", "lost"],
      ["Left", null],
      ["Left", "away"]
    ])
    expect(faults.map(({ says }) => says)).toEqual([
      "Left.name_: lower has no one meaning in every database and on a value: this.expr takes it",
      "Right.lefts: Left belongs to Right by oneId or twoId: give { key }",
      'Right.lost: there is no column "lostId" and no foreign key to "lefts": ' +
        "name its columns by { key }",
      expect.stringContaining("sum"),
      "Left.away: Author is not among the entities"
    ])
    expect(Mapping.faults({ Author })).toEqual([])
  })

  test("classes of one name and copies of one module are told apart [F130.3 @all]", () => {
    const [User, Copy] = [makeUser(), makeUser()]
    expect(Mapping.faults({ User, Copy }).map(({ says }) => says)).toEqual([
      'two classes User map "users": is their module loaded twice?'
    ])
    expect(Mapping.faults({ User, Again: User })).toEqual([])
    class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
      static readonly user = this.belongsTo(() => User)
    }
    const ofCopy = Copy.make({ name: "Ann" })
    expect(() => Post.make({ user: ofCopy })).toThrow(
      'Post.make: "user" is a User of another class of that name: is its module loaded twice?'
    )
    class Nick extends Entity<Nick>()("users", { id: Column.id() }) {}
    expect(Mapping.faults({ User, Nick })).toEqual([])
  })

  test("what nobody holds is gone: nothing is registered [F130.4 @all]", async () => {
    const script = join(import.meta.dirname, "../mapping/entity/forgotten.ts")
    const flags = ["--expose-gc", "--conditions=athanor-source", script]
    const { stdout } = await promisify(execFile)(process.execPath, flags)
    expect(JSON.parse(stdout)).toEqual([true, true, true])
  }, 60_000)
})
