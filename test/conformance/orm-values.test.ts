import { Database, Fn, Load, Mapping, Query, RuleBroken, Session } from "athanor"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import { Bill, bump, catalog, Counted, Drawn, Own, read } from "./orm-values-schema.ts"
import { secret, Served, Shift, Team, Timed } from "./orm-values-schema.ts"

const seenShift = Shift.of({ id: 1, email: "a@x" })
const bigints = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value)

/** Under a clock that stands still. */
const frozen = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Clock.Clock, (clock) =>
    Effect.provideService(
      work,
      Clock.Clock,
      Object.assign(Object.create(clock) as Clock.Clock, { currentTimeMillisUnsafe: () => 1e12 })
    )
  )
const good = { email: "ann@x", code: "ABC", begins: 1, ends: 2 }
type Given = { readonly email: string; readonly code?: string; readonly ends?: number }

/** Rows against a rule: where it says so, and what it says. */
const bad: ReadonlyArray<readonly [Given, string, string]> = [
  [{ email: secret }, "email", "an address with an @"],
  [{ email: "ann@x", code: "AB" }, "code", "a value with a length of at least 3"],
  [{ email: "ann@x", code: secret }, "code", "capitals"],
  [{ email: "ann@x", ends: 8 }, "begins, ends", "an end after its beginning"],
  [{ email: `${secret}@${secret}` }, "email", "a value with a length of at most 20"]
]

describe.each(engines)("values of entities on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
    await database.run(Database.script(bump[engine]))
  })
  beforeEach(async () => {
    await database.run(Database.run(Query.deleteFrom(Shift).everyRow()))
    await database.run(Database.run(Query.deleteFrom(Bill).everyRow()))
    await database.run(Database.run(Query.deleteFrom(Team).everyRow()))
  })
  afterAll(() => database.dispose())

  /** What it fails with, and that nothing was written on the way. */
  const refused = async (work: Effect.Effect<unknown, unknown, Database>) => {
    const before = database.sentSoFar()
    const { value, words } = await database.counting(Effect.flip(work))
    expect(words.filter((word) => word === "INSERT" || word === "UPDATE")).toEqual([])
    expect(database.sentSoFar()).toBeGreaterThanOrEqual(before)
    expect(JSON.stringify(value) + String(value)).not.toContain(secret)
    return value
  }
  const told = (entity: string, path: string, expected: string, message?: unknown) =>
    expect.objectContaining({
      _tag: "EncodeFailed",
      entity,
      path,
      expected,
      ...(message === undefined ? {} : { message })
    }) as unknown

  test("rules of columns and rows are asked in make [F129.1] [F129.2]", () => {
    for (const [given, path, rule] of bad) {
      const failure = Result.getOrThrow(Result.flip(Shift.makeResult(given)))
      expect(failure).toBeInstanceOf(RuleBroken)
      expect(failure).toMatchObject({ entity: "Shift", path, rule })
      expect(failure.message).toBe(`Shift.${path}: expected ${rule}`)
      expect(() => Shift.make(given)).toThrow(failure.message)
    }
    expect(Result.isSuccess(Shift.makeResult(good))).toBe(true)
    // NULL keeps the rule of a column; children are asked as their parents are.
    expect(Result.isSuccess(Shift.makeResult({ email: "a@b", code: null }))).toBe(true)
    expect(() => Team.make({ title: "t", shifts: [{ email: "x" }] })).toThrow("Shift.email")
  })

  test("in updates and modifications, before anything is sent [F129.1] [F129.2]", async () => {
    await database.run(Session.transact(Session.add(Shift.make(good))))
    const one = Session.one(Query.from(Shift))
    for (const [given, path, rule] of bad.slice(0, 3)) {
      for (const work of [
        Effect.flatMap(one, (shift) => Session.update(shift, given)),
        Effect.flatMap(one, (shift) => Session.modify(shift, () => given))
      ])
        expect(await refused(Session.transact(work))).toEqual(told("Shift", path, rule))
    }
    // Of a row that is known in part, the rest is what the session knows.
    const ends = Effect.flatMap(one, (shift) => Session.update(shift, { ends: 0 }))
    expect(await refused(Session.transact(ends))).toEqual(
      told("Shift", "begins, ends", "an end after its beginning")
    )
    // A refused patch is no part of the session, which goes on.
    const goesOn = Effect.gen(function* () {
      const shift = yield* one
      yield* Effect.flip(Session.update(shift, { email: "x", ends: 9 }))
      return yield* Session.update(shift, { ends: 5 })
    })
    const kept = await database.run(Session.transact(goesOn))
    expect([kept.email, kept.ends]).toEqual(["ann@x", 5])
    const hook = Session.hooks(Shift, { beforeUpdate: () => ({ email: secret }) })
    const hooked = Effect.flatMap(one, (shift) => Session.update(shift, { ends: 6 }))
    expect(
      await refused(Effect.provide(Session.transact(hooked), Session.options({ hooks: [hook] })))
    ).toEqual(told("Shift", "email", "an address with an @"))
  })

  test("in inserts, one or many, and in updates by a command [F129.1] [F129.2]", async () => {
    const many = (given: Given, count: number) =>
      Query.insert(Shift).rows([
        ...Array.from({ length: count }, (_, at) => ({ email: `a${at}@x` })),
        given
      ])
    for (const [given, path, rule] of bad) {
      expect(await refused(Database.run(Query.insert(Shift).values(given)))).toEqual(
        told("Shift", path, rule, expect.stringContaining(`${path} of Shift: expected ${rule}`))
      )
      for (const count of [2, 150]) {
        const failure = await refused(Database.run(many(given, count)))
        expect(failure).toEqual(told("Shift", `rows[${count}].${path}`, rule))
        expect(failure).toMatchObject({ rows: [count] })
      }
    }
    expect(
      await refused(
        Database.run(Query.update(Shift).set({ email: secret }).where(Shift.c.id.eq(1)))
      )
    ).toEqual(told("Shift", "email", "an address with an @"))
    expect(
      await refused(Database.run(Query.update(Shift).set({ begins: 5, ends: 5 }).everyRow()))
    ).toEqual(told("Shift", "begins, ends", "an end after its beginning"))
    // What is compared is under no rule.
    const none = Query.from(Shift).where(Shift.c.email.eq("x"))
    expect(await database.run(Database.all(none))).toEqual([])
    expect(await database.run(Database.run(many({ email: "z@x", code: "OK!" }, 150)))).toBe(151)
  })

  test("a function over each row that is read is asked once for it [F129.4]", async () => {
    const shifts = [{ email: "a@x", code: "RAW" }, { email: "b@x" }]
    await database.run(Session.transact(Session.add(Team.make({ title: "t", shifts }))))
    read.length = 0
    const all = Query.from(Shift).orderBy(Shift.c.email)
    const [a, b] = await database.run(Database.all(all))
    expect([a!.code, b!.code, read]).toEqual(["READ", null, ["a@x", "b@x"]])
    expect(Object.isFrozen(a)).toBe(true)
    for (const strategy of [true, Load.json({}), Load.joined({}), Load.selectIn({})] as const) {
      read.length = 0
      const [team] = await database.run(Load.all(Query.from(Team), { shifts: strategy as true }))
      expect(team!.shifts.map(({ code }) => code)).toEqual(["READ", null])
      expect(read.toSorted()).toEqual(["a@x", "b@x"])
    }
    read.length = 0
    await database.run(
      Session.transact(
        Effect.gen(function* () {
          const shift = yield* Session.get(Shift, a!.id)
          // From the session's memory: it was read before, and is what it was made.
          expect((yield* Session.get(Shift, a!.id)).code).toBe("READ")
          expect(read).toEqual(["a@x"])
          // What was made of it is no change.
          expect((yield* Session.plan).steps).toEqual([])
          expect((yield* Session.update(shift, { ends: 20 })).code).toBe("READ")
          expect((yield* Session.refresh(shift)).ends).toBe(20)
          expect(read).toEqual(["a@x", "a@x"])
        })
      )
    )
    const stored = Query.from(Shift).where(Shift.c.code.eq("RAW")).select(Shift.c.ends)
    expect(await database.run(Database.all(stored))).toEqual([20])
    // Many rows are read by a decoder made for them.
    const rows = Array.from({ length: 250 }, (_, at) => ({ email: `m${at}@x`, code: "RAW" }))
    await database.run(Database.run(Query.insert(Shift).rows(rows)))
    read.length = 0
    const found = await database.run(Database.all(all))
    expect(read).toHaveLength(252)
    expect(found.filter(({ code }) => code === "READ")).toHaveLength(251)
  })

  const usd = (cents: number) => ({ currency: "USD", cents })
  const eur = (cents: number) => ({ currency: "EUR", cents })
  const sold: ReadonlyArray<ReturnType<typeof usd> | null> = [
    usd(5),
    null,
    eur(900),
    usd(3),
    eur(7)
  ]

  test("one value over several columns is written, read, compared, ordered [F118.4]", async () => {
    const team = Team.make({ title: "t", bills: sold.map((sum) => Bill.sum.set(sum)) })
    await database.run(Session.transact(Session.add(team)))
    const all = Query.from(Bill)
    const sums = async (query: typeof all) =>
      (await database.run(Database.all(query))).map(({ sum }) => sum)
    const ordered = [eur(7), eur(900), usd(3), usd(5)]
    expect(await sums(all.orderBy(Bill.c.id))).toEqual(sold)
    expect(await sums(all.orderBy(...Bill.sum.asc()))).toEqual([null, ...ordered])
    expect(await sums(all.orderBy(...Bill.sum.desc()))).toEqual([...ordered.toReversed(), null])
    const where = async (condition: ReturnType<typeof Bill.sum.eq>) =>
      sums(all.where(condition).orderBy(...Bill.sum.asc()))
    const at = eur(900)
    expect(await where(Bill.sum.eq(at))).toEqual([at])
    expect(await where(Bill.sum.ne(at))).toEqual([eur(7), usd(3), usd(5)])
    expect(await where(Bill.sum.lt(at))).toEqual([eur(7)])
    expect(await where(Bill.sum.lte(at))).toEqual([eur(7), at])
    expect(await where(Bill.sum.gt(at))).toEqual([usd(3), usd(5)])
    expect(await where(Bill.sum.gte(at))).toEqual([at, usd(3), usd(5)])
    expect(await where(Bill.sum.in([usd(3), eur(1), eur(7)]))).toEqual([eur(7), usd(3)])
    expect(await where(Bill.sum.isNull())).toEqual([null])
    expect(await where(Bill.sum.parts.cents.lt(6))).toEqual([usd(3), usd(5)])
    // Under another alias, and selected as a record.
    const other = Query.alias(Bill, "other")
    const told = Query.from(other)
      .where(Bill.sum.on(other).eq(at))
      .select({ sum: Bill.sum.on(other).parts })
    expect(await database.run(Database.all(told))).toEqual([{ sum: at }])
    // In plans, by every strategy.
    const most = Load.some(Bill, { where: Bill.sum.gt(at), orderBy: Bill.sum.desc(), limit: 1 })
    const [partly] = await database.run(Load.all(Query.from(Team), { bills: most }))
    expect(partly!.bills.some.map(({ sum }) => sum)).toEqual([usd(5)])
    for (const strategy of [Load.json({}), Load.joined({}), Load.selectIn({})] as const) {
      const [whole] = await database.run(Load.all(Query.from(Team), { bills: strategy as true }))
      expect(whole!.bills.map(({ sum }) => sum)).toEqual(sold)
    }
  })

  test("it changes as one, and is absent where all its columns are NULL [F118.4]", async () => {
    const read = Session.one(Query.from(Bill))
    const seen = await database.run(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Bill.make({ ...Bill.sum.set(usd(1)) }))
          const bill = yield* read
          expect(Object.isFrozen(bill.sum)).toBe(true)
          const dearer = yield* Session.modify(bill, (now) =>
            Bill.sum.set(eur((now.sum?.cents ?? 0) + 1))
          )
          yield* Session.flush
          yield* Session.update(bill, Bill.sum.set(null))
          const free = yield* Session.refresh(bill)
          return [bill.sum, dearer.sum, free.sum, free.cents]
        })
      )
    )
    expect(seen).toEqual([usd(1), eur(2), null, null])
    await database.run(
      Database.run(
        Query.update(Bill)
          .set(Bill.sum.set(usd(9)))
          .where(Bill.sum.isNull())
      )
    )
    expect((await database.run(Database.one(Query.from(Bill)))).sum).toEqual(usd(9))
  })

  test("some of its columns alone are neither written nor read [F118.4]", async () => {
    const half = { cents: 4 }
    const whole = "all of its columns or none"
    expect(Result.getOrThrow(Result.flip(Bill.makeResult(half)))).toMatchObject({
      path: "currency, cents",
      rule: whole
    })
    expect(await refused(Database.run(Query.insert(Bill).values(half)))).toEqual(
      told("Bill", "currency, cents", whole)
    )
    await database.run(Session.transact(Session.add(Team.make({ title: "t", bills: [{}] }))))
    const cut = Effect.flatMap(Session.one(Query.from(Bill)), (bill) => Session.update(bill, half))
    expect(await refused(Session.transact(cut))).toEqual(told("Bill", "currency, cents", whole))
    await database.run(Database.run(Query.update(Bill).set(half).everyRow()))
    const reads = [
      [Database.all(Query.from(Bill)), "sum"],
      [Session.transact(Session.all(Query.from(Bill))), "sum"],
      [Database.all(Query.from(Bill).select({ of: Bill })), "of.sum"],
      [Load.all(Query.from(Team), { bills: Load.selectIn({}) as true }), "sum"],
      [Load.all(Query.from(Team), { bills: Load.json({}) as true }), "sum"]
    ] as const
    for (const [work, path] of reads) {
      const failure = await database.run(
        Effect.flip(work as Effect.Effect<unknown, unknown, Database>)
      )
      expect(failure).toMatchObject({ _tag: "DecodeFailed", path, expected: whole })
    }
  })

  const kinds = [Counted, Timed, Drawn, Own, Served] as unknown as ReadonlyArray<typeof Counted>

  test.each(kinds)("versions of $name advance with every update [F121.2]", async (Kind) => {
    const stored = async () => (await database.run(Database.one(Query.from(Kind)))).version
    const change = (title: string) =>
      Session.transact(
        Effect.flatMap(Session.one(Query.from(Kind)), (one) => Session.update(one, { title }))
      )
    await database.run(Session.transact(Session.add(Kind.make({ title: "a" }))))
    const seen: Array<unknown> = [await stored()]
    const first = await database.run(Database.one(Query.from(Kind)))
    // One session after another, and several flushes in one; a clock that stands still.
    for (const title of ["b", "c"]) {
      await database.run(frozen(change(title)))
      seen.push(await stored())
    }
    const several = Effect.gen(function* () {
      const one = yield* Session.one(Query.from(Kind))
      for (const title of ["d", "e", "f"]) {
        yield* Session.update(one, { title })
        yield* Session.flush
        seen.push(yield* Effect.map(Database.one(Query.from(Kind)), ({ version }) => version))
      }
      yield* Session.compute(one, { title: Kind.c.title.concat("!") })
      const now = yield* Session.get(Kind, one.id)
      seen.push(now.version)
      return now.title
    })
    expect(await database.run(frozen(Session.transact(several)))).toBe("f!")
    expect(await stored()).toEqual(seen.at(-1))
    const texts = seen.map((version) => JSON.stringify(version, bigints))
    expect(new Set(texts).size).toBe(7)
    if (Kind === kinds[0]) expect(seen).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n])
    if (Kind === kinds[1]) expect(texts.toSorted()).toEqual(texts)
    // What changes nothing makes no version.
    await database.run(change("f!"))
    expect(await stored()).toEqual(seen.at(-1))
    // Who comes too late, to change or to delete.
    const late = [
      Session.update(first, { title: "late" }),
      Session.compute(first, { title: Kind.c.title.concat("late") }),
      Session.delete(first)
    ]
    for (const work of late) {
      const failure = await database.run(Effect.flip(Session.transact(work)))
      expect(failure).toMatchObject({ _tag: "StaleRow", table: Kind.name.toLowerCase() })
    }
    await database.run(
      Session.transact(Effect.flatMap(Session.one(Query.from(Kind)), (one) => Session.delete(one)))
    )
    expect(await database.run(Database.count(Query.from(Kind)))).toBe(0)
  })

  test("a server's version is asked where a row is written in several parts [F121.2]", async () => {
    const add = Session.add(
      Served.make({ title: "a", code: 1 }),
      Served.make({ title: "b", code: 2 })
    )
    await database.run(Session.transact(add))
    const swap = Effect.gen(function* () {
      const [a, b] = yield* Session.all(Query.from(Served).orderBy(Served.c.id))
      yield* Session.update(a!, { code: 2 })
      yield* Session.update(b!, { code: 1, title: "c" })
    })
    await database.run(Session.transact(swap))
    const found = await database.run(Database.all(Query.from(Served).orderBy(Served.c.id)))
    expect(found.map(({ code, title }) => [code, title])).toEqual([
      [2, "a"],
      [1, "c"]
    ])
    expect(found.every(({ version }) => version > 1)).toBe(true)
    await database.run(Database.run(Query.deleteFrom(Served).everyRow()))
  })

  test("an expression is computed by the server and read back [F146.7]", async () => {
    await database.run(Session.transact(Session.add(Shift.make({ email: "ann@x", begins: 1 }))))
    const now = { begins: Shift.c.begins.add(Fn.length(Shift.c.email)) }
    const [shift, sent, seen] = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* Session.one(Query.from(Shift))
          const before = database.sentSoFar()
          // What is pending is written first: the server sees it.
          yield* Session.update(one, { email: "annabel@x" })
          const computed = yield* Session.compute(one, now)
          const count = database.sentSoFar() - before
          const again = yield* Session.compute(computed, { ...now, ends: 99 })
          // The session knows it: nothing is asked, and nothing is left to write.
          const asked = database.sentSoFar()
          const known = yield* Session.get(Shift, one.id)
          expect(database.sentSoFar()).toBe(asked)
          expect((yield* Session.plan).steps).toEqual([])
          expect(known).toEqual(again)
          return [computed, count, again] as const
        })
      )
    )
    expect([shift.begins, shift.email, seen.begins, seen.ends]).toEqual([10, "annabel@x", 19, 99])
    // Of the row alone, and one command where it gives the row back.
    expect(sent).toBeLessThanOrEqual(engine === "mariadb" ? 7 : 6)
    expect((await database.run(Database.one(Query.from(Shift)))).begins).toBe(19)
  })

  test("refused, it leaves row and session as they were [F146.7]", async () => {
    await database.run(Session.transact(Session.add(Served.make({ title: "a", code: 1 }))))
    await database.run(Session.transact(Session.add(Served.make({ title: "b", code: 2 }))))
    const kept = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const [a] = yield* Session.all(Query.from(Served).orderBy(Served.c.id))
          const failure = yield* Effect.flip(Session.compute(a!, { code: Served.c.code.add(1) }))
          const rule = yield* Effect.flip(
            Session.compute(a!, { title: "x", code: Served.c.code.add(1) })
          )
          return [failure._tag, rule._tag, (yield* Session.refresh(a!)).code] as const
        })
      )
    )
    expect(kept).toEqual(["UniqueViolation", "UniqueViolation", 1])
    const gone = Effect.gen(function* () {
      const [a] = yield* Session.all(Query.from(Served).orderBy(Served.c.id))
      yield* Session.delete(a!)
      return yield* Effect.flip(Session.compute(a!, { code: Served.c.code.add(5) }))
    })
    expect(await database.run(Session.transact(gone))).toMatchObject({ _tag: "StaleRow" })
    const draft = Served.make({ title: "new", code: 7 })
    const fresh = Effect.gen(function* () {
      yield* Session.add(draft)
      yield* Session.compute(draft, { code: Served.c.code.mul(2) })
      return (yield* Session.refresh(draft)).code
    })
    expect(await database.run(Session.transact(fresh))).toBe(14)
    await database.run(Database.run(Query.deleteFrom(Served).everyRow()))
    // @ts-expect-error no text is a number
    expect(() => Session.compute(seenShift, { begins: Shift.c.email })).toBeDefined()
    // @ts-expect-error of another entity
    expect(() => Session.compute(seenShift, { begins: Bill.c.cents.coalesce(0) })).toBeDefined()
    // @ts-expect-error NULL does not fit
    expect(() => Session.compute(seenShift, { begins: Shift.c.ends })).toBeDefined()
    // @ts-expect-error a key is never changed
    expect(() => Session.compute(seenShift, { id: Shift.c.id.add(1) })).toBeDefined()
  })

  test("a column of an expression is read with the entity, and filtered by [F118.2]", async () => {
    const bills = (sums: ReadonlyArray<number>) => sums.map((cents) => Bill.sum.set(usd(cents)))
    await database.run(
      Session.transact(
        Session.add(
          Team.make({ title: "none" }),
          Team.make({ title: "two", bills: bills([3, 9]) }),
          Team.make({ title: "one", bills: bills([5]) })
        )
      )
    )
    const shown = ({ billed, dearest, loud }: Team) => [loud, billed, dearest]
    const all = Query.from(Team).orderBy(Team.c.billed)
    const [none, one, two] = [
      ["NONE", 0, null],
      ["ONE", 1, 5],
      ["TWO", 2, 9]
    ] as const
    const teams = await database.run(Database.all(all))
    expect(teams.map(shown)).toEqual([none, one, two])
    expect(teams[0]).toBeInstanceOf(Team)
    const busy = await database.run(Database.all(all.where(Team.c.billed.gt(0))))
    expect(busy.map(shown)).toEqual([one, two])
    const loud = await database.run(Database.all(all.where(Team.c.loud.eq("ONE"))))
    expect(loud.map(shown)).toEqual([one])
    // Under an alias, by itself and within a record, absent too.
    const other = Query.alias(Team, "other")
    const aliased = Query.from(other)
      .where(other.c.dearest.gt(5))
      .select({ team: other, n: other.c.billed })
    const [record] = await database.run(Database.all(aliased))
    expect([shown(record!.team), record!.n]).toEqual([two, 2])
    const beside = Query.from(Bill)
      .leftJoin(Team, Team.c.id.eq(Bill.c.teamId).and(Team.c.billed.eq(1)))
      .select({ cents: Bill.c.cents, team: Team })
      .orderBy(Bill.c.cents)
    const joined = await database.run(Database.all(beside))
    expect(joined.map(({ team }) => (team === null ? null : shown(team)))).toEqual([
      null,
      one,
      null
    ])
    // In plans, by every strategy.
    for (const strategy of [Load.json({}), Load.joined({}), Load.selectIn({})] as const) {
      const plan = { team: strategy as true }
      const found = await database.run(Load.all(Query.from(Bill).orderBy(Bill.c.cents), plan))
      expect(found.map(({ team }) => shown(team!))).toEqual([two, one, two])
    }
    // A session has it as it was last read, and reads it again once the row was written.
    const told = await database.run(
      Session.transact(
        Effect.gen(function* () {
          const [team] = yield* Session.all(Query.from(Team).where(Team.c.title.eq("one")))
          const asked = database.sentSoFar()
          expect(shown(yield* Session.get(Team, team!.id))).toEqual(one)
          expect(database.sentSoFar()).toBe(asked)
          const named = yield* Session.update(team!, { title: "uno" })
          expect([named.title, named.billed]).toEqual(["uno", 1])
          yield* Session.add(Bill.make({ ...Bill.sum.set(usd(70)), team: team! }))
          yield* Session.flush
          const now = yield* Session.get(Team, team!.id)
          const computed = yield* Session.compute(now, { title: Team.c.title.concat("!") })
          return [shown(now), shown(computed), shown(yield* Session.refresh(team!))]
        })
      )
    )
    expect(told).toEqual([
      ["UNO", 2, 70],
      ["UNO!", 2, 70],
      ["UNO!", 2, 70]
    ])
    // It is part of the value, and of no write.
    const [first] = teams
    expect(Result.getOrThrow(Team.fromJson(JSON.parse(JSON.stringify(first))))).toEqual(first)
    expect(Team.of({ id: 1, title: "x", billed: 0, dearest: null, loud: "X" }).billed).toBe(0)
    // @ts-expect-error it is not written
    expect(() => Team.make({ title: "x", billed: 1 })).toThrow("neither a column nor a relation")
    // @ts-expect-error nor changed
    expect(() => Query.update(Team).set({ billed: 1 })).toThrow('has no column "billed"')
    expect(Mapping.describe(Team).columns.billed).toMatchObject({ computed: true })
    expect(Mapping.faults({ Team, Bill, Shift })).toEqual([])
  })
})
