import { Column, Expr, Query, StatementError, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const items = Table.make("items", {
  id: Column.id(),
  n: Column.integer().nullable(),
  text: Column.varchar(20).nullable()
})
const others = Table.make("others", {
  id: Column.id(),
  n: Column.integer().nullable(),
  text: Column.varchar(20).nullable()
})
const { id, n, text } = items.c
const from = Query.from(items)

const given = [
  { n: 1, text: "a" },
  { n: 2, text: "b" },
  { n: null, text: null },
  { n: 7, text: "" },
  { n: null, text: "a" }
]

/** What is looked in: nothing, values, values and NULL, NULL alone. */
const contents: Readonly<
  Record<string, ReadonlyArray<{ readonly n: number | null; readonly text: string | null }>>
> = {
  nothing: [],
  values: [
    { n: 1, text: "a" },
    { n: 3, text: "c" }
  ],
  "values and null": [
    { n: 1, text: "a" },
    { n: null, text: null },
    { n: 1, text: null }
  ],
  "null alone": [{ n: null, text: null }]
}

/** NOT of what may be NULL, which the types keep from being taken for certain. */
const negated = (member: Expr.Expr<boolean | null, "items">): never =>
  (member as Expr.Expr<boolean, "items">).not() as never

describe.each(engines)("membership on %s", (engine) => {
  const { agrees, fill } = useDatabase(engine, { items, others })

  /** Whether each item is in, and is not in, in SELECT and in WHERE, as the oracle says. */
  const asked = async (member: Expr.Expr<boolean | null, never>, name: string) => {
    const inside = member as Expr.Expr<boolean | null, "items">
    const rows = await agrees(
      from.orderBy(id).select({ inside, outside: Expr.when(inside, "yes").else("no") })
    )
    expect(rows, name).toHaveLength(given.length)
    await agrees(from.where(inside).select({ id }).orderBy(id))
    return rows.map((row) => row.inside)
  }

  test("lists, queries and VALUES agree with the oracle, NULL on either side [F44.1]", async () => {
    await fill("items", given)
    let at = 0
    const filled: Array<readonly [string, number, number]> = []
    for (const [name, rows] of Object.entries(contents)) {
      await fill("others", rows)
      filled.push([name, at, at + rows.length])
      at += rows.length
    }
    for (const [name, after, to] of filled) {
      const part = Query.from(others).where(others.c.id.between(after + 1, to))
      const rows = contents[name]!
      const listed = Query.values(
        { n: Type.integer, text: Type.varchar(20) },
        rows.length > 0 ? rows : [{ n: 1, text: "a" }]
      )
      const list = listed.as("listed")
      const values = rows.length > 0 ? Query.from(list) : Query.from(list).where(list.c.n.lt(0))
      const queries = [part.select(others.c.n), values.select(list.c.n)] as const
      const texts = [part.select(others.c.text), values.select(list.c.text)] as const
      const found = []
      for (const query of queries) {
        found.push(await asked(n.in(query) as never, `${name} in`))
        await asked(negated(n.in(query)), `${name} not in`)
        await asked(n.add(0).in(query) as never, `${name} computed`)
        await asked(Expr.value(null, Type.integer).in(query) as never, `${name} of null`)
        await asked(Expr.value(1, Type.integer).in(query) as never, `${name} of 1`)
        await asked(n.in(query).isNull() as never, `${name} is null`)
      }
      // A query and a VALUES of the same rows say the same.
      expect(found[0]).toEqual(found[1])
      const isThere = (value: number | null): boolean | null =>
        rows.length === 0
          ? false
          : value !== null && rows.some((row) => row.n === value)
            ? true
            : value === null || rows.some((row) => row.n === null)
              ? null
              : false
      expect(found[0]).toEqual(given.map((row) => isThere(row.n)))
      for (const query of texts) {
        await asked(text.in(query) as never, `${name} text`)
        await asked(negated(text.in(query)), `${name} text not in`)
      }
      const plain = rows.flatMap((row) => (row.n === null ? [] : [row.n]))
      expect(await asked(n.in(plain) as never, `${name} list`)).toEqual(
        given.map((row) =>
          plain.length === 0 ? false : row.n === null ? null : plain.includes(row.n)
        )
      )
      await asked(negated(n.in(plain)), `${name} not in list`)
      await asked(Expr.value(null, Type.integer).in(plain), `${name} null in list`)
      const words = rows.flatMap((row) => (row.text === null ? [] : [row.text]))
      await asked(text.in(words) as never, `${name} texts`)
    }
    // NULL among the values of a list is never meant: it is refused, not read as "nowhere".
    for (const list of [[1, null], [null]])
      expect(() => n.in(list as never)).toThrow(StatementError)
  })
})
