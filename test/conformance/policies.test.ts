import {
  Catalog,
  Column,
  Database,
  Entity,
  Expr,
  Fn,
  Load,
  Policy,
  Query,
  Session,
  sql,
  Table,
  Type
} from "athanor"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Team extends Entity<Team>()("teams", {
  id: Column.integer().primaryKey(),
  tenantId: Column.integer(),
  name: Column.varchar(20)
}) {
  static readonly members = this.hasMany(() => Member)
}

class Member extends Entity<Member>()("members", {
  id: Column.integer().primaryKey(),
  tenantId: Column.integer().nullable(),
  teamId: Column.integer(),
  name: Column.varchar(20),
  deletedAt: Column.timestamp().nullable()
}) {
  static readonly team = this.belongsTo(() => Team)
}

/** A table no policy speaks of. */
const plain = Table.make("plain", { id: Column.id() })

const lines = Table.make("lines", { n: Column.integer(), tenantId: Column.integer() })
const marks = Table.make("marks", { n: Column.integer(), tenantId: Column.integer() })

const catalog = Catalog.make({ Team, Member, plain, lines, marks })
const tenant = (n: number) => Policy.tenant("tenantId", n, { byColumn: true })
const soft = Policy.softDelete("deletedAt", { byColumn: true })
const mine = [tenant(1), soft]

const names = Query.from(Member).orderBy(Member.c.name).select(Member.c.name)
const withTeams = Query.from(Member)
  .leftJoin(Team, Team.c.id.eq(Member.c.teamId))
  .orderBy(Member.c.name)
  .select({ name: Member.c.name, team: Team.c.name })
const inTeams = Query.from(Team)
  .where(Query.from(Member).correlate(Team).where(Member.c.teamId.eq(Team.c.id)).exists())
  .orderBy(Team.c.name)
  .select(Team.c.name)

/** Teams 1 and 2 of tenants 1 and 2, a member of each in each, and one who left team 1. */
const seeded = Effect.gen(function* () {
  yield* Database.run(Query.deleteFrom(Member).everyRow())
  yield* Database.run(Query.deleteFrom(Team).everyRow())
  yield* Database.run(
    Query.insert(Team).rows([
      { id: 1, tenantId: 1, name: "one" },
      { id: 2, tenantId: 2, name: "two" }
    ])
  )
  yield* Database.run(
    Query.insert(Member).rows([
      { id: 1, tenantId: 1, teamId: 1, name: "ann" },
      { id: 2, tenantId: 2, teamId: 1, name: "bob" },
      { id: 3, tenantId: 1, teamId: 2, name: "cleo" },
      { id: 4, tenantId: 2, teamId: 2, name: "dan" },
      { id: 5, tenantId: 1, teamId: 1, name: "eve" }
    ])
  )
  yield* Database.policed([soft], Database.run(Query.deleteFrom(Member).where(Member.c.id.eq(5))))
})

describe.each(engines)("policies on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
  })
  beforeEach(() => database.run(seeded))
  afterAll(() => database.dispose())

  const seen = <A, E>(effect: Effect.Effect<A, E, Database>, policies = mine) =>
    database.run(Database.policed(policies, effect))
  const refused = <A, E>(effect: Effect.Effect<A, E, Database>) => seen(Effect.flip(effect))

  test("roots, joins, subqueries and queries in FROM are cut", async () => {
    expect(await seen(Database.all(names))).toEqual(["ann", "cleo"])
    expect(await seen(Database.all(withTeams))).toEqual([
      { name: "ann", team: "one" },
      { name: "cleo", team: null }
    ])
    expect(await seen(Database.all(inTeams))).toEqual(["one"])
    const cte = Query.from(Member).select({ name: Member.c.name }).cte("everybody")
    expect(await seen(Database.count(Query.from(cte)))).toBe(2)
    expect(
      await seen(
        Database.count(Query.from(Query.from(Member).orderBy(Member.c.id).limit(9).as("some")))
      )
    ).toBe(2)
    expect(await seen(Database.all(names), [soft])).toEqual(["ann", "bob", "cleo", "dan"])
  })

  test("relation loads are cut, now and later, with a session or without [F135.1]", async () => {
    const plan = { members: true } as const
    const loaded = await seen(Load.all(Query.from(Team), plan))
    expect(loaded.map((team) => team.members.map(({ name }) => name))).toEqual([["ann"]])
    const later = Session.transact(
      Effect.flatMap(Session.get(Team, 1), (team) => Session.load(team, Team.members))
    )
    expect((await seen(later)).map(({ name }) => name)).toEqual(["ann"])
    const strange = await refused(Session.transact(Session.get(Team, 2)))
    expect(strange).toMatchObject({ _tag: "NotFound" })
  })

  test("no row outside is written, or moved out of sight [F135.2]", async () => {
    const violation = { _tag: "PolicyViolation", policy: "tenant(tenantId)", table: "members" }
    const of = (tenantId: number) => ({ id: 9 + tenantId, tenantId, teamId: 1, name: "new" })
    expect(await refused(Database.run(Query.insert(Member).values(of(2))))).toMatchObject(violation)
    expect(await refused(Database.run(Query.insert(Member).rows([of(1), of(2)])))).toMatchObject(
      violation
    )
    const moved = Query.update(Member).set({ tenantId: 2 }).where(Member.c.name.eq("ann"))
    expect(await refused(Database.run(moved))).toMatchObject(violation)
    const computed = Query.update(Member)
      .set({ tenantId: Member.c.tenantId.add(1) })
      .where(Member.c.name.eq("ann"))
    expect(await refused(Database.run(computed))).toMatchObject(violation)
    const renamed = Query.update(Member).set({ name: "x" }).everyRow()
    expect(await seen(Database.run(renamed))).toBe(2)
    expect(await seen(Database.run(Query.deleteFrom(Member).everyRow()))).toBe(2)
    const left = await database.run(Database.all(names))
    expect(left).toEqual(["bob", "dan", "eve", "x", "x"])
    expect(await seen(Database.count(Query.from(Member)))).toBe(0)
  })

  test("an insert without the column gets the tenant, and a session's flush too", async () => {
    await seen(Database.run(Query.insert(Member).values({ id: 6, teamId: 1, name: "fay" })))
    await seen(Session.transact(Session.add(Member.make({ id: 7, team: 1, name: "gil" }))))
    expect(await seen(Database.all(names))).toEqual(["ann", "cleo", "fay", "gil"])
    const other = Session.transact(
      Session.add(Member.make({ id: 8, team: 1, name: "x", tenantId: 2 }))
    )
    expect(await refused(other)).toMatchObject({ _tag: "PolicyViolation" })
  })

  test("a session's delete marks the row; a row of another tenant is not there", async () => {
    await seen(
      Session.transact(Effect.flatMap(Session.get(Member, 1), (member) => Session.delete(member)))
    )
    expect(await seen(Database.all(names))).toEqual(["cleo"])
    expect(await database.run(Database.count(Query.from(Member)))).toBe(5)
  })

  test("one policy is lifted by name; the others stay [F135.3]", async () => {
    const all = await seen(
      Effect.all([Database.all(names), Database.unpoliced(soft.name, Database.all(names))])
    )
    expect(all).toEqual([
      ["ann", "cleo"],
      ["ann", "cleo", "eve"]
    ])
    const unknown = database.run(Effect.exit(Database.unpoliced("nobody", Database.all(names))))
    expect(Cause.pretty(((await unknown) as { cause: Cause.Cause<unknown> }).cause)).toContain(
      'no policy here is called "nobody"'
    )
  })

  test("raw SQL and scripts are refused, and so is a change inside a session", async () => {
    const raw = Database.all(Query.from(Member).select(sql(Type.integer)`(select 1)`))
    const unsupported = { _tag: "Unsupported", capability: "policy" }
    expect(await refused(raw)).toMatchObject(unsupported)
    expect(await refused(Database.script("delete from members"))).toMatchObject(unsupported)
    expect(await database.run(Database.count(Query.from(Member)))).toBe(5)
    const inside = Session.transact(Database.policed(mine, Database.all(names)))
    const exit = await database.run(Effect.exit(inside))
    expect(Cause.pretty((exit as { cause: Cause.Cause<unknown> }).cause)).toContain(
      "before it opens"
    )
  })

  test("reads and writes are cut everywhere, raw SQL passes as declared [F82.6]", async () => {
    const inner = Query.alias(Member, "inner")
    const found = Query.from(Member)
      .where(Member.c.name.in(Query.from(inner).select(inner.c.name)))
      .orderBy(Member.c.name)
      .select(Member.c.name)
    const newest = Query.from(inner).select(Fn.max(inner.c.name)).scalar()
    const both = Query.from(Member)
      .select(Member.c.name)
      .unionAll(Query.from(inner).select(inner.c.name))
    const derived = Query.from(Member).select({ name: Member.c.name }).as("derived")
    const named = Query.from(Member).select({ name: Member.c.name }).cte("named")
    const everywhere = Effect.all([
      Database.all(found),
      Database.all(Query.from(Team).select(newest)),
      Database.count(both),
      Database.all(Query.from(derived).orderBy(derived.c.name).select(derived.c.name)),
      Database.count(Query.from(named)),
      Database.all(withTeams)
    ])
    const of = (visible: ReadonlyArray<string>, teams: ReadonlyArray<string | null>, n: number) => [
      visible,
      Array.from({ length: n }, () => visible.at(-1)),
      2 * visible.length,
      visible,
      visible.length,
      visible.map((name, i) => ({ name, team: teams[i] }))
    ]
    expect(await seen(everywhere, [tenant(1)])).toEqual(
      of(["ann", "cleo", "eve"], ["one", null, "one"], 1)
    )
    expect(await seen(everywhere, [soft])).toEqual(
      of(["ann", "bob", "cleo", "dan"], ["one", "one", "two", "two"], 2)
    )
    expect(await seen(everywhere)).toEqual(of(["ann", "cleo"], ["one", null], 1))

    const inTeam = Member.c.teamId.in(Query.from(Team).select(Team.c.id))
    const renamed = Query.update(Member).set({ name: "x" }).where(inTeam)
    expect(await seen(Database.run(renamed), [tenant(1)])).toBe(2)
    expect(await seen(Database.all(names), [tenant(1)])).toEqual(["cleo", "x", "x"])
    expect(await seen(Database.run(Query.deleteFrom(Member).where(inTeam)))).toBe(1)
    const left = Query.from(Member).orderBy(Member.c.id).select(Member.c.name)
    expect(await database.run(Database.all(left))).toEqual(["x", "bob", "cleo", "dan", "x"])
    const strange = { id: 9, tenantId: 2, teamId: 1, name: "new" }
    const violation = { _tag: "PolicyViolation", table: "members" }
    const added = (row: object) => Database.run(Query.insert(Member).values({ ...strange, ...row }))
    expect(await refused(added({}))).toMatchObject(violation)
    const gone = { tenantId: 1, deletedAt: DateTime.makeUnsafe("2026-01-01T00:00:00Z") }
    expect(await refused(added(gone))).toMatchObject(violation)

    const word = (tables?: ReadonlyArray<Query.From<string, unknown>>) => {
      const options = tables === undefined ? {} : { tables }
      const inline = sql(Type.integer, options)`(select ${1})`
      const beside = Query.raw({ n: Type.integer }, options)`select ${1} as n`
      return [Query.select(inline), Query.from(beside.as("beside")).select(Fn.count())]
    }
    const own = Expr.custom("own", Type.integer, {
      [engine]: () => sql(Type.integer)`(select max(id) from members)`
    })
    const unsupported = { _tag: "Failure", failure: { _tag: "Unsupported", capability: "policy" } }
    for (const policies of [[tenant(1)], [soft]]) {
      const of = (query: ReturnType<typeof word>[number]) =>
        seen(Effect.result(Database.all(query)), policies)
      for (const query of [...word(), ...word([plain, Member]), Query.select(own())])
        expect(await of(query)).toMatchObject(unsupported)
      for (const query of [...word([plain]), ...word([])])
        expect(await of(query)).toMatchObject({ _tag: "Success", success: [1] })
    }
  })

  test("a table of the catalogue is under a policy however it is mapped [F135.1]", async () => {
    const known = [
      Policy.tenant("tenantId", 1, { catalog }),
      Policy.softDelete("deletedAt", { catalog })
    ]
    const unsupported = (policy: string, column: string) => ({
      _tag: "Unsupported",
      capability: "policy",
      construct: `${policy}: "members" is mapped without its column "${column}"`
    })
    // By its key alone nothing is known of such a value.
    const part = Table.make("members", { id: Column.integer().primaryKey(), name: Column.text() })
    const count = Database.count(Query.from(part))
    expect(await seen(count, mine)).toBe(5)
    expect(await seen(Effect.flip(count), known)).toMatchObject(
      unsupported("tenant(tenantId)", "tenant_id")
    )
    const write = Query.update(part).set({ name: "x" }).everyRow()
    const removal = Query.deleteFrom(part).everyRow()
    const insert = Query.insert(part).values({ id: 9, name: "x" })
    const inside = Query.from(Team).where(Query.from(part).select(part.c.id).exists())
    for (const one of [Database.run(write), Database.run(removal), Database.run(insert)])
      expect(await seen(Effect.flip(one), known)).toMatchObject({ capability: "policy" })
    expect(await seen(Effect.flip(Database.all(inside)), known)).toMatchObject({
      capability: "policy"
    })
    expect(await seen(Effect.flip(count), [known[1]!])).toMatchObject(
      unsupported("softDelete(deletedAt)", "deleted_at")
    )
    // Another key for the column of that name, another case or the schema a server means.
    const renamed = {
      id: Column.integer().primaryKey(),
      owner: Column.integer().nullable().named("tenant_id"),
      gone: Column.timestamp().nullable().named("deleted_at")
    }
    const members = Table.make("members", renamed)
    const others = engine === "sqlite" ? [members, Table.make("MEMBERS", renamed)] : [members]
    for (const one of others) {
      expect(
        await seen(Database.all(Query.from(one).orderBy(one.c.id).select(one.c.id)), known)
      ).toEqual([1, 3])
      const moved = Query.update(one).set({ owner: 2 }).where(one.c.id.eq(1))
      expect(await seen(Effect.flip(Database.run(moved)), known)).toMatchObject({
        _tag: "PolicyViolation"
      })
    }
    expect(await database.run(Database.count(Query.from(members)))).toBe(5)
    expect(await seen(Database.count(Query.from(plain)), known)).toBe(0)
    expect(() => Policy.tenant("nobody", 1, { catalog })).toThrow('has a column "nobody"')
  })

  test("a table the catalogue does not have is refused, unless it shows the column", async () => {
    const narrow = Catalog.make({ Team, Member })
    const [closed] = [Policy.tenant("tenantId", 1, { catalog: narrow })]
    const count = Database.count(Query.from(plain))
    expect(await seen(Effect.flip(count), [closed])).toMatchObject({
      _tag: "Unsupported",
      capability: "policy",
      construct: 'tenant(tenantId): "plain" is no table of the catalogue'
    })
    const write = Database.run(Query.insert(plain).rows([{}]))
    expect(await seen(Effect.flip(write), [closed])).toMatchObject({ _tag: "Unsupported" })
    expect(await seen(Database.unpoliced(closed.name, count), [closed])).toBe(0)
    expect(await seen(Database.count(Query.from(lines)), [closed])).toBe(
      await seen(Database.count(Query.from(lines)), [tenant(1)])
    )
    for (const make of [Policy.tenant.bind(null, "tenantId", 1), Policy.softDelete.bind(null, "a")])
      for (const options of [undefined, {}, { byColumn: false }])
        expect(() => make(options as never)).toThrow("{ byColumn: true } to go by columns alone")
  })

  test("an update by a row of a query is checked column by column", async () => {
    const by = (id: number) => {
      const row = Query.from(Team).where(Team.c.id.eq(id))
      return Query.update(Member)
        .setRow(row.select({ tenantId: Team.c.tenantId, name: Team.c.name }))
        .where(Member.c.name.eq("ann"))
    }
    expect(await seen(Database.run(by(1)))).toBe(1)
    expect(await seen(Database.all(names))).toEqual(["cleo", "one"])
    await database.run(seeded)
    // A row nobody sees gives NULL, which is no tenant; a visible one of another, its own.
    const violation = { _tag: "PolicyViolation", policy: "tenant(tenantId)", table: "members" }
    expect(await refused(Database.run(by(2)))).toMatchObject(violation)
    const whole = Policy.rows(Member, Member.c.tenantId.eq(1))
    expect(await seen(Effect.flip(Database.run(by(2))), [whole])).toMatchObject({
      policy: "rows(members)"
    })
    expect(await database.run(Database.all(names))).toEqual(["ann", "bob", "cleo", "dan", "eve"])
  })

  if (engine === "mariadb")
    test("one write of two tables writes visible rows of both, and keeps them", async () => {
      const both = (name: string, tenantId: number) =>
        Query.update(Member)
          .from(Team, Team.c.id.eq(Member.c.teamId))
          .set({ name })
          .also(Team, { name, tenantId })
      const all = Query.from(Member).orderBy(Member.c.id).select(Member.c.name)
      expect(await seen(Database.run(both("x", 1)))).toBe(2)
      expect(await database.run(Database.all(all))).toEqual(["x", "bob", "cleo", "dan", "eve"])
      expect(await refused(Database.run(both("y", 2)))).toMatchObject({
        _tag: "PolicyViolation",
        policy: "tenant(tenantId)"
      })
      expect(await database.run(Database.all(all))).toEqual(["x", "bob", "cleo", "dan", "eve"])
      // Marked in one table and removed from the other is not one statement.
      const gone = Query.deleteFrom(Member).using(Team, Team.c.id.eq(Member.c.teamId)).also(Team)
      expect(await refused(Database.run(gone))).toMatchObject({ capability: "policy" })
      const pairs = [1, 2].map((n) => ({ n, tenantId: n }))
      for (const table of [lines, marks]) {
        await database.run(Database.run(Query.deleteFrom(table).everyRow()))
        await database.run(Database.run(Query.insert(table).rows(pairs)))
      }
      const paired = Query.deleteFrom(lines).using(marks, marks.c.n.eq(lines.c.n)).also(marks)
      expect(await seen(Database.run(paired), [tenant(1)])).toBe(2)
      for (const table of [lines, marks])
        expect(await database.run(Database.all(Query.from(table).select(table.c.n)))).toEqual([2])
    })

  test("a predicate of one's own, with another check and a subquery", async () => {
    const open = Policy.rows(
      Team,
      Query.from(Member).correlate(Team).where(Member.c.teamId.eq(Team.c.id)).exists(),
      { check: Team.c.name.ne("none") }
    )
    await database.run(
      Database.run(Query.insert(Team).values({ id: 3, tenantId: 1, name: "empty" }))
    )
    expect(await seen(Database.count(Query.from(Team)), [open])).toBe(2)
    const named = (name: string) =>
      Database.run(Query.insert(Team).values({ id: 4, tenantId: 1, name }))
    expect(await seen(named("fine"), [open])).toBe(1)
    expect(await seen(Effect.flip(named("none")), [open])).toMatchObject({ policy: "rows(teams)" })
  })

  test("a name in a predicate's subquery and the same name in the statement are two", async () => {
    const later = Query.alias(lines, "one")
    const last = Policy.rows(
      lines,
      Query.from(later).correlate(lines).where(later.c.n.gt(lines.c.n)).exists().not()
    )
    await database.run(Database.run(Query.deleteFrom(lines).everyRow()))
    const rows = [1, 2, 3].map((n) => ({ n, tenantId: 1 }))
    await database.run(Database.run(Query.insert(lines).rows(rows)))
    const one = Query.alias(lines, "one")
    const visible = Database.all(Query.from(one).select(one.c.n))
    expect(await seen(visible, [last])).toEqual([3])
    const other = Database.all(
      Query.from(Query.alias(marks, "one")).crossJoin(lines).select(lines.c.n)
    )
    await database.run(Database.run(Query.deleteFrom(marks).everyRow()))
    await database.run(Database.run(Query.insert(marks).values({ n: 9, tenantId: 1 })))
    expect(await seen(other, [last])).toEqual([3])
    // Servers compare aliases without case.
    const shouted = Query.alias(lines, "ONE")
    expect(await seen(Database.all(Query.from(shouted).select(shouted.c.n)), [last])).toEqual([3])
    // And in a query that is asked for each row of the one it hides.
    const both = Query.from(lines)
      .correlate(one)
      .select({ n: Fn.max(lines.c.n.add(one.c.n)) })
      .as("both")
    const each = Query.from(one).joinLateral(both).select(both.c.n)
    expect(await seen(Database.all(each), [last])).toEqual([6])
  })

  test("an expression said twice in a predicate's subquery is one", async () => {
    const next = () => marks.c.n.add(1)
    const first = Query.from(marks).select(next()).distinct().orderBy(next()).limit(1)
    const here = Policy.rows(lines, lines.c.n.in(first))
    for (const table of [lines, marks])
      await database.run(Database.run(Query.deleteFrom(table).everyRow()))
    const rows = [1, 2, 3].map((n) => ({ n, tenantId: 1 }))
    await database.run(Database.run(Query.insert(lines).rows(rows)))
    await database.run(Database.run(Query.insert(marks).rows(rows.slice(0, 2))))
    expect(await seen(Database.all(Query.from(lines).select(lines.c.n)), [here])).toEqual([2])
  })
})

test("policies of one structure share their texts, and an absent tenant is refused", () => {
  expect(tenant(1).key).toBe(tenant(2).key)
  const between = (low: number, high: number) =>
    Policy.rows(lines, lines.c.n.gte(low).and(lines.c.n.lte(high)))
  expect(between(1, 2).key).toBe(between(3, 4).key)
  expect(between(1, 1).key).not.toBe(between(1, 2).key)
  expect(() => Policy.tenant("tenantId", undefined, { catalog })).toThrow("the value is absent")
  const named = Expr.param("n", Type.integer)
  expect(() => Policy.rows(Team, Team.c.id.eq(named) as never)).toThrow('"n" has no value')
  const again = Query.from(Team).where(Team.c.id.gt(1)).exists()
  expect(() => Policy.rows(Team, again)).toThrow('"teams" is in a subquery too')
})
