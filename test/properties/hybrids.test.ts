import { Catalog, Column, Database, Entity, Expr, Fn, Query } from "athanor"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { StatementError } from "../../src/algebra/StatementError.ts"
import { definedBy } from "../../src/mapping/EntityExpr.ts"
import { connect, engines } from "../runtime/databases.ts"
import { type Draw, drawn, many, pick } from "./support/draw.ts"
import { caughtOn, timeFor, upheldOn } from "./support/law.ts"

const columns = {
  id: Column.id(),
  a: Column.integer(),
  b: Column.integer().nullable(),
  big: Column.bigint().nullable(),
  real: Column.double().nullable(),
  s: Column.varchar(20),
  t: Column.text().nullable(),
  kind: Column.enum(["low", "High", "mid"]).nullable(),
  yes: Column.boolean().nullable()
}
class Thing extends Entity<Thing>()("things", columns) {}

const texts = ["", "a", "A", "ab", "b ", " b", "é", "\uffff", "𝄞", "%_'\\"]
const numbers = [0, 1, -1, 2, 7, -40, 99]
const bigs = [0n, 1n, -3n, 9007199254740993n]
const reals = [0, 0.5, -0.5, 1e300, 7]

/** Each column with each of its values, NULL among them, in many combinations. */
const rows = Array.from({ length: 30 }, (_, i) => {
  const of = <A>(values: ReadonlyArray<A>, step: number): A => values[(i * step) % values.length]!
  return {
    a: of(numbers, 3),
    b: of([null, ...numbers], 5),
    big: of([null, ...bigs], 2),
    real: of([null, ...reals], 5),
    s: of(texts, 3),
    t: of([null, ...texts], 7),
    kind: of([null, "low", "High", "mid"] as const, 3),
    yes: of([null, true, false], 2)
  }
})

type E<A> = Expr.Expr<A, "things">
const c = Thing.c as { readonly [K in keyof typeof columns]: E<never> }
type Anything = Expr.Expr<any, any>

const column = (draw: Draw, keys: ReadonlyArray<keyof typeof columns>): Anything =>
  c[pick(draw, keys)]

const whole = (draw: Draw, depth: number): Anything => {
  const leaf = () => column(draw, ["a", "b"])
  if (depth === 0) return leaf()
  return draw.span("whole", () =>
    pick(draw, [
      leaf,
      () => whole(draw, depth - 1).add(pick(draw, numbers)),
      () => whole(draw, depth - 1).sub(whole(draw, depth - 1)),
      () => whole(draw, depth - 1).mul(whole(draw, depth - 1)),
      () => whole(draw, depth - 1).neg(),
      () => whole(draw, depth - 1).coalesce(whole(draw, depth - 1)),
      () =>
        Expr.when(condition(draw, depth - 1), whole(draw, depth - 1)).else(whole(draw, depth - 1))
    ])()
  )
}

const text = (draw: Draw, depth: number): Anything => {
  const leaf = () => column(draw, ["s", "t"])
  if (depth === 0) return leaf()
  return draw.span("text", () =>
    pick(draw, [
      leaf,
      () => text(draw, depth - 1).concat(pick(draw, texts)),
      () => text(draw, depth - 1).concat(text(draw, depth - 1)),
      () => text(draw, depth - 1).coalesce(text(draw, depth - 1)),
      () => Fn.concatWs(pick(draw, texts), text(draw, depth - 1), text(draw, depth - 1)),
      () => Expr.when(condition(draw, depth - 1), text(draw, depth - 1)).else(null)
    ])()
  )
}

const compared = (draw: Draw, left: Anything, right: unknown): Anything => {
  const op = pick(draw, ["eq", "ne", "lt", "lte", "gt", "gte", "same"] as const)
  return (left as unknown as Record<string, (that: unknown) => Anything>)[op]!(right)
}

const condition = (draw: Draw, depth: number): Anything => {
  const leaf = () => column(draw, ["yes"])
  if (depth === 0) return leaf()
  const inner = () => condition(draw, depth - 1)
  return draw.span("condition", () =>
    pick(draw, [
      leaf,
      () => compared(draw, whole(draw, depth - 1), whole(draw, depth - 1)),
      () => compared(draw, whole(draw, depth - 1), pick(draw, numbers)),
      () => compared(draw, column(draw, ["big"]), pick(draw, bigs)),
      () => compared(draw, column(draw, ["real"]), pick(draw, reals)),
      () => compared(draw, text(draw, depth - 1), text(draw, depth - 1)),
      () => compared(draw, text(draw, depth - 1), pick(draw, texts)),
      () => compared(draw, column(draw, ["kind"]), "mid"),
      () => inner().and(inner()),
      () => inner().or(inner()),
      () => inner().not(),
      () => whole(draw, depth - 1).isNull(),
      () => text(draw, depth - 1).isNotNull(),
      () => text(draw, depth - 1).in(many(draw, "item", 1, 3, () => pick(draw, texts))),
      () => whole(draw, depth - 1).in(many(draw, "item", 0, 3, () => pick(draw, numbers))),
      () => whole(draw, depth - 1).between(pick(draw, numbers), pick(draw, numbers))
    ])()
  )
}

const cases = drawn((draw) =>
  many(draw, "expression", 1, 8, () =>
    pick(draw, [whole, text, condition])(draw, pick(draw, [1, 2, 3]))
  )
)

type Interpreter = (row: Thing) => unknown
const interpreter = (one: Anything): Interpreter =>
  (definedBy(Thing, () => one, { portable: true }) as { readonly of: Interpreter }).of

/** A number no column holds is refused on both sides: such an expression says nothing. */
const holds = (of: Interpreter, things: ReadonlyArray<Thing>): boolean => {
  try {
    things.forEach(of)
    return true
  } catch (error) {
    if (error instanceof StatementError && error.message.includes("out of range")) return false
    throw error
  }
}

describe.each(engines)("hybrids on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  let things: ReadonlyArray<Thing>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Thing })))
    await database.run(Database.run(Query.insert(Thing).rows(rows)))
    things = await database.run(Database.all(Query.from(Thing).orderBy(Thing.c.id)))
  })
  afterAll(() => database.dispose())

  const agrees =
    (interpreted: (one: Anything) => Interpreter) =>
    async (drawnOnes: ReadonlyArray<Anything>): Promise<boolean> => {
      const ones = drawnOnes.filter((one) => holds(interpreter(one), things))
      if (ones.length === 0) return true
      const named = Object.fromEntries(ones.map((one, i) => [`e${i}`, one]))
      const query = Query.from(Thing).orderBy(Thing.c.id).select(named)
      const said = await database.run(Database.all(query))
      const meant = things.map((thing) =>
        Object.fromEntries(ones.map((one, i) => [`e${i}`, interpreted(one)(thing)]))
      )
      expect(meant).toEqual(said)
      return true
    }

  test(
    "what is computed of a value is what the database computes of its row [F119.1]",
    async () => {
      expect(things.map(({ id: _, ...row }) => ({ ...row }))).toEqual(rows)
      await upheldOn(cases, agrees(interpreter), 150)
    },
    timeFor(120_000)
  )

  test(
    "a twin to which NULL makes every expression NULL is caught",
    async () => {
      const twin =
        (one: Anything): Interpreter =>
        (thing) => {
          const of = interpreter(one)
          const isUnknown = thing.b === null && of(thing) !== null
          return isUnknown && of(Object.assign({}, thing, { b: 1 })) !== of(thing)
            ? null
            : of(thing)
        }
      const examples = [[c.a.add(c.b as never), c.s.concat("x" as never)]] as ReadonlyArray<
        ReadonlyArray<Anything>
      >
      const law = agrees(twin)
      const verdict = (ones: ReadonlyArray<Anything>) => law(ones).catch(() => false)
      await caughtOn("NULL is catching", cases, verdict, examples)
    },
    timeFor(120_000)
  )
})
