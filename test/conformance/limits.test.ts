import {
  Catalog,
  Column,
  Database,
  Expr,
  Fn,
  Policy,
  Query,
  sql,
  StatementError,
  Table,
  Type
} from "athanor"
import { audit, capabilities, compile, lint, readable } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { dialects, engines, useDatabase } from "./support.ts"

const things = Table.make("things", {
  id: Column.id(),
  n: Column.integer(),
  name: Column.text().nullable()
})
const cells = Table.make("cells", {
  a: Column.integer(),
  b: Column.integer(),
  c: Column.integer(),
  bytes: Column.bytes().nullable()
})
const { id, n, name } = things.c
const rows = [
  { n: 1, name: "a" },
  { n: 2, name: null }
]

type Select = Query.Select<any, never, any>
type Numbers = Query.Select<{ readonly n: number }, never, any>

const list = <A>(length: number, f: (i: number) => A): ReadonlyArray<A> =>
  Array.from({ length }, (_, i) => f(i))

const times = <A>(count: number, first: A, f: (one: A, i: number) => A): A => {
  let one = first
  for (let i = 0; i < count; i++) one = f(one, i)
  return one
}

const numbers: Numbers = Query.from(things).select({ n })

/** The rows of a query that stand in another. */
const from = (query: Numbers, i: number): Numbers => {
  const inner = query.limit(10).as(`d${i}`)
  return Query.from(inner).select({ n: inner.c.n })
}

/** What nests, `depth` deep. */
const nested: Readonly<Record<string, (depth: number) => Select>> = {
  "a condition in AND in OR": (depth) =>
    Query.from(things).where(
      times<Expr.Expr<boolean, "things">>(depth, n.ne(1), (one, i) =>
        i % 2 === 0 ? one.or(n.eq(i)) : one.and(n.ne(i))
      )
    ),
  "a predicate of a predicate": (depth) =>
    Query.from(things).where(
      times<Expr.Expr<boolean, never>>(depth, Expr.value(1, Type.integer).eq(1), (one) =>
        one.same(false)
      )
    ),
  "arithmetic, from the left": (depth) =>
    Query.from(things).select({
      n: times<Expr.Expr<number, "things">>(depth, n, (one) => one.add(1))
    }),
  "arithmetic, from the right": (depth) =>
    Query.from(things).select({
      n: times<Expr.Expr<number, "things">>(depth, n, (one) => n.sub(one))
    }),
  concatenation: (depth) =>
    Query.from(things).select({
      n: times<Expr.Expr<string | null, "things">>(depth, name, (one) => one.concat("x"))
    }),
  "a function": (depth) =>
    Query.from(things).select({
      n: times<Expr.Expr<string | null, "things">>(depth, name, (one) => Fn.upper(one))
    }),
  "raw SQL": (depth) =>
    Query.from(things).select({
      n: times<Expr.Expr<number | null, "things">>(
        depth,
        n,
        (one) => sql(Type.integer)`(${one} + 1)`
      )
    }),
  "a cast": (depth) =>
    Query.from(things).select({
      n: times<Expr.Expr<number, "things">>(depth, n, (one) =>
        one.cast(Type.bigint).cast(Type.integer)
      )
    }),
  "CASE in its result": (depth) =>
    Query.from(things).select({
      n: times<Expr.Expr<number, "things">>(depth, n, (one, i) => Expr.when(n.gt(i), one).else(0))
    }),
  "CASE in its condition": (depth) =>
    Query.from(things).select({
      n: times<Expr.Expr<number, "things">>(depth, n, (one) => Expr.when(one.gt(0), 1).else(0))
    }),
  "a query in FROM": (depth) => times(depth, numbers, from),
  "a query in IN": (depth) =>
    times<Numbers>(depth, numbers, (inner, i) => {
      const outer = Query.alias(things, `a${i}`)
      return Query.from(outer).where(outer.c.n.in(inner)).select({ n: outer.c.n })
    }),
  "a query in EXISTS": (depth) =>
    times<Numbers>(depth, numbers, (inner, i) => {
      const outer = Query.alias(things, `a${i}`)
      return Query.from(outer).where(inner.exists()).select({ n: outer.c.n })
    }),
  "a query for a value": (depth) =>
    times<Query.Select<any, never, any>>(depth, numbers, (inner, i) => {
      const outer = Query.alias(things, `a${i}`)
      return Query.from(outer).select({ n: inner.limit(1).scalar() })
    }),
  "set operations": (depth) =>
    times<Numbers>(depth, numbers, (one, i) =>
      i % 2 === 0 ? numbers.except(one) : one.union(numbers)
    ),
  "LIMIT upon LIMIT": (depth) =>
    times<Select>(depth, Query.from(things).orderBy(id), (one) => one.limit(10).distinct())
}

/** What is wide: each its own answer. */
const wide: Readonly<Record<string, () => Select>> = {
  "AND of 10,000": () =>
    Query.from(things)
      .where(Expr.and(...list(10_000, (i) => n.ne(i + 2))))
      .select({ n }),
  "OR of 10,000": () =>
    Query.from(things)
      .where(Expr.or(...list(10_000, (i) => n.eq(i + 2))))
      .select({ n }),
  "AND upon AND, 10,000 times": () =>
    Query.from(things)
      .where(times<Expr.Expr<boolean, "things">>(10_000, n.ne(0), (one, i) => one.and(n.ne(i + 3))))
      .select({ n }),
  "WHERE upon WHERE, 10,000 times": () =>
    times<Select>(10_000, Query.from(things).select({ n }), (one, i) => one.where(n.ne(i + 3))),
  "CASE of 5,000": () =>
    Query.from(things).select({
      n: times(5_000, Expr.when(n.eq(-1), 0), (one, i) => one.when(n.eq(i), i)).else(0)
    }),
  "IN of 30,000": () =>
    Query.from(things)
      .where(n.in(list(30_000, (i) => i)))
      .select({ n })
}

/** A typed failure's tag, or that there was an answer; a defect fails the test. */
type Said = "answered" | "Unsupported" | "QueryTooComplex"

/** Whatever a program may do with a statement before it runs it. */
const asked = (statement: Select): void => {
  for (const dialect of dialects) compile(statement, dialect)
  compile(statement, "postgres", {
    policies: [Policy.softDelete("gone", { byColumn: true })],
    pretty: true
  })
  readable(statement, "sqlite")
  lint(statement)
  audit(statement)
}

/** A statement, or null where it is refused as it is built. */
const built = (make: () => Select): Select | null => {
  try {
    return make()
  } catch (error) {
    if (error instanceof StatementError) return null
    throw error
  }
}

describe("before a database", () => {
  test.each(Object.entries(nested))("%s, a thousand deep and more", (title, make) => {
    asked(make(1_000))
    // Scopes of queries in queries are looked up through each other.
    const deeper = built(() => make(title.startsWith("a query") ? 1_500 : 10_000))
    if (deeper !== null) asked(deeper)
  })

  test.each(Object.entries(wide))("%s", (_, make) => {
    asked(make())
  })
})

describe.each(engines)("limits on %s", (engine) => {
  const { all, failure, fill, run } = useDatabase(engine, { things, cells })

  const outcome = (query: Select): Promise<Said> =>
    run(
      Database.all(query).pipe(
        Effect.as("answered" as const),
        Effect.catchTag(["Unsupported", "QueryTooComplex"], ({ _tag }) => Effect.succeed(_tag))
      )
    )
  const alive = async () => expect(await all(numbers.orderBy(id))).toEqual([{ n: 1 }, { n: 2 }])

  test("rows to read", async () => {
    await fill("things", rows)
    await alive()
  })

  test.each(Object.entries(nested))(
    "%s: 1,000 deep is an answer or a typed refusal, and less an answer",
    async (_, make) => {
      expect(await outcome(make(1_000))).toBe("Unsupported")
      for (const depth of [210, 440])
        expect(["answered", "Unsupported", "QueryTooComplex"]).toContain(await outcome(make(depth)))
      expect(await outcome(make(20))).toBe("answered")
      await alive()
    }
  )

  test.each(Object.entries(wide))("%s is answered", async (title, make) => {
    expect(await all(make())).toHaveLength(/^(AND|OR) of/.test(title) ? 1 : 2)
    await alive()
  })

  test("a chain of common table expressions is an answer or too deep", async () => {
    const chain = (length: number): Numbers =>
      times<Numbers>(length, numbers, (one, i) => {
        const cte = one.cte(`c${i}`)
        return Query.from(cte).select({ n: cte.c.n })
      })
    asked(chain(1_000))
    expect(await all(chain(50))).toHaveLength(2)
    // PostgreSQL answers 1,000 as well, after a minute of planning.
    const said = await outcome(chain(engine === "postgres" ? 200 : 1_000))
    expect(said).toBe(engine === "postgres" ? "answered" : "QueryTooComplex")
    await alive()
  })

  test("a step that is too complex is told as that, also where it is read twice", async () => {
    const wide = times<Numbers>(400, numbers, (one) => one.unionAll(numbers)).cte("wide")
    const one = Query.alias(wide, "one")
    const two = Query.alias(wide, "two")
    const three = Query.alias(wide, "three")
    const reached = Query.recursive("reached", numbers.where(n.lt(0)), (above) =>
      Query.from(above)
        .join(wide, wide.c.n.eq(above.c.n))
        .join(one, one.c.n.eq(above.c.n))
        .join(two, two.c.n.eq(above.c.n))
        .join(three, three.c.n.eq(above.c.n))
        .select({ n: above.c.n })
    )
    const again = Query.alias(reached, "again")
    const twice = Query.from(reached).join(again, again.c.n.eq(reached.c.n))
    const said = await outcome(twice.select({ n: reached.c.n }))
    expect(said).toBe(engine === "sqlite" ? "QueryTooComplex" : "answered")
    await alive()
  })

  test("a recursion that is read too often is told as that", async () => {
    const one = Query.select({ n: Expr.value(1, Type.integer) })
    const other = one.cte("other")
    const reached = Query.recursive("reached", one, (above) =>
      Query.from(above).crossJoin(other).where(above.c.n.lt(0)).select({ n: above.c.n })
    )
    const again = Query.alias(reached, "again")
    const pairs = Query.from(reached)
      .join(again, again.c.n.eq(reached.c.n))
      .select({ n: reached.c.n })
    // Which one of its queries a statement goes beyond the limit with depends on their number.
    for (const arms of [40, 166, 167, 168]) {
      const said = await outcome(times<Numbers>(arms - 1, pairs, (one) => one.unionAll(pairs)))
      const isMany = engine === "sqlite" && arms > 166
      expect([arms, said]).toEqual([arms, isMany ? "QueryTooComplex" : "answered"])
    }
    await alive()
  })

  test("what doubles with every step is refused where it is built", async () => {
    const doubled = (steps: number) =>
      times<Expr.Expr<number, "things">>(steps, n, (one) => one.add(one))
    const refused = () => doubled(60)
    expect(refused).toThrow(StatementError)
    expect(refused).toThrow("characters of structure")
    expect(() =>
      times<Numbers>(60, numbers, (one, i) => {
        const [a, b] = [one.as(`a${i}`), one.as(`b${i}`)]
        return Query.from(a).join(b, a.c.n.eq(b.c.n)).select({ n: a.c.n })
      })
    ).toThrow(StatementError)
    asked(Query.from(things).select({ n: doubled(12) }))
    expect(await all(Query.from(things).where(id.eq(1)).select(doubled(8)))).toEqual([256])
  })

  test("as many parameters as a statement takes, and one more", async () => {
    const limit = capabilities(engine).maxParameters
    // Three values a row: 32,766 and 65,535 are both so many.
    const insert = Query.insert(cells).rows(list(limit / 3, (a) => ({ a, b: a, c: a })))
    expect(await run(Database.run(insert))).toBe(limit / 3)
    // Rows of an insert go in as many statements as they need; a query is one.
    // 127 times 258 and 255 times 257.
    const width = limit === 32_766 ? 127 : 255
    const wide = <A>(one: A) => Object.fromEntries(list(width, (at) => [`c${at}`, one]))
    const rows = list(limit / width, (at) => wide(at))
    const listed = Query.values(wide(Type.integer), rows).as("listed")
    const first = listed.c["c1"]!
    expect(await all(Query.from(listed).select(first))).toHaveLength(limit / width)
    const oneMore = Query.from(listed).where(first.gt(1)).select(first)
    expect(await failure(Database.all(oneMore))).toMatchObject({
      _tag: "TooManyParameters",
      count: limit + 1,
      limit,
      transaction: "alive",
      message: expect.stringContaining(`${limit + 1} parameters`)
    })
    expect(compile(oneMore, engine)).toMatchObject({
      capability: "maxParameters",
      exceeded: { count: limit + 1, limit }
    })
    const numbered = Query.from(cells).where(cells.c.a.gte(0)).select(Fn.count())
    expect(await all(numbered)).toEqual([limit / 3])
    await alive()
  })

  test("few rows of many columns are as many statements as their values need", async () => {
    const others = list(900, (at) => [`c${at}`, Column.integer().nullable()] as const)
    const wide = Table.make("wide", {
      id: Column.integer().primaryKey(),
      last: Column.integer().nullable(),
      ...(Object.fromEntries(others) as object)
    })
    await run(Database.create(Catalog.make({ wide })))
    const rowAt = (id: number) => ({ id, last: id, ...(id < 900 && { [`c${id}`]: id }) })
    const insert = Query.insert(wide).rows(list(100, rowAt))
    expect(await run(Database.run(insert))).toBe(100)
    const later = Query.insert(wide).rows(list(100, (at) => rowAt(at + 100)))
    const back = await run(Database.all(later.returning(wide.c.id)))
    expect(back).toEqual(list(100, (at) => at + 100))
    const held = Query.from(wide).where(wide.c.id.eq(107)).select(wide.c.last)
    expect(await all(held)).toEqual([107])
    await alive()
  })

  test("lists of as many values as a statement takes, and of more", async () => {
    const many = (length: number, first = 0) => list(length, (i) => first + i)
    for (const length of [32_766, 32_768, 65_535, 65_536, 100_000]) {
      const numbers = Query.from(things)
        .where(n.in(many(length)))
        .select({ n })
      expect(await all(numbers)).toHaveLength(2)
      const others = n.in(many(length, 2)).not()
      expect(await all(Query.from(things).where(others).select({ n }))).toEqual([{ n: 1 }])
      const texts = [...list(length - 1, String), "a"]
      const unsure = Query.from(things).where(name.in(texts).isNull()).select({ name })
      expect(await all(unsure)).toEqual([{ name: null }])
      const named = Query.from(things).where(name.in(texts)).select({ name })
      expect(await all(named)).toEqual([{ name: "a" }])
    }
    const both = n.in(many(40_000)).and(id.in(many(40_000, 10)).not())
    expect(await all(Query.from(things).where(both).select({ n }))).toHaveLength(2)
    // What JSON does not carry has a place for each value.
    const bytes = list(capabilities(engine).maxParameters, (i) => Uint8Array.of(i >> 8, i & 255))
    const held = Query.from(cells).where(cells.c.bytes.in(bytes)).select(cells.c.a)
    const row = { a: -1, b: 0, c: 0, bytes: Uint8Array.of(1, 2) }
    await run(Database.run(Query.insert(cells).values(row)))
    expect(await all(held)).toEqual([-1])
    await alive()
  })

  test("texts of a megabyte, wherever a text may be", async () => {
    const long = "x".repeat(1_048_576)
    const stored = Query.insert(things).values({ n: 5, name: long }).returning(name)
    expect(await run(Database.one(stored))).toBe(long)
    const compared = Query.from(things).where(name.eq(long)).select({ n, name })
    expect(await all(compared)).toEqual([{ n: 5, name: long }])
    expect(
      await all(
        Query.from(things)
          .where(n.eq(5))
          .select(Fn.length(name.concat(long)))
      )
    ).toEqual([2_097_152])
    const liked = await outcome(Query.from(things).where(name.like(long)))
    expect(liked).toBe(engine === "sqlite" ? "QueryTooComplex" : "answered")
    expect(
      await all(
        Query.from(things)
          .where(n.eq(5))
          .select({ [long]: n })
      )
    ).toEqual([{ [long]: 5 }])
    const named = Query.from(things)
      .where(n.eq(Expr.param(long, Type.integer)))
      .select({ n })
    expect(await run(Database.all(named, { [long]: 5 }))).toEqual([{ n: 5 }])
    expect(() => compile(Query.from(Query.alias(things, long)), engine)).toThrow(StatementError)
    await run(Database.run(Query.deleteFrom(things).where(n.eq(5))))
    await alive()
  })
})
