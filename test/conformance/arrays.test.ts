import { Catalog, Column, Database, Expr, Fn, LocalDate, Query, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { text } from "../algebra/typeCases.ts"
import { refusalOf, textOf, useDatabase } from "./support.ts"

const posts = Table.make("posts", {
  id: Column.id(),
  title: Column.text(),
  tags: Column.make(Type.array(Type.text)),
  words: Column.make(Type.array(Type.varchar(5), { nulls: true })).nullable(),
  scores: Column.make(Type.array(Type.integer, { nulls: true })).nullable(),
  smalls: Column.make(Type.array(Type.smallint)).nullable(),
  board: Column.make(Type.array(Type.array(Type.integer))).nullable()
})
const { board, id, scores, smalls, tags, title, words } = posts.c

const rows = [
  {
    title: "a",
    tags: ["sql", "effect"],
    words: ["a", null],
    scores: [1, 2, null, 2],
    smalls: [1, 2],
    board: [
      [1, 2, 3],
      [4, 5, 6]
    ]
  },
  { title: "b", tags: [], words: [], scores: [], smalls: [3], board: [] },
  { title: "c", tags: ["SQL", 'a "b"', "{x,y}", "NULL", "", "\\", "é😀"] },
  { title: "d", tags: ["effect"], words: null, scores: [3], smalls: [2, 1], board: [[7]] }
]

const nested = Type.array(Type.array(Type.array(Type.text)))
const document = Type.json(Schema.Struct({ a: Schema.Number }))
const big = BigDecimal.fromStringUnsafe

/** Arrays of each element type. */
const kept: ReadonlyArray<readonly [type: Type.ArrayType<any>, values: ReadonlyArray<any>]> = [
  [Type.array(Type.smallint), [[-32_768, 32_767]]],
  [Type.array(Type.integer), [[], [0], [1, -1]]],
  [Type.array(Type.bigint), [[2n ** 63n - 1n, -(2n ** 63n)]]],
  [Type.array(Type.double), [[0.1, -1.5, 1e300, 5e-324]]],
  [Type.array(Type.numeric(30, 4)), [[big("0.0001"), big("-99999999999999999999999999.9999")]]],
  [Type.array(Type.varchar(3)), [["abc", ""]]],
  [Type.array(Type.text), [["", " ", "NULL", "null", '"', "\\", "{", "}", ",", "a,b", "é😀\n"]]],
  [Type.array(Type.boolean), [[true, false]]],
  [Type.array(Type.bytes), [[new Uint8Array(), Uint8Array.of(0, 34, 92, 255)]]],
  [Type.array(Type.uuid), [["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]]],
  [Type.array(Type.date), [[LocalDate.make(1, 1, 1), LocalDate.make(9999, 12, 31)]]],
  [Type.array(Type.timestamp()), [[DateTime.makeUnsafe("2024-02-29T12:00:00.001Z")]]],
  [Type.array(document), [[{ a: 1 }, { a: -2.5 }]]],
  [Type.array(Type.enumeration(["x", "it's"])), [["x", "it's"]]],
  [Type.array(Type.text, { nulls: true }), [[null], ["NULL", null, "a"]]],
  [nested, [[], [[["a"]]], [[["a", "b"]], [["c", 'd"']]]]]
]

const plain = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(plain)
    : BigDecimal.isBigDecimal(value)
      ? BigDecimal.format(BigDecimal.normalize(value))
      : value

describe("arrays on postgres", () => {
  const { agrees, all, failure, fill, run } = useDatabase("postgres", { posts })

  test("of each element type, empty, with nulls and nested, come back [F106.1]", async () => {
    for (const [type, values] of kept) {
      for (const value of values) {
        const [back] = await all(Query.select({ value: Expr.value(value, type) }))
        expect(plain(back!.value)).toEqual(plain(value))
        expect(plain(type.codec.json.decode(type.codec.json.encode(value)))).toEqual(plain(value))
      }
    }
    await fill("posts", rows)
    expect(
      await agrees(Query.from(posts).orderBy(id).select({ tags, words, scores, board }))
    ).toMatchObject([
      { tags: ["sql", "effect"], words: ["a", null], scores: [1, 2, null, 2] },
      { tags: [], words: [], scores: [], board: [] },
      { tags: rows[2]!.tags, words: null, scores: null, board: null },
      { board: [[7]] }
    ])
  })

  test("any lists of any texts come back as they are", async () => {
    const type = Type.array(Type.text, { nulls: true })
    const lists = fc.array(fc.option(text), { maxLength: 5 })
    const square = fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.array(text, { minLength: 9, maxLength: 9 }))
      .map(([width, all]) => [0, 1, 2].map((i) => all.slice(i * width, (i + 1) * width)))
    await fc.assert(
      fc.asyncProperty(fc.array(lists, { maxLength: 20 }), square, async (several, nested) => {
        const asked = several.map((value, i) => [`l${i}`, Expr.value(value, type)] as const)
        const values = Query.select({
          nested: Expr.value(nested, Type.array(Type.array(Type.text))),
          ...Object.fromEntries(asked)
        })
        const [row] = await all(values)
        expect(Object.values(row!)).toEqual([nested, ...several])
      }),
      { numRuns: 100 }
    )
  })

  test("an element by its place from 1 or from 0, a slice, nothing outside [F106.2]", async () => {
    const [first] = await agrees(
      Query.from(posts)
        .orderBy(id)
        .select({
          first: Fn.arrayElement(tags, 1),
          zero: tags.at(0),
          second: tags.at(1),
          beyond: tags.at(7),
          by: Fn.arrayElement(tags, id),
          nothing: Fn.arrayElement(scores, 3),
          square: Fn.arrayElement(board, 2, 3),
          same: board.at(1, 2),
          slice: Fn.arraySlice(tags, 2),
          inner: Fn.arraySlice(scores, 2, 3),
          none: Fn.arraySlice(scores, 9, 12),
          rows: Fn.arraySlice(board, 2)
        })
    )
    expect(first).toEqual({
      first: "sql",
      zero: "sql",
      second: "effect",
      beyond: null,
      by: "sql",
      nothing: null,
      square: 6,
      same: 6,
      slice: ["effect"],
      inner: [2, null],
      none: [],
      rows: [[4, 5, 6]]
    })
  })

  test("contains, contained, overlaps, concatenation, length, position [F106.3]", async () => {
    const asked = Query.from(posts)
      .orderBy(id)
      .select({
        has: Fn.arrayContains(tags, ["sql"]),
        all: Fn.arrayContains(tags, []),
        within: Fn.arrayContainedBy(tags, ["sql", "effect", "more"]),
        some: Fn.arrayOverlaps(tags, ["effect", "x"]),
        nulls: Fn.arrayContains(scores, scores),
        mixed: Fn.arrayContains(scores, smalls),
        texts: Fn.arrayOverlaps(words, tags),
        long: Fn.arrayContains(words, ["longer than five"]),
        more: Fn.arrayConcat(tags, ["z"]),
        sum: Fn.arrayConcat(smalls, scores),
        added: Fn.arrayAppend(tags, "z"),
        before: Fn.arrayPrepend(scores, null),
        less: Fn.arrayRemove(scores, 2),
        whole: Fn.arrayRemove(scores, null),
        other: Fn.arrayReplace(scores, null, 0),
        put: Fn.arrayPut(scores, 2, 9),
        far: Fn.arrayPut(scores, 6, 9),
        place: Fn.arrayPosition(tags, "effect"),
        empty: Fn.arrayPosition(scores, null),
        length: Fn.arrayLength(tags),
        boardRows: Fn.arrayLength(board),
        squares: Fn.arrayCardinality(board)
      })
    const [first, second] = await agrees(asked)
    expect(first).toMatchObject({ has: true, nulls: false, more: ["sql", "effect", "z"] })
    expect(first).toMatchObject({ less: [1, null], whole: [1, 2, 2], squares: 6, boardRows: 2 })
    expect(first).toMatchObject({ far: [1, 2, null, 2, null, 9], place: 2, empty: 3 })
    expect(second).toMatchObject({ all: true, length: 0, boardRows: 0 })
    expect(second).toMatchObject({ far: [null, null, null, null, null, 9] })
    await agrees(
      Query.from(posts)
        .where(Fn.arrayOverlaps(tags, ["SQL", "effect"]).and(Fn.arrayLength(tags).gt(1)))
        .select({ id })
    )
  })

  test("any and all of an array are membership and its negation [F52.3 F106.3]", async () => {
    const sql = Expr.value("sql", Type.text)
    for (const side of [
      sql.eq(Expr.any(tags)),
      sql.ne(Expr.all(tags)),
      sql.eq(Expr.any(tags)).not(),
      Expr.any(tags).eq("effect"),
      Expr.value(2, Type.integer).eq(Expr.any(scores)),
      Expr.value(2, Type.integer).ne(Expr.all(scores)),
      Expr.value(1, Type.integer).lt(Expr.any(scores)),
      Expr.all(scores).gte(1),
      Expr.value("a", Type.text).eq(Expr.any(words)),
      sql.eq(Expr.any(Expr.value(["sql", "x"], Type.array(Type.text)))),
      sql.eq(Expr.any(Fn.arrayAppend(tags, "sql")))
    ])
      await agrees(Query.from(posts).orderBy(id).select({ id, side }))
    const one = Query.from(posts).where(id.eq(1)).select(tags).scalar()
    expect(await all(Query.select({ found: sql.eq(Expr.any(one)) }))).toEqual([{ found: true }])
    const listed = await agrees(
      Query.from(posts)
        .where(Expr.value("effect", Type.text).in(["effect"]))
        .orderBy(id)
        .select(id)
    )
    expect(listed).toEqual([1, 2, 3, 4])
  })

  test("is built of expressions and by aggregation [F106.4]", async () => {
    const built = await agrees(
      Query.from(posts)
        .orderBy(id)
        .select({
          pair: Fn.array([id, Fn.arrayLength(tags)]),
          rows: Fn.array([Fn.array([id, id]), Fn.array([id, id])]),
          texts: Fn.array([title, Expr.value("x", Type.varchar(3))])
        })
    )
    expect(built[0]).toEqual({
      pair: [1, 2],
      rows: [
        [1, 1],
        [1, 1]
      ],
      texts: ["a", "x"]
    })
    const length = Fn.arrayLength(tags)
    const grouped = Query.from(posts)
      .groupBy(length)
      .select({
        length,
        titles: Fn.arrayAgg(title, title.desc()),
        seconds: Fn.arrayAgg(Fn.arrayElement(scores, 2), id),
        late: Fn.arrayAgg(id, id).filter(id.gt(2)),
        distinct: Fn.arrayAgg(length, length).distinct()
      })
    await agrees(grouped)
    const ids = Fn.arrayAgg(id, id)
    const [row] = await all(Query.from(posts).select({ ids, none: ids.filter(id.lt(0)) }))
    expect(row).toEqual({ ids: [1, 2, 3, 4], none: null })
    const running = Fn.arrayAgg(id).over({ orderBy: id })
    expect(await all(Query.from(posts).orderBy(id).select(running))).toEqual([
      [1],
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4]
    ])
    const typed = Fn.arrayAgg(id, id).cast(Type.array(Type.integer))
    expect(await all(Query.from(posts).select(typed))).toEqual([[1, 2, 3, 4]])
  })

  test("an outer join's absent rows are NULL elements, and a cast refuses them", async () => {
    const other = Query.alias(posts, "other")
    const joined = Query.from(posts).leftJoin(other, other.c.id.eq(id.add(3)))
    const titles = Fn.arrayAgg(other.c.title, id)
    expect(await all(joined.select(titles))).toEqual([["d", null, null, null]])
    const strict = joined.select(titles.cast(Type.array(Type.text)))
    expect(await failure(Database.all(strict))).toMatchObject({ _tag: "DecodeFailed" })
  })

  test("compared, sorted and grouped as a whole", async () => {
    await agrees(
      Query.from(posts)
        .where(tags.eq(["sql", "effect"]))
        .select({ id })
    )
    await agrees(
      Query.from(posts)
        .where(scores.eq(smalls).or(scores.gt(smalls)))
        .select({ id })
    )
    await agrees(
      Query.from(posts)
        .where(words.ne(["longer than five"]))
        .select({ id })
    )
    const found = await all(
      Query.from(posts)
        .where(tags.in([["effect"], [], ["x", "y"]]))
        .orderBy(id)
        .select({ id })
    )
    expect(found).toEqual([{ id: 2 }, { id: 4 }])
    await agrees(Query.from(posts).groupBy(smalls).select({ smalls, n: Fn.count() }))
    await agrees(Query.from(posts).orderBy(tags.desc()).select({ tags }))
  })

  test("an element can be set in place [F79.6]", async () => {
    const change = Query.update(posts)
      .set({ tags: Fn.arrayPut(tags, 1, "set"), scores: Fn.arrayPut(scores, 3, 7) })
      .where(id.lte(2))
      .returning({ tags, scores })
    const undo = Database.transaction(
      Effect.flatMap(Database.all(change), (changed) => Effect.fail({ changed }))
    )
    const { changed } = (await failure(undo)) as { changed: ReadonlyArray<unknown> }
    expect(changed).toEqual([
      { tags: ["set", "effect"], scores: [1, 2, 7, 2] },
      { tags: ["set"], scores: [null, null, 7] }
    ])
  })

  test("what an array cannot hold is refused, in both directions", async () => {
    const ragged = [[1], [1, 2]]
    const write = (cells: object) =>
      Database.run(Query.insert(posts).values({ title: "x", tags: [], ...cells }))
    for (const cells of [
      { board: ragged },
      { board: [[]] },
      { board: [[], []] },
      { tags: [null] },
      { tags: "sql" },
      { smalls: [40_000] },
      { words: ["longer than five"] }
    ])
      expect(await failure(write(cells))).toMatchObject({ _tag: "EncodeFailed" })
    const strict = Type.array(Type.integer)
    const shifted = Expr.value("[0:1]={1,2}", Type.text).cast(strict)
    const holed = Expr.value("{1,NULL}", Type.text).cast(strict)
    const flat = Expr.value("{1,2}", Type.text).cast(Type.array(strict))
    for (const value of [shifted, holed, flat])
      expect(await failure(Database.one(Query.select({ value })))).toMatchObject({
        _tag: "DecodeFailed"
      })
  })

  test("a default, an index and a description of the table", async () => {
    const made = Table.make("made", {
      id: Column.id(),
      tags: Column.make(Type.array(Type.varchar(9))).serverDefault(["it's", '"'])
    })
    const created = await run(
      Effect.andThen(
        Database.create(Catalog.make({ made })),
        Database.one(Query.insert(made).values({}).returning({ tags: made.c.tags }))
      )
    )
    expect(created).toEqual({ tags: ["it's", '"'] })
    const described = await run(Database.describe(Query.from(made)))
    expect(described).toBeDefined()
  })
})

describe("arrays elsewhere than on postgres", () => {
  const asked = {
    column: Query.from(posts).select({ tags }),
    whole: Query.from(posts),
    value: Query.select(Expr.value([1], Type.array(Type.integer))),
    function: Query.from(posts)
      .where(Fn.arrayContains(tags, ["a"]))
      .select({ id }),
    any: Query.from(posts)
      .where(title.eq(Expr.any(tags)))
      .select({ id }),
    aggregate: Query.from(posts).select(Fn.arrayAgg(id)),
    write: Query.insert(posts).values({ title: "a", tags: [] }),
    change: Query.update(posts).set({ tags: [] }).everyRow()
  }

  test.each(["sqlite", "mysql", "mariadb"] as const)(
    "refused by name on %s [F52.3 F106.1 F106.2 F106.3 F106.4]",
    (dialect) => {
      for (const statement of Object.values(asked))
        expect(refusalOf(statement as typeof asked.value, dialect)).toMatchObject({
          capability: "arrays"
        })
    }
  )

  test("what is no array, no place and no element is refused when built", () => {
    expect(() => Fn.arrayLength(title as never)).toThrow("arrayLength: text is no array")
    expect(() => Fn.arrayElement(tags, 0)).toThrow("0 is no place of an array")
    expect(() => tags.at(-1)).toThrow("at: -1 is no place in a list")
    expect(() => board.at(0)).toThrow("at: 1 places in an array of 2 dimensions")
    expect(() => Fn.arrayAppend(board, [1] as never)).toThrow("has no elements of its own")
    expect(() => Expr.any(board)).toThrow("any: an array of arrays")
    expect(() => Expr.any(title as never)).toThrow("any: text is no array")
    expect(() => Fn.array([] as never)).toThrow("array: of no values")
    expect(() => Fn.arrayContains(tags, smalls as never)).toThrow("elements of text beside")
    expect(() => Type.array(Type.array(Type.text), { nulls: true })).toThrow("never NULL")
    expect(() => Fn.stringAgg(title, ",", id.asc()).distinct()).toThrow("by the values alone")
  })

  test("as postgres says it", () => {
    const query = Query.from(posts)
      .where(Fn.arrayContains(tags, ["sql"]).and(title.eq(Expr.any(tags))))
      .select({ one: tags.at(0), part: Fn.arraySlice(tags, 1, 2), n: Fn.arrayLength(tags) })
    expect(textOf(query, "postgres")).toBe(
      "SELECT (posts.tags)[1] AS one, (posts.tags)[1:2] AS part, cardinality(posts.tags) AS n " +
        "FROM posts WHERE (posts.tags @> $1::text[]) AND posts.title = ANY(posts.tags)"
    )
  })
})
