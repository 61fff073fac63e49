import { Check, Column, Computed, Entity, Fn, Index, Mapping, Query } from "athanor"
import { Table, Type, Unique } from "athanor"
import { compile } from "athanor/compile"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { inspect, promisify } from "node:util"
import { describe, expect, expectTypeOf, test } from "vitest"
import { ClassId } from "../../src/mapping/EntityClass.ts"

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

/** SQLAlchemy 2.0's options of `mapped_column`, each with what its counterpart does; null: none. */
const shared = Table.make("shared", { id: Column.id(), nick: Column.text().nullable() })
class Optioned extends Entity<Optioned>()(
  "optioned",
  {
    code: Column.uuid().primaryKey().default(Column.uuid7),
    fullName: Column.text().named("name in full").comment("said"),
    small: Column.make(Type.smallint).default(5).unique(),
    sharedId: Column.integer().references(() => shared.c.id),
    number: Column.bigint().identity(),
    secret: Column.text().redacted(),
    nick: Column.text().nullable().notes({ personal: true }),
    points: Column.integer().serverDefault(7),
    changedAt: Column.timestamp().default(Column.now).onUpdate(Column.now),
    image: Column.text().nullable().deferred("media"),
    twice: Column.integer().computed()
  },
  (c) => [Index.on(c.nick), Computed.stored(c.twice, c.points.mul(2))]
) {}
const optioned = Mapping.describe(Optioned)
const { changedAt, code, fullName, nick, number, points, small, twice } = optioned.columns
const media = Optioned[ClassId].source.byKey.get("image")!.deferred
const printed = inspect(Optioned.make({ fullName: "a", secret: "s3cret", sharedId: 1 }))
const ofOption: Readonly<Record<string, boolean | null>> = {
  __name_pos: fullName.name === "name in full",
  __type_pos: small.type === "smallint",
  args: optioned.foreignKeys[0]?.table === "shared" && twice.computed,
  init: null,
  repr: printed.includes("secret: <redacted>") && !printed.includes("s3cret"),
  default: Optioned[ClassId].source.byKey.get("small")!.default?._tag === "Value",
  default_factory: code.filledBy === "client",
  compare: null,
  kw_only: null,
  hash: null,
  nullable: nick.nullable && !fullName.nullable,
  primary_key: optioned.primaryKey.join() === "code",
  deferred: media !== null,
  deferred_group: media?.group === "media",
  deferred_raiseload: null,
  use_existing_column: null,
  name: fullName.name === "name in full",
  type_: small.type === "smallint",
  autoincrement: number.filledBy === "server",
  doc: null,
  key: null,
  index: optioned.indexes.length === 1,
  unique: optioned.uniques[0]?.columns.join() === "small",
  info: Optioned[ClassId].source.byKey.get("nick")!.notes["personal"] === true,
  onupdate: changedAt.onUpdate,
  insert_default: changedAt.filledBy === "client",
  server_default: points.filledBy === "server",
  server_onupdate: twice.computed,
  active_history: null,
  quote: null,
  system: null,
  comment: fullName.comment === "said",
  sort_order: null
}

describe("a mapping as a whole", () => {
  test("each option of a column has its counterpart or a reason [F115.5 @all]", () => {
    const page = readFileSync("docs/coming-from-orm.md", "utf8").split("`mapped_column`\n")[1]!
    const rows = page.split("\n").filter((line) => line.startsWith("| `"))
    const told = rows.flatMap((line) => {
      const [names, here, why] = line.slice(2, -1).split(" | ")
      return [...names!.matchAll(/`(\w+)`/g)].map(
        ([, name]) => [name!, here!.trim(), (why ?? "").trim()] as const
      )
    })
    const listed = told.map(([name]) => name).filter((name) => name in ofOption)
    expect(listed.toSorted()).toEqual(Object.keys(ofOption).toSorted())
    expect(listed).toHaveLength(33)
    for (const [name, here, why] of told.filter(([one]) => one in ofOption)) {
      expect([name, here === "none"]).toEqual([name, ofOption[name] === null])
      if (here === "none") expect(why.length, name).toBeGreaterThan(20)
      else expect(ofOption[name], name).toBe(true)
    }
  })

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
