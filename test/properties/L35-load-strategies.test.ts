import { Catalog, Column, Database, Entity, Load, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import { caughtOn, timeFor, upheldOn } from "./support/law.ts"

/**
 * L35: a tree is the same however its edges are loaded, with a session and without: equal by key,
 * by content and in order, parents without children among them.
 */

class Crew extends Entity<Crew>()("strategy_crews", {
  id: Column.integer().primaryKey(),
  size: Column.integer()
}) {
  static readonly men = this.hasMany(() => Man)
  static readonly older = this.relatesToMany(
    () => Crew,
    (own, target) => own.size.lt(target.size)
  )
}

class Man extends Entity<Man>()("strategy_men", {
  id: Column.integer().primaryKey(),
  pay: Column.bigint().nullable(),
  crewId: Column.integer().nullable(),
  bossId: Column.integer().nullable()
}) {
  static readonly crew = this.belongsTo(() => Crew)
  static readonly boss = this.belongsTo(() => Man)
  static readonly under = this.hasMany(() => Man, { key: "bossId" })
  static readonly skills = this.manyToMany(() => Skill, { through: () => manSkills })
}

class Skill extends Entity<Skill>()("strategy_skills", {
  id: Column.integer().primaryKey(),
  name: Column.text()
}) {
  static readonly men = this.manyToMany(() => Man, { through: () => manSkills })
}

const manSkills = Table.make("strategy_man_skills", {
  manId: Column.integer()
    .primaryKey()
    .references(() => Man.c.id),
  skillId: Column.integer()
    .primaryKey()
    .references(() => Skill.c.id)
})

const relations = {
  Crew: { men: "Man", older: "Crew" },
  Man: { crew: "Crew", boss: "Man", under: "Man", skills: "Skill" },
  Skill: { men: "Man" }
} as const
type Name = keyof typeof relations
const classes = { Crew, Man, Skill } as const
const toOne: ReadonlySet<string> = new Set(["crew", "boss"])

type Via = "selectIn" | "joined" | "json"
interface Edge {
  readonly name: string
  readonly via: Via
  readonly part: "whole" | "cut" | "first"
  readonly below: ReadonlyArray<Edge>
}

const edges = (of: Name, depth: number): fc.Arbitrary<ReadonlyArray<Edge>> => {
  if (depth === 0) return fc.constant([])
  const each = Object.entries(relations[of]).map(([name, target]) =>
    fc.record({
      name: fc.constant(name),
      via: fc.constantFrom<Via>("selectIn", "joined", "json"),
      part: fc.constantFrom("whole", "whole", "cut", "first"),
      below: edges(target, depth - 1)
    })
  )
  return fc.tuple(...each).chain((all) => fc.subarray(all, { maxLength: Math.min(2, all.length) }))
}

const key = fc.integer({ min: 1, max: 4 })
const rows = fc.record({
  crews: fc.uniqueArray(fc.record({ id: key, size: fc.nat(2) }), { selector: ({ id }) => id }),
  men: fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 7 }),
      pay: fc.option(fc.constantFrom(1n, 2n, 9007199254740993n)),
      crew: fc.option(key),
      boss: fc.option(fc.integer({ min: 1, max: 7 }))
    }),
    { selector: ({ id }) => id, maxLength: 7 }
  ),
  skills: fc.uniqueArray(fc.record({ id: key, name: fc.constantFrom("a", "ä'\\\"", "") }), {
    selector: ({ id }) => id
  }),
  links: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 7 }), key), {
    selector: ([man, skill]) => man * 10 + skill,
    maxLength: 8
  })
})
const program = fc.constantFrom<Name>("Crew", "Man", "Skill").chain((of) =>
  fc.record({
    of: fc.constant(of),
    rows,
    plan: edges(of, 3),
    limit: fc.option(fc.nat(3)),
    descending: fc.boolean()
  })
)
type Program = typeof program extends fc.Arbitrary<infer A> ? A : never

const loaders = { joined: Load.joined, json: Load.json, selectIn: Load.selectIn }

/** A plan as said, or with every edge loaded by a statement of its own. */
const planOf = (of: Name, plan: ReadonlyArray<Edge>, isPlain: boolean): object =>
  Object.fromEntries(
    plan.map(({ below, name, part, via }) => {
      const target = (relations[of] as Record<string, Name>)[name]!
      const load = planOf(target, below, isPlain)
      const entity = classes[target] as typeof Man
      const said =
        part === "whole" || toOne.has(name)
          ? load
          : Load.some(entity, {
              where: entity.c.id.gt(1) as never,
              orderBy: [entity.c.id.desc()] as never,
              ...(part === "first" ? { limit: 1 } : {}),
              load: load as never
            })
      return [name, isPlain ? Load.selectIn(said) : loaders[via](said)]
    })
  )

const tables: ReadonlyArray<Query.From<string, unknown>> = [Man, Skill, Crew]

const setUp = ({ crews, links, men, skills }: Program["rows"]) =>
  Effect.gen(function* () {
    yield* Database.run(Query.deleteFrom(manSkills).everyRow())
    yield* Database.run(Query.update(Man).set({ bossId: null }).everyRow())
    for (const one of tables) yield* Database.run(Query.deleteFrom(one).everyRow())
    const has = (list: ReadonlyArray<{ readonly id: number }>, id: number | null) =>
      id !== null && list.some((one) => one.id === id) ? id : null
    yield* Database.run(Query.insert(Crew).rows(crews))
    yield* Database.run(Query.insert(Skill).rows(skills))
    const people = men.map(({ boss, crew, id, pay }) => ({
      id,
      pay,
      crewId: has(crews, crew),
      bossId: has(men, boss)
    }))
    yield* Database.run(Query.insert(Man).rows(people.map((one) => ({ ...one, bossId: null }))))
    for (const { bossId, id } of people)
      yield* Database.run(Query.update(Man).set({ bossId }).where(Man.c.id.eq(id)))
    const linked = links
      .filter(([man, skill]) => has(men, man) !== null && has(skills, skill) !== null)
      .map(([manId, skillId]) => ({ manId, skillId }))
    yield* Database.run(Query.insert(manSkills).rows(linked))
  })

const queryOf = ({ descending, limit, of }: Program) => {
  const entity = classes[of] as typeof Man
  const all = Query.from(entity)
    .where(entity.c.id.gt(0))
    .orderBy(descending ? entity.c.id.desc() : entity.c.id)
  return limit === null ? all : all.limit(limit)
}

type Trees = Effect.Effect<ReadonlyArray<object>, unknown, Database>
const bare = (one: Program, plan: object): Trees => Load.all(queryOf(one), plan as never) as never
const held = (one: Program, plan: object): Trees =>
  Session.transact(Session.all(queryOf(one), plan as never)) as never

const open = async (engine: (typeof engines)[number]) => {
  const database = await connect(engine)
  await database.run(Database.create(Catalog.make({ Crew, Man, Skill, manSkills })))
  const holds = (found: (trees: ReadonlyArray<object>) => unknown) => (one: Program) =>
    database.run(
      Effect.gen(function* () {
        yield* setUp(one.rows)
        const plan = planOf(one.of, one.plan, false)
        const expected = JSON.stringify(yield* bare(one, planOf(one.of, one.plan, true)))
        const without = JSON.stringify(found(yield* bare(one, plan)))
        const within = JSON.stringify(found(yield* held(one, plan)))
        return without === expected && within === expected
      })
    )
  return { holds, dispose: database.dispose }
}

describe.each(engines)("L35 strategies of loading on %s", (engine) => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open(engine)
  })
  afterAll(() => opened.dispose())

  test(
    "any strategy on any edge gives the tree of separate statements [F132.1 F132.3]",
    async () => {
      await upheldOn(
        program,
        opened.holds((trees) => trees),
        engine === "sqlite" ? 300 : 60
      )
    },
    timeFor(60_000)
  )
})

test(
  "twin: parents without children are left out",
  async () => {
    const { dispose, holds } = await open("sqlite")
    const hasAll = (tree: object): boolean =>
      Object.values(tree).every((value) => !Array.isArray(value) || value.length > 0)
    const crew = { id: 1, size: 1 }
    const man = { id: 1, pay: null, crew: 1, boss: null }
    const men: Edge = { name: "men", via: "joined", part: "whole", below: [] }
    const one = { of: "Crew", plan: [men], limit: null, descending: false } as const
    await caughtOn(
      "no children, no parent",
      program,
      holds((trees) => trees.filter(hasAll)),
      [
        { ...one, rows: { crews: [crew], men: [man], skills: [], links: [] } },
        { ...one, rows: { crews: [], men: [man], skills: [], links: [] } }
      ]
    )
    await dispose()
  },
  timeFor(60_000)
)
