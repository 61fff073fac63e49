/** Two rules as data: a tenant sees its own rows, and what was deleted is not there. */
import { Catalog, Column, Database, Entity, Load, Policy, Query, Session } from "athanor"
import * as Effect from "effect/Effect"

const shared = { tenantId: Column.integer(), deletedAt: Column.timestamp().nullable() }

class Team extends Entity<Team>()("teams", {
  id: Column.integer().primaryKey(),
  name: Column.text(),
  ...shared
}) {
  static readonly members = this.hasMany(() => Member)
}
class Member extends Entity<Member>()("members", {
  id: Column.integer().primaryKey(),
  name: Column.text(),
  teamId: Column.integer(),
  ...shared
}) {
  static readonly team = this.belongsTo(() => Team)
}
const catalog = Catalog.make({ Team, Member })

const gone = Policy.softDelete("deletedAt", { catalog })
const within =
  (tenant: number) =>
  <A, E, R>(work: Effect.Effect<A, E, R>) =>
    Database.policed([Policy.tenant("tenantId", tenant, { catalog }), gone], work)

const names = Effect.map(
  Load.all(Query.from(Team).orderBy(Team.c.id), { members: true }),
  (teams) => teams.map(({ members, name }) => [name, ...members.map((member) => member.name)])
)

export const recipe = Effect.gen(function* () {
  yield* Database.create(catalog)
  // What leaves the tenant out gets it from the rule.
  const filled = (tenant: number, team: number) =>
    within(tenant)(
      Effect.gen(function* () {
        yield* Database.run(
          Query.insert(Team).values({ id: team, name: `team ${team}`, tenantId: tenant })
        )
        const members = ["ann", "bob"].map((name, i) => ({
          id: team * 10 + i,
          name,
          teamId: team,
          tenantId: tenant
        }))
        yield* Database.run(Query.insert(Member).rows(members))
      })
    )
  yield* filled(1, 1)
  yield* filled(2, 2)
  yield* within(1)(
    Session.transact(Effect.flatMap(Session.get(Member, 11), (bob) => Session.delete(bob)))
  )
  return {
    one: yield* within(1)(names),
    two: yield* within(2)(names),
    rows: yield* Database.count(Query.from(Member))
  }
})

export const expected = { one: [["team 1", "ann"]], two: [["team 2", "ann", "bob"]], rows: 4 }
