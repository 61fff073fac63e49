import {
  Along,
  Catalog,
  Column,
  Database,
  Expr,
  Family,
  Load,
  Mapping,
  Query,
  Session
} from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import { familyKinds, worldOf } from "./families.ts"

const caught = (make: () => unknown): string => {
  try {
    make()
    return "nothing"
  } catch (error) {
    return (error as Error).message
  }
}

describe.each(familyKinds)("a %s family", (kind) => {
  const { Company, Desk, Employee, Engineer, Manager, staff } = worldOf(kind)
  type Employee = (typeof Employee)["prototype"]
  type Manager = (typeof Manager)["prototype"]

  test("its values are a discriminated union; columns of others do not compile", () => {
    const say = (one: Employee): string => {
      switch (one.kind) {
        case "manager":
          return String(one.reports)
        case "engineer":
          // @ts-expect-error an engineer has no reports
          return one.reports === undefined ? one.language : "none"
      }
    }
    expect(typeof say).toBe("function")
    expectTypeOf<Manager["kind"]>().toEqualTypeOf<"manager">()
    expectTypeOf<keyof typeof Employee.c>().toEqualTypeOf<"id" | "kind" | "name" | "companyId">()
    // @ts-expect-error what a manager alone has is no column of an engineer
    expect(Engineer.c.reports).toBe(undefined)
    // @ts-expect-error nor of all
    expect(Employee.c.reports).toBe(undefined)
    // @ts-expect-error its class says what it is
    expect(caught(() => Manager.make({ kind: "engineer", name: "Ann", company: 1 }))).toBe(
      'Manager.make: "kind" is what its class says'
    )
    // @ts-expect-error an engineer writes something
    expect(caught(() => Engineer.make({ name: "Bob", company: 1 }))).toBe(
      'Engineer.make: "language" is missing'
    )
    const engineer = Engineer.make({ name: "Bob", company: 1, language: "SQL" })
    const wrong = { name: "C", company: 1, language: "C", mentor: engineer }
    // @ts-expect-error an engineer is nobody's mentor
    expect(caught(() => Engineer.make(wrong))).toBe(
      'Engineer.make: "mentor" is a Engineer, not a Manager'
    )
    // @ts-expect-error there is no member of this name
    expect(caught(() => Family.member()(staff, "pilot"))).toBe('there is no member "pilot"')
    // @ts-expect-error every member has a class
    expect(caught(() => Family.of(staff, { manager: Manager }))).toBe(
      'family "employees": nothing is not its member "engineer"'
    )
    expect(caught(() => Family.of(staff, { manager: Manager, engineer: Manager }))).toBe(
      'family "employees": Manager is not its member "engineer"'
    )
    expect(Mapping.faults({ Company, Manager, Engineer, Employee, Desk })).toEqual([])
  })
})

describe("a family in one table", () => {
  test("has no two columns of one name", () => {
    const twice = { a: { size: Column.integer() }, b: { size: Column.integer() } }
    const shared = { id: Column.id(), kind: Column.text() }
    expect(caught(() => Family.single("things", "kind", shared, twice))).toBe(
      'family "things": "size" of b is there already: put it among the shared'
    )
  })
})

const places = engines.flatMap((engine) =>
  familyKinds.map((kind) => ({
    engine,
    kind,
    title: `on ${engine}${kind === "single" ? "" : `: a ${kind} family`}`
  }))
)

describe.each(places)("$title", ({ engine, kind }) => {
  const { Company, Desk, Employee, Engineer, Manager, engineers } = worldOf(kind)
  type Employee = (typeof Employee)["prototype"]
  type Manager = (typeof Manager)["prototype"]
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Company, Employee, Desk })))
  })
  beforeEach(async () => {
    for (const text of [
      "delete from desks",
      `update ${engineers} set mentor_id = null`,
      "delete from employees",
      "delete from companies"
    ])
      await database.run(Database.script(text))
    const forge = Company.make({ name: "Forge" })
    const ann = Manager.make({ name: "Ann", reports: 3, company: forge })
    const bob = Engineer.make({ name: "Bob", language: "SQL", company: forge, mentor: ann })
    const cid = Manager.make({ name: "Cid", company: Company.make({ name: "Mint" }) })
    await database.run(Session.transact(Session.add(ann, bob, cid)))
  })
  afterAll(() => database.dispose())

  const everybody = Query.from(Employee).orderBy(Employee.c.name)
  const words = (rows: ReadonlyArray<Employee>) =>
    rows.map((one) => [one.constructor.name, one.title])
  const three = [
    ["Manager", "Ann, manager of 3"],
    ["Engineer", "Bob, who writes SQL"],
    ["Manager", "Cid, manager of 0"]
  ]

  test("the base gives each row as its own member, with its own columns [F120.2]", async () => {
    const rows = await database.run(Database.all(everybody))
    expect(words(rows)).toEqual(three)
    expect(rows.map((row) => Object.keys(row))).toEqual([
      ["id", "kind", "name", "companyId", "reports"],
      ["id", "kind", "name", "companyId", "language", "mentorId"],
      ["id", "kind", "name", "companyId", "reports"]
    ])
    const named = await database.run(
      Database.all(Query.from(Employee).where(Employee.c.kind.eq("engineer")))
    )
    expect(words(named)).toEqual([three[1]])
    const beside = await database.run(
      Database.all(
        Query.from(Company)
          .leftJoin(Employee, Employee.c.companyId.eq(Company.c.id).and(Employee.c.name.eq("Ann")))
          .orderBy(Company.c.name)
          .select({ company: Company.c.name, who: Employee })
      )
    )
    expect(beside.map(({ company, who }) => [company, who?.title ?? null])).toEqual([
      ["Forge", "Ann, manager of 3"],
      ["Mint", null]
    ])
    const many = Query.from(Employee).select({ who: Employee, other: Employee.c.name })
    const compiled = await database.run(
      Effect.forEach(Array.from({ length: 60 }), () => Database.all(many))
    )
    expect(new Set(compiled.flat().map(({ who }) => who.constructor))).toEqual(
      new Set([Manager, Engineer])
    )
  })

  test("a member gives its rows alone [F120.3]", async () => {
    const managers = await database.run(Database.all(Query.from(Manager).orderBy(Manager.c.name)))
    expect(managers.map(({ name, reports }) => [name, reports])).toEqual([
      ["Ann", 3],
      ["Cid", 0]
    ])
    const busy = Query.from(Manager).where(Manager.isBusy).select(Manager.c.name)
    expect(await database.run(Database.all(busy))).toEqual(["Ann"])
    expect(await database.run(Database.count(Query.from(Engineer)))).toBe(1)
    const within = everybody.where(Employee.c.id.in(Query.from(Manager).select(Manager.c.id)))
    const found = await database.run(Database.all(within))
    expect(found.map(({ name }) => name)).toEqual(["Ann", "Cid"])
    const pairs = Query.from(Engineer)
      .join(Manager, Along.on(Engineer, "mentor"))
      .select({ engineer: Engineer.c.name, manager: Manager.c.name })
    expect(await database.run(Database.all(pairs))).toEqual([{ engineer: "Bob", manager: "Ann" }])
    const absent = Query.from(Manager)
      .leftJoin(Engineer, Engineer.c.mentorId.eq(Manager.c.id))
      .orderBy(Manager.c.name)
      .select({ name: Manager.c.name, engineer: Engineer })
    const rows = await database.run(Database.all(absent))
    expect(rows.map(({ engineer, name }) => [name, engineer?.name ?? null])).toEqual([
      ["Ann", "Bob"],
      ["Cid", null]
    ])
  })

  test("a session writes members, and knows a row by all of its classes", async () => {
    const work = Effect.gen(function* () {
      const [ann, bob] = yield* Session.all(everybody)
      if (ann?.kind !== "manager" || bob?.kind !== "engineer") return yield* Effect.die("other")
      yield* Session.update(ann, { reports: 4, name: "Anna" })
      yield* Session.modify(bob, ({ language }) => ({ language: `${language}!` }))
      const manager = yield* Session.get(Manager, ann.id)
      const whoever = yield* Session.get(Employee, ann.id)
      const steps = (yield* Session.plan).steps.map(({ table }) => table.name)
      const none = yield* Effect.flip(Session.get(Manager, bob.id))
      yield* Session.flush
      const refreshed = yield* Session.refresh(ann)
      const known = yield* Session.known(Employee)
      return {
        reports: manager.reports,
        title: whoever.title,
        none: none._tag,
        steps,
        refreshed: refreshed.title,
        known: known.map(({ name }) => name).toSorted()
      }
    })
    expect(await database.run(Session.transact(work))).toEqual({
      reports: 4,
      title: "Anna, manager of 4",
      none: "NotFound",
      steps:
        kind === "single"
          ? ["employees", "employees"]
          : ["employees", "employees_manager", "employees_engineer"],
      refreshed: "Anna, manager of 4",
      known: ["Anna", "Bob", "Cid"]
    })
    const gone = Effect.gen(function* () {
      const cid = yield* Session.one(Query.from(Employee).where(Employee.c.name.eq("Cid")))
      yield* Session.delete(cid)
      yield* Session.delete(
        Employee.ref(
          (yield* Session.first(Query.from(Engineer))).pipe((one) =>
            one._tag === "Some" ? one.value.id : 0
          )
        )
      )
    })
    await database.run(Session.transact(gone))
    const left = await database.run(Database.all(everybody))
    expect(left.map(({ title }) => title)).toEqual(["Anna, manager of 4"])
    const locked = Session.with({ lock: "update" }, Session.get(Manager, left[0]!.id))
    expect((await database.run(Session.transact(locked))).name).toBe("Anna")
  })

  test("a relation to it loads members, and one of them in a plan [F120.5]", async () => {
    const all = Query.from(Company).orderBy(Company.c.name)
    const plans = [
      Load.all(all, { staff: { company: true } }),
      Load.all(all, { staff: Load.json({ company: true }) }),
      Load.all(all, { staff: Load.joined({ company: true }) })
    ]
    for (const plan of plans) {
      const [forge, mint] = await database.run(plan)
      expect(words(forge!.staff)).toEqual(three.slice(0, 2))
      expect(words(mint!.staff)).toEqual([three[2]])
      expect(forge!.staff.map(({ company }) => company.name)).toEqual(["Forge", "Forge"])
    }
    const narrow = Load.some(Manager, { where: Manager.c.reports.gt(1) })
    const [forge, mint] = await database.run(Load.all(all, { staff: narrow }))
    expectTypeOf<ReadonlyArray<Manager>>().toExtend<typeof narrowed>()
    const narrowed = forge!.staff.some
    expect(narrowed.map(({ reports }) => reports)).toEqual([3])
    expect(mint!.staff.some).toHaveLength(0)
    // @ts-expect-error a desk is no employee
    expect(caught(() => Load.plan(Company, { staff: Load.some(Desk, {}) }))).toBe(
      "plan: Company.staff leads to employees, not to Desk"
    )
    const member = await database.run(Load.all(all, { managers: true }))
    expect(member.map(({ managers }) => managers.map(({ name }) => name))).toEqual([
      ["Ann"],
      ["Cid"]
    ])
    const work = Effect.gen(function* () {
      const [ann, bob] = yield* Session.all(everybody)
      yield* Session.add(
        Desk.make({ room: "1", owner: ann! }),
        Desk.make({ room: "2", owner: bob! })
      )
      yield* Session.flush
      const [first] = yield* Session.all(Query.from(Company).orderBy(Company.c.name))
      const desks = yield* Session.all(Query.from(Desk).orderBy(Desk.c.room), { owner: true })
      return { desks, staff: yield* Session.load(first!, Company.staff) }
    })
    const { desks, staff: found } = await database.run(Session.transact(work))
    expect(words(found)).toEqual(three.slice(0, 2))
    expect(desks.map(({ owner }) => owner?.title)).toEqual([three[0]![1], three[1]![1]])
    await database.run(Database.script("delete from desks"))
    const go = Session.one(Query.from(Company).where(Company.c.name.eq("Forge"))).pipe(
      Effect.flatMap((one) => Session.delete(one))
    )
    await database.run(Session.transact(go))
    expect(words(await database.run(Database.all(everybody)))).toEqual([three[2]])
  })

  test("what members alone have comes with the base, or by a second one [F120.4]", async () => {
    const once = await database.counting(Database.all(everybody))
    const twice = await database.counting(Load.all(everybody, Load.apart()))
    expect(twice.value).toEqual(once.value)
    expect(words(twice.value)).toEqual(three)
    expect(twice.value.map((row) => Object.keys(row))).toEqual(
      once.value.map((row) => Object.keys(row))
    )
    expect([once.count("SELECT"), twice.count("SELECT")]).toEqual([1, 3])
    const some = everybody.where(Employee.c.kind.eq("engineer"))
    expect((await database.counting(Load.all(some, Load.apart()))).count("SELECT")).toBe(2)
    const all = Query.from(Company).orderBy(Company.c.name)
    const wanted = await database.run(Load.all(all, { staff: { company: true } }))
    const plans = [
      Load.all(all, { staff: Load.apart({ company: true }) }),
      Load.all(all, { staff: Load.json(Load.apart({ company: true })) }),
      Load.all(all, { staff: Load.joined(Load.apart({ company: true })) })
    ]
    for (const plan of plans) {
      const found = await database.run(plan)
      expect(found).toEqual(wanted)
      expect(found.flatMap(({ staff }) => words(staff))).toEqual(three)
    }
    const known = Effect.andThen(Session.all(everybody, Load.apart()), Session.known(Employee))
    const held = await database.run(Session.transact(known))
    expect(held.map(({ title }) => title).toSorted()).toEqual(three.map(([, title]) => title))
    const loud = Load.with(Employee, { loud: (e) => e.name.concat("!") }, { company: true })
    const given = await database.run(Load.all(everybody, loud))
    expect(words(given)).toEqual(three)
    expect(given.map((one) => one.loud)).toEqual(["Ann!", "Bob!", "Cid!"])
    expect(caught(() => Load.plan(Desk, Load.apart()))).toBe(
      "apart: Desk is no family, whose members have columns of their own"
    )
    expect(caught(() => Load.plan(Employee, Load.apart(Load.columns(Employee, ["name"]))))).toBe(
      "apart: the columns of employees are named: what is not is not read"
    )
  })

  test("a relation is narrowed to a member in the criterion [F120.5] [F127.5]", async () => {
    const names = (
      condition: Parameters<typeof Along.any<typeof Company, "staff", "employees">>[2]
    ) =>
      database.run(
        Database.all(
          Query.from(Company)
            .where(Along.any(Company, "staff", condition))
            .orderBy(Company.c.name)
            .select(Company.c.name)
        )
      )
    expect(await names(Family.is(Employee, Engineer))).toEqual(["Forge"])
    expect(await names(Family.is(Employee, Manager))).toEqual(["Forge", "Mint"])
    expect(await names(Family.is(Employee, Manager, Manager.c.reports.eq(0)))).toEqual(["Mint"])
    expect(await names(Family.is(Employee, Engineer, Engineer.c.language.eq("C")))).toEqual([])
    const either = Query.from(Employee)
      .where(
        Expr.or(
          Family.is(Employee, Manager, Manager.c.reports.gt(2)),
          Family.is(Employee, Engineer, Engineer.c.language.eq("SQL"))
        )
      )
      .orderBy(Employee.c.name)
    expect(words(await database.run(Database.all(either)))).toEqual(three.slice(0, 2))
    const matched = Query.from(Company).match({ staff: { kind: "engineer" } })
    expect(await database.run(Database.count(matched))).toBe(1)
    const some = Load.some(Employee, { where: Family.is(Employee, Engineer) })
    const loaded = await database.run(
      Load.all(Query.from(Company).orderBy(Company.c.name), { staff: some })
    )
    expect(loaded.map(({ staff: { some: found } }) => words(found))).toEqual([[three[1]], []])
    // @ts-expect-error what an engineer has is nothing of a manager
    expect(typeof Family.is(Employee, Manager, Engineer.c.language.eq("C"))).toBe("object")
    expect(caught(() => Family.is(Employee, Desk))).toBe("is: Desk is no member of employees")
  })

  test("a tag that is none of its members' names table and value [F120.6]", async () => {
    await database.run(
      Database.script(
        "insert into employees (kind, name, company_id) select 'pilot', 'Dan', id from companies " +
          "where name = 'Mint'"
      )
    )
    const expected = 'one of "manager", "engineer" in "employees", not "pilot"'
    const all = await database.run(Effect.flip(Database.all(everybody)))
    expect(all).toMatchObject({ _tag: "DecodeFailed", path: "kind", expected })
    const related = Query.from(Company)
    for (const plan of [Load.selectIn(), Load.joined(), Load.json()]) {
      const failed = await database.run(Effect.flip(Load.all(related, { staff: plan })))
      expect(failed._tag).toBe("DecodeFailed")
      expect(failed.message).toContain('"employees", not "pilot"')
    }
    expect(await database.run(Database.count(Query.from(Manager)))).toBe(2)
  })
})
