import { Column, Database, Expr, Fn, Query, StatementError, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, expectSql, textOf, useDatabase } from "./support.ts"

const parts = Table.make("parts", {
  id: Column.integer().primaryKey(),
  parentId: Column.integer().nullable(),
  name: Column.varchar(10)
})
const links = Table.make("links", { from: Column.integer(), to: Column.integer() })
const chosen = Table.make("chosen", { id: Column.integer().primaryKey(), n: Column.integer() })
const members = { parts, links, chosen }

/** The parts under a root, each with its depth and the way to it. */
const tree = () => {
  const { id, name, parentId } = parts.c
  const roots = Query.from(parts)
    .where(parentId.isNull())
    .select({ id, depth: Expr.value(0, Type.integer), path: name.cast(Type.text) })
  return Query.recursive("tree", roots, (above) =>
    Query.from(parts)
      .join(above, above.c.id.eq(parentId))
      .select({ id, depth: above.c.depth.add(1), path: above.c.path.concat("/").concat(name) })
  )
}

/** Where one comes from a place, rings or not. */
const reach = (start: number) =>
  Query.recursive(
    "reach",
    Query.select({ at: Expr.value(start, Type.integer) }),
    (last) => Query.from(last).join(links, links.c.from.eq(last.c.at)).select({ at: links.c.to }),
    { distinct: true }
  )

const upTo = (most: number) =>
  Query.recursive("up", Query.select({ n: Expr.value(1, Type.integer) }), (up) =>
    Query.from(up)
      .where(up.c.n.lt(most))
      .select({ n: up.c.n.add(1) })
  )

test("a recursion is said with its columns and their types", () => {
  const t = tree()
  const query = Query.from(t).select(t.c.path)
  const text = (base: string, step: string) =>
    "WITH RECURSIVE tree (id, depth, path) AS (" +
    `SELECT parts.id, ${base} AS path FROM parts WHERE parts.parent_id IS NULL UNION ALL ` +
    `SELECT parts.id, ${step} AS path ` +
    "FROM parts JOIN tree ON tree.id = parts.parent_id) SELECT tree.path AS c0 FROM tree"
  const mysql = text(
    "CAST(? AS SIGNED) AS depth, CAST(CAST(parts.name AS CHAR) AS CHAR(4194303))",
    "tree.depth + CAST(? AS SIGNED) AS depth, " +
      "concat(concat(tree.path, CAST(? AS CHAR)), parts.name)"
  )
  expectSql(query, {
    sqlite: text(
      "? AS depth, CAST(parts.name AS TEXT)",
      // A sum SQLite would give as a double is an overflow.
      "CASE WHEN typeof(tree.depth + ?) = 'real' AND abs(tree.depth + ?) > 9e18 " +
        "THEN abs(-9223372036854775808) ELSE tree.depth + ? END AS depth, " +
        "(tree.path || ?) || parts.name"
    ),
    postgres: text(
      "$1::integer AS depth, CAST(parts.name AS text)",
      "tree.depth + $2 AS depth, (tree.path || $3::text) || parts.name"
    ),
    mysql,
    mariadb: mysql
  })
})

test("materialised hints are written where the server has them", () => {
  const kept = Query.from(parts).select({ id: parts.c.id }).cte("kept", { materialized: true })
  const woven = Query.from(kept).cte("woven", { materialized: false })
  const query = Query.from(woven).select(woven.c.id)
  const text = (yes: string, no: string) =>
    `WITH kept AS ${yes}(SELECT parts.id FROM parts), ` +
    `woven AS ${no}(SELECT kept.id FROM kept) SELECT woven.id AS c0 FROM woven`
  expectSql(query, {
    sqlite: text("MATERIALIZED ", "NOT MATERIALIZED "),
    postgres: text("MATERIALIZED ", "NOT MATERIALIZED "),
    mysql: text("", ""),
    mariadb: text("", "")
  })
})

describe("a recursion that means nothing", () => {
  const { id, parentId } = parts.c
  const ids = Query.from(parts).select({ id })
  const refused = (
    step: (self: Query.Derived<"r", { readonly id: number }>) => Query.Select<any, never, any>,
    message: RegExp
  ) => {
    expect(() => Query.recursive("r", ids, step as never)).toThrow(StatementError)
    expect(() => Query.recursive("r", ids, step as never)).toThrow(message)
  }

  test("is refused where its step is built", () => {
    const own = /reads "r" once/
    const plain = /selects, joins and filters only/
    refused(() => ids, own)
    refused((r) => Query.from(r).join(Query.alias(r, "s"), Expr.and()).select({ id: r.c.id }), own)
    refused((r) => Query.from(parts).leftJoin(r, r.c.id.eq(parentId)).select({ id }), own)
    refused((r) => ids.where(parentId.in(Query.from(r))), own)
    refused((r) => {
      const d = Query.from(r).as("d")
      return Query.from(d).select({ id: d.c.id })
    }, own)
    refused((r) => Query.from(r).select({ id: r.c.id }).distinct(), plain)
    refused((r) => Query.from(r).select({ id: r.c.id }).orderBy(r.c.id).limit(1), plain)
    refused((r) => Query.from(r).select({ id: Fn.max(r.c.id) }), plain)
    refused((r) => Query.from(r).select({ id: r.c.id.cast(Type.text) }), /integer in the base/)
    refused((r) => Query.from(r).select({ other: r.c.id }), /does not select/)
  })

  test("and one that leaves its step is refused when it is compiled", () => {
    let leaked: Query.Derived<"r", { readonly id: number }> | undefined
    Query.recursive("r", ids, (r) => Query.from((leaked = r)).select({ id: r.c.id }))
    expect(() => textOf(Query.from(leaked!), "postgres")).toThrow(/in its step only/)
    const inner = Query.recursive("r", ids, (r) => {
      const named = Query.from(r).cte("named")
      return Query.from(r).join(named, named.c.id.eq(r.c.id)).select({ id: r.c.id })
    })
    expect(() => textOf(Query.from(inner), "postgres")).toThrow(/in its step only/)
  })

  test("a name that hides a table is refused, two of one name too [F72.7 @all]", () => {
    const hidden = ids.cte("parts")
    const both = () => textOf(Query.from(hidden), "sqlite")
    expect(both).toThrow(StatementError)
    expect(both).toThrow(/hides the table "parts"/)
    const once = ids.cte("one")
    const again = Query.from(chosen).select({ id: chosen.c.id }).cte("One")
    const two = Query.from(once).join(again, again.c.id.eq(once.c.id))
    expect(() => textOf(two, "sqlite")).toThrow(/two common table expressions are named "One"/)
  })
})

describe.each(engines)("recursive queries on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all, failure, run } = database

  test("a table that a step alone reads is named where it is not there", async () => {
    const gone = Table.make("gone", { from: Column.integer(), to: Column.integer() })
    const start = Query.select({ at: Expr.value(1, Type.integer) })
    const lost = Query.recursive("lost", start, (last) =>
      Query.from(last).join(gone, gone.c.from.eq(last.c.at)).select({ at: gone.c.to })
    )
    const again = Query.alias(lost, "again")
    const twice = Query.from(lost).join(again, again.c.at.eq(lost.c.at)).select({ at: lost.c.at })
    const error = await failure(Database.all(twice))
    expect(error).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "table" })
    expect(error.driverError).toMatchObject({ message: expect.stringContaining("gone") })
  })

  test("a tree and a graph with rings come to the oracle's fixpoint [F72.2]", async () => {
    await database.fill("parts", [
      { id: 1, parentId: null, name: "car" },
      { id: 2, parentId: 1, name: "engine" },
      { id: 3, parentId: 2, name: "piston" },
      { id: 4, parentId: 1, name: "wheel" },
      { id: 5, parentId: null, name: "boat" },
      { id: 6, parentId: 99, name: "lost" }
    ])
    await database.fill("links", [
      { from: 1, to: 2 },
      { from: 2, to: 3 },
      { from: 3, to: 1 },
      { from: 3, to: 3 },
      { from: 4, to: 1 }
    ])
    const t = tree()
    const rows = await agrees(Query.from(t).orderBy(t.c.path))
    expect(rows).toEqual([
      { id: 5, depth: 0, path: "boat" },
      { id: 1, depth: 0, path: "car" },
      { id: 2, depth: 1, path: "car/engine" },
      { id: 3, depth: 2, path: "car/engine/piston" },
      { id: 4, depth: 1, path: "car/wheel" }
    ])
    const { at } = reach(2).c
    const found = reach(2)
    expect(await agrees(Query.from(found).select(found.c.at).orderBy(found.c.at))).toEqual([
      1, 2, 3
    ])
    expect(at).toBeDefined()
    const from4 = reach(4)
    expect(await agrees(Query.from(from4).select(Fn.count()))).toEqual([4])
  })

  test("a recursion is aliased, joined, and absent where an outer join finds none", async () => {
    const t = tree()
    const other = Query.alias(t, "other")
    const query = Query.from(parts)
      .leftJoin(other, other.c.id.eq(parts.c.id).and(other.c.depth.gt(0)))
      .orderBy(parts.c.id)
      .select({ id: parts.c.id, other })
    expect((await agrees(query)).map((row) => row.other?.depth ?? null)).toEqual([
      null,
      1,
      2,
      1,
      null,
      null
    ])
    const both = Query.from(t).join(other, other.c.depth.eq(t.c.depth.add(1)))
    expect(await agrees(both.select(Fn.count()))).toEqual([2 * 2 + 2 * 1])
  })

  test("whole rows walk too, and named parameters reach base and step", async () => {
    const { id, parentId } = parts.c
    const below = Query.recursive("below", Query.from(parts).where(id.eq(2)), (above) =>
      Query.from(parts).join(above, above.c.id.eq(parentId)).select(parts)
    )
    expect(await agrees(Query.from(below).orderBy(below.c.id))).toEqual([
      { id: 2, parentId: 1, name: "engine" },
      { id: 3, parentId: 2, name: "piston" }
    ])
  })

  test("no depth is too deep [F72.3]", async () => {
    const deep = upTo(5000)
    expect(await all(Query.from(deep).select({ n: Fn.count(), top: Fn.max(deep.c.n) }))).toEqual([
      { n: 5000, top: 5000 }
    ])
  })

  test("values grow beyond the first row's", async () => {
    const text = Query.recursive(
      "text",
      Query.select({ n: Expr.value(1n, Type.bigint), s: Expr.value("ab", Type.text) }),
      (last) =>
        Query.from(last)
          .where(last.c.n.lt(10n ** 17n))
          .select({ n: last.c.n.mul(10n), s: last.c.s.concat(last.c.s) })
    )
    const rows = await all(
      Query.from(text)
        .select({ n: text.c.n, length: Fn.length(text.c.s) })
        .orderBy(text.c.n.desc())
        .limit(1)
    )
    expect(rows).toEqual([{ n: 10n ** 17n, length: 2 ** 18 }])
  })

  test("hints change no row [F72.6]", async () => {
    const plain = Query.from(parts).where(parts.c.id.gt(2)).select({ id: parts.c.id })
    const asked = [undefined, true, false].map(async (materialized) => {
      const c = plain.cte("c", materialized === undefined ? {} : { materialized })
      const d = Query.alias(c, "d")
      return agrees(
        Query.from(c)
          .join(d, d.c.id.lte(c.c.id))
          .select({ a: c.c.id, b: d.c.id })
          .orderBy(c.c.id, d.c.id)
      )
    })
    const [none, yes, no] = await Promise.all(asked)
    expect(none).toHaveLength(10)
    expect(yes).toEqual(none)
    expect(no).toEqual(none)
  })

  test("a recursion stands before insert, update and delete", async () => {
    const up = upTo(4)
    const ids = Query.from(up).select(up.c.n)
    const { id, n } = chosen.c
    await run(
      Database.run(Query.insert(chosen).rows([1, 3, 5, 7].map((one) => ({ id: one, n: 0 }))))
    )
    const top = Query.from(up).select(Fn.max(up.c.n)).scalar()
    expect(
      await run(Database.run(Query.insert(chosen).values({ id: 9, n: top.coalesce(0) })))
    ).toBe(1)
    expect(
      await run(
        Database.run(
          Query.update(chosen)
            .set({ n: n.add(1) })
            .where(id.in(ids))
        )
      )
    ).toBe(2)
    expect(await run(Database.run(Query.deleteFrom(chosen).where(id.in(ids).and(id.gt(1)))))).toBe(
      1
    )
    expect(await all(Query.from(chosen).orderBy(id))).toEqual([
      { id: 1, n: 1 },
      { id: 5, n: 0 },
      { id: 7, n: 0 },
      { id: 9, n: 4 }
    ])
  })
})
