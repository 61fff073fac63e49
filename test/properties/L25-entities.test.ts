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
  Table
} from "athanor"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

const shared = {
  id: Column.integer().primaryKey(),
  tenantId: Column.integer(),
  deletedAt: Column.timestamp().nullable()
}
class Team extends Entity<Team>()("teams", { ...shared, name: Column.varchar(20) }) {
  static readonly members = this.hasMany(() => Member)
}
class Member extends Entity<Member>()("members", { ...shared, teamId: Column.integer() }) {
  static readonly team = this.belongsTo(() => Team)
  static readonly tags = this.manyToMany(() => Tag, { through: () => tagged })
  static readonly equals = this.relatesToMany(
    () => Member,
    (own, other) => other["teamId"].eq(own["teamId"])
  )
}
class Tag extends Entity<Tag>()("tags", { ...shared }) {
  static readonly members = this.manyToMany(() => Member, { through: () => tagged })
}
const tagged = Table.make("tagged", {
  memberId: Column.integer()
    .primaryKey()
    .references(() => Member.c.id),
  tagId: Column.integer()
    .primaryKey()
    .references(() => Tag.c.id)
})
/** The same tables without foreign keys: what is cut away may be referred to. */
const tables = Catalog.make({
  teams: Table.make("teams", { ...shared, name: Column.varchar(20) }),
  members: Table.make("members", { ...shared, teamId: Column.integer() }),
  tags: Table.make("tags", { ...shared }),
  tagged: Table.make("tagged", {
    memberId: Column.integer().primaryKey(),
    tagId: Column.integer().primaryKey()
  })
})

const tenant = Policy.tenant("tenantId", 1, { byColumn: true })
const soft = Policy.softDelete("deletedAt", { byColumn: true })

/** Numbers below `n`, the same ones for a seed. */
const drawer = (seed: number) => {
  let state = seed * 2_654_435_761 + 1
  return (n: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0
    return (state >>> 3) % n
  }
}

const entities = [Team, Member, Tag] as const
const filled = (seed: number) =>
  Effect.gen(function* () {
    const below = drawer(seed)
    for (const one of [...entities, tagged])
      yield* Database.run(Query.deleteFrom(one as typeof tagged).everyRow())
    const row = (id: number) => ({
      id,
      tenantId: 1 + below(2),
      deletedAt: below(4) === 0 ? DateTime.makeUnsafe("2026-01-01T00:00:00Z") : null
    })
    const ids = (count: number) => Array.from({ length: count }, (_, at) => at + 1)
    const teams = ids(4).map((id) => ({ ...row(id), name: `team ${below(3)}` }))
    yield* Database.run(Query.insert(Team).rows(teams))
    const members = ids(9).map((id) => ({ ...row(id), teamId: 1 + below(4) }))
    yield* Database.run(Query.insert(Member).rows(members))
    yield* Database.run(Query.insert(Tag).rows(ids(3).map((id) => row(id))))
    const pairs = ids(9).flatMap((memberId) =>
      ids(3).flatMap((tagId) => (below(2) === 0 ? [{ memberId, tagId }] : []))
    )
    yield* Database.run(Query.insert(tagged).rows([{ memberId: 99, tagId: 99 }, ...pairs]))
  })

/** Takes away what the policies hide. */
const cut = Effect.forEach(entities, (one) => {
  const { deletedAt, tenantId } = one.c as typeof Tag.c
  const hidden = Expr.or(tenantId.ne(1), deletedAt.isNotNull())
  return Database.run(Query.deleteFrom(one as typeof Tag).where(hidden))
})

const teams = Query.from(Team).orderBy(Team.c.id)
const members = Query.from(Member).orderBy(Member.c.id)
const deep = { members: { tags: { members: true }, team: true } } as const
const inTeam = Query.from(Team).where(Team.c.name.eq("team 1")).select(Team.c.id)
const everybody = Query.from(Member)
  .leftJoin(Team, Team.c.id.eq(Member.c.teamId))
  .orderBy(Member.c.id)

/** What a program reads: values and eager loads of each kind, later loads, reports. */
const reads = Effect.all([
  Load.all(teams, deep),
  Load.all(teams, { members: Load.json({ tags: true }) }),
  Load.all(members, { team: Load.joined({ members: true }), tags: true }),
  Load.all(members, { equals: true }),
  Load.all(teams, { members: Load.some(Member, { limit: 2 }) }),
  Database.all(everybody.select({ member: Member, team: Team })),
  Database.all(members.where(Member.c.teamId.in(inTeam))),
  Database.all(
    Query.from(Member)
      .groupBy(Member.c.teamId)
      .orderBy(Member.c.teamId)
      .select([Member.c.teamId, Fn.count()])
  ),
  Database.all(members.match({ team: { name: "team 1" } })),
  Session.transact(
    Effect.gen(function* () {
      const all = yield* Session.all(teams, { members: true })
      const later = yield* Effect.forEach(all, (team) => Session.load(team, Team.members))
      const each = yield* Effect.forEach([1, 2, 3, 4, 5], (id) => Session.find(Member, id))
      const tags = yield* Effect.forEach(
        all.flatMap((team) => team.members),
        (one) => Session.load(one, Member.tags)
      )
      return [all, later, each, tags]
    })
  )
])

describe.each(engines)("L25 entities under a policy on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(tables))
  })
  afterAll(() => database.dispose())

  /** What is read under policies, and what is read of the database cut to their rows. */
  const both = async (seed: number, policies: ReadonlyArray<Policy.Policy>) => {
    await database.run(Database.transaction(filled(seed)))
    const policed = await database.run(Database.policed(policies, reads))
    const undone = Database.transaction(
      Effect.flatMap(Effect.andThen(cut, reads), (plain) => Effect.fail(plain))
    )
    return { policed, plain: await database.run(Effect.flip(undone)) }
  }

  test("is running on the database cut to its rows, loads included [F135.4]", async () => {
    let differs = 0
    for (let seed = 1; seed <= 6; seed++) {
      const { plain, policed } = await both(seed, [tenant, soft])
      expect(policed).toEqual(plain)
      // The wrong twin forgets those that were deleted.
      const twin = await both(seed, [tenant])
      if (JSON.stringify(twin.policed) !== JSON.stringify(twin.plain)) differs++
    }
    expect(differs).toBeGreaterThan(3)
  })
})
