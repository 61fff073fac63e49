import {
  Catalog,
  Check,
  Column,
  Database,
  Expr,
  ForeignKey,
  Index,
  Query,
  sql,
  StatementError,
  Table,
  Type,
  Unique
} from "athanor"
import { capabilities } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { createOrder } from "../../src/compile/schema/schemaOrder.ts"
import { fitName } from "../../src/compile/identifiers.ts"
import { dialects, engines, textOf, useDatabase } from "./support.ts"

const plain = Table.make("plain", { id: Column.id() })

/** Words some server reserves; those a server of ours does not are names like any other. */
const reservedWords = `
  abort access add all alter always analyse analyze and any array as asc asymmetric attach
  authorization autoincrement before begin between bigint binary blob both by call cascade case
  cast change char character check collate collation column commit condition conflict constraint
  continue convert create cross current_catalog current_date current_role current_row
  current_time current_timestamp current_user cursor database databases dec decimal declare
  default deferrable deferred delayed delete desc describe detach deterministic distinct
  distinctrow div do double drop dual each else elseif enclosed end escape escaped except
  exclude exclusive exists exit explain fail false fetch filter first float following for force
  foreign freeze from full fulltext generated glob grant group groups having high_priority if
  ignore ilike immediate in index indexed infile initially inner inout insensitive insert
  instead int integer intersect interval into is isnull iterate join key keys kill last lateral
  leading leave left like limit linear lines load localtime localtimestamp lock long longblob
  loop low_priority match materialized maxvalue mediumint mod modifies natural no not nothing
  notnull null nulls numeric of offset on only optimize option optionally or order others out
  outer outfile over overlaps partition period placing plan pragma preceding precision primary
  procedure purge query raise range read reads real recursive references regexp reindex release
  rename repeat replace require resignal restrict return returning right rlike rollback row
  row_number rows savepoint schema schemas select sensitive separator session_user set show
  signal similar smallint some spatial specific sql ssl starting straight_join symmetric system
  table tablesample temp temporary terminated then ties tinyint to trailing transaction trigger
  true unbounded undo union unique unlock unsigned update usage use user using utc_date vacuum
  values varbinary varchar variadic varying verbose view virtual when where while window with
  without write xor year_month zerofill
`
  .trim()
  .split(/\s+/)

/** Names that break out of what does not quote them. */
const odd = [
  'a"b',
  "a`b",
  "a'b",
  "a%b",
  "a:b",
  "a?b",
  "$1",
  "a[b]",
  "a.b",
  " a b",
  "a;--",
  "a\\b",
  "aB",
  "Ab",
  "é",
  "日本",
  "/*"
]

describe.each(engines)("names on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, { plain })

  test("names that need quotes are created, written, read and dropped [F84.6]", async () => {
    const order = Table.exact("Order", {
      Group: Column.integer().primaryKey(),
      "two words": Column.text().nullable()
    })
    const catalog = Catalog.make({ order })
    await run(Database.create(catalog))
    await run(Database.run(Query.insert(order).values({ Group: 1, "two words": "x" })))
    await run(
      Database.run(Query.update(order).set({ "two words": "y" }).where(order.c.Group.eq(1)))
    )
    expect(await all(Query.from(order))).toEqual([{ Group: 1, "two words": "y" }])
    await run(Database.run(Query.deleteFrom(order).where(order.c["two words"].eq("y"))))
    await run(Database.drop(catalog))
    expect(await failure(Database.all(Query.from(order)))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      kind: "table"
    })
  })

  test("every reserved word works as a table and as a column [F100.1]", async () => {
    const columns = Object.fromEntries(reservedWords.map((word) => [word, Column.integer()]))
    const wide = Table.exact("all_words", columns as Record<"w", Column.Column<number>>)
    const tables = reservedWords.map((word) =>
      Table.exact(word as "t", { [word as "w"]: Column.integer().primaryKey() })
    )
    const catalog = Catalog.make({ wide, ...Object.fromEntries(tables.entries()) })
    await run(Database.create(catalog))
    const row = Object.fromEntries(reservedWords.map((word, i) => [word, i])) as Record<"w", number>
    await run(Database.run(Query.insert(wide).values(row)))
    const conditions = Object.values(wide.c).map((column) => column.gte(0))
    for (let from = 0; from < conditions.length; from += 80) {
      const where = Expr.and(...conditions.slice(from, from + 80))
      expect(await run(Database.run(Query.update(wide).set(row).where(where)))).toBe(1)
    }
    expect(await all(Query.from(wide))).toEqual([row])
    for (const [i, table] of tables.entries()) {
      const word = reservedWords[i] as "w"
      await run(Database.run(Query.insert(table).values({ [word]: i })))
      expect(await all(Query.from(table).where(table.c[word].eq(i)))).toEqual([{ [word]: i }])
    }
    await run(Database.drop(catalog))
  })

  // MariaDB stores no identifier with a character beyond U+FFFF; some emoji are within.
  const emoji = engine === "mariadb" ? [] : ["a\u{1f600}b"]
  test.each([...odd, "a\u2615b", ...emoji])(
    "%j works in every kind of statement [F100.2]",
    async (name) => {
      const n = name as "n"
      const m = `${name}2` as "m"
      const table = Table.exact(
        `t ${name}` as "t",
        { [n]: Column.integer().primaryKey(), [m]: Column.varchar(50).nullable() },
        (c) => [
          Index.named(`i ${name}`, c[n]),
          Check.that(c[n].gt(0), `c ${name}`),
          Unique.named(`u ${name}`, c[n], c[m])
        ]
      )
      const catalog = Catalog.make({ table })
      await run(Database.create(catalog))
      const add = Query.insert(table)
      await run(Database.run(add.rows([{ [n]: 1, [m]: "x" }, { [n]: 2 }])))
      const full = table.c[m].coalesce("z")
      await run(
        Database.run(
          Query.update(table)
            .set({ [m]: full })
            .where(table.c[n].gt(0))
        )
      )
      const alias = Query.alias(table, `a ${name}` as "a")
      const keys = Query.from(table).select({ [n]: table.c[n] })
      const cte = keys.cte(`cte ${name}` as "cte")
      const derived = keys.as(`d ${name}` as "d")
      const key = alias.c[n]
      const query = Query.from(alias)
        .join(cte, cte.c[n].eq(key))
        .leftJoin(derived, derived.c[n].eq(key))
        .groupBy(key)
        .orderBy(key.desc())
        .select({ [n]: key, "": key })
      expect(await all(query)).toEqual([
        { [n]: 2, "": 2 },
        { [n]: 1, "": 1 }
      ])
      const error = await failure(Database.run(add.values({ [n]: 0 })))
      expect(error).toMatchObject({ _tag: "CheckViolation", constraint: `c ${name}` })
      expect(await run(Database.run(Query.deleteFrom(table).where(table.c[n].eq(1))))).toBe(1)
      await run(Database.drop(catalog))
    }
  )

  test.each(odd)("%j names the rule a violation is of, and the column", async (name) => {
    const n = name as "n"
    const parent = Table.exact(`p ${name}` as "p", { [n]: Column.integer().primaryKey() })
    const table = Table.exact(
      `t ${name}` as "t",
      {
        [n]: Column.integer().primaryKey(),
        one: Column.integer().nullable(),
        [`o ${name}` as "up"]: Column.integer().nullable(),
        [`r ${name}` as "needed"]: Column.integer().serverDefault(0)
      },
      (c) => [
        Unique.named(`u ${name}`, c.one),
        ForeignKey.on([c[`o ${name}` as "up"]], () => [parent.c[n]], { name: `f ${name}` })
      ]
    )
    const catalog = Catalog.make({ parent, table })
    await run(Database.create(catalog))
    await run(Database.run(Query.insert(parent).values({ [n]: 1 })))
    const add = Query.insert(table)
    await run(
      Database.run(
        add.rows([
          { [n]: 1, one: 1 },
          { [n]: 2, one: 2, [`o ${name}`]: 1 }
        ])
      )
    )
    const fails = (values: Readonly<Record<string, unknown>>) =>
      failure(Database.run(add.values(values as never)))
    expect(await fails({ [n]: 3, one: 1 })).toMatchObject({
      _tag: "UniqueViolation",
      constraint: `u ${name}`,
      columns: ["one"]
    })
    expect(await fails({ [n]: 3, [`o ${name}`]: 9 })).toMatchObject({
      _tag: "ForeignKeyViolation",
      constraint: `f ${name}`
    })
    expect(
      await failure(Database.run(Query.deleteFrom(parent).where(parent.c[n].eq(1))))
    ).toMatchObject({
      _tag: "ForeignKeyViolation",
      ...(engine === "sqlite" ? {} : { constraint: `f ${name}`, table: `t ${name}` })
    })
    const nothing = Query.update(table).set({ [`r ${name}`]: sql(Type.integer)`NULL` } as never)
    expect(await failure(Database.run(nothing.where(table.c[n].eq(1))))).toMatchObject({
      _tag: "NotNullViolation",
      column: `r ${name}`
    })
    await run(Database.drop(catalog))
  })

  if (engine === "mariadb") {
    test("an emoji beyond U+FFFF is no name of it, and refused as such [F100.2]", async () => {
      const table = Table.exact("a\u{1f600}b", { id: Column.integer() })
      const column = Table.exact("t", { "a\u{1f600}b": Column.integer() })
      const made = [Catalog.make({ table }), Catalog.make({ column })]
      for (const one of made)
        await expect(run(Database.create(one))).rejects.toThrow("a character beyond U+FFFF")
    })
  }
})

describe("names, when built or printed", () => {
  test("a name with NUL or of no characters is refused [F100.3 @all]", () => {
    for (const name of ["", "a\0b", "\0"]) {
      const wrong = [
        () => Table.make(name, { id: Column.id() }),
        () => Table.exact("t", { [name]: Column.id() }),
        () => Table.make("t", { id: Column.id().named(name) }),
        () => Query.alias(plain, name),
        () => Query.from(plain).as(name),
        () => Query.from(plain).cte(name)
      ]
      for (const one of wrong) expect(one).toThrow(StatementError)
    }
  })

  test("a catalog is a frozen set of tables by schema and name [F84.1 @all]", () => {
    const id = { id: Column.id() }
    const there = Table.make("plain", id, undefined, { schema: "there" })
    const catalog = Catalog.make({ plain, again: plain, there })
    expect(catalog.tables).toHaveLength(2)
    expect(Object.isFrozen(catalog) && Object.isFrozen(catalog.tables)).toBe(true)
    const twice = () => Catalog.make({ one: plain, two: Table.make("plain", id) })
    expect(twice).toThrow(StatementError)
    expect(twice).toThrow(/"one" and "two" are two tables named "plain"/)
  })

  test("a key becomes a snake_case name, no two the same, or the name given [F84.3 @all]", () => {
    const columnsOf = (table: { readonly c: object }) =>
      Object.keys(table.c).map(
        (key) =>
          textOf(
            Query.from(table as typeof plain).select((table.c as typeof plain.c)[key as "id"]),
            "sqlite"
          ).split(/[ .]/)[2]
      )
    const cased = Table.make("t", {
      displayName: Column.text(),
      URLPath: Column.text(),
      v2Key: Column.text(),
      snake_case: Column.text(),
      given: Column.text().named("Type")
    })
    expect(columnsOf(cased)).toEqual(["display_name", "url_path", "v2_key", "snake_case", '"Type"'])
    expect(
      columnsOf(
        Table.exact("t", { displayName: Column.text(), given: Column.text().named("type_") })
      )
    ).toEqual(['"displayName"', "type_"])
    expect(() => Table.make("t", { userId: Column.text(), user_id: Column.text() })).toThrow(
      /"userId" and "user_id" are both named/
    )
  })

  test("a name longer than the server's is refused, never cut [F9.4 @all]", () => {
    const long = "n".repeat(256) as "t"
    const table = Table.make(long, { id: Column.id() })
    const column = Table.make("t", { id: Column.id().named(long) })
    const alias = Query.alias(plain, long)
    const wrong = [
      Query.from(table),
      Query.insert(table).values({}),
      Query.deleteFrom(table).everyRow(),
      Query.from(column),
      Query.deleteFrom(column).where(column.c.id.eq(1)),
      Query.from(plain).join(alias, alias.c.id.eq(plain.c.id)),
      Query.from(Query.from(plain).as(long)),
      Query.from(Query.from(plain).cte(long))
    ]
    for (const dialect of dialects) {
      for (const one of wrong) {
        expect(() => textOf(one, dialect)).toThrow(StatementError)
        expect(() => textOf(one, dialect)).toThrow(/is 256 (bytes|characters) long/)
      }
    }
  })

  test.each(odd.filter((name) => /^[ -~]+$/.test(name)))(
    "%j reaches the text by the dialect's quoting alone [F100.4 @all]",
    (name) => {
      // Letters that stand nowhere else in the text.
      const n = `Q${name}Q` as "n"
      const [one, two, three] = [`${n}1` as "one", `${n}2` as "two", `${n}3` as "three"]
      const columns = { [n]: Column.integer().primaryKey() }
      const table = Table.exact(n, columns, undefined, { schema: n })
      const alias = Query.alias(table, one)
      const keys = Query.from(table).select({ [n]: table.c[n] })
      const key = table.c[n]
      const statements = [
        Query.from(table)
          .join(alias, alias.c[n].eq(key))
          .join(keys.cte(two), Expr.and())
          .join(keys.as(three), Expr.and())
          .groupBy(key)
          .orderBy(key)
          .select({ [n]: key }),
        Query.insert(table).values({ [n]: 1 }),
        Query.deleteFrom(table).where(key.eq(1))
      ]
      for (const dialect of dialects) {
        const mark = dialect === "sqlite" || dialect === "postgres" ? '"' : "`"
        const quoted = (part: string) => mark + part.replaceAll(mark, mark + mark) + mark
        for (const statement of statements) {
          const text = textOf(statement, dialect)
          expect(text).toContain(quoted(n))
          const left = [n, one, two, three].reduce(
            (at, part) => at.replaceAll(quoted(part), ""),
            text
          )
          expect(left).not.toContain("Q")
        }
      }
    }
  )
})

/** As long as PostgreSQL takes: what is named after it is longer. */
const longest = "n".repeat(63)
const longColumn = "c".repeat(63)
const lengthy = (server: number) => {
  const table = `${longest}${"n".repeat(server - 63)}`
  const parent = Table.exact("parent", { id: Column.integer().primaryKey() })
  const child = Table.exact(
    table as "lengthy",
    {
      id: Column.integer().primaryKey(),
      [longColumn as "long"]: Column.integer().references(() => parent.c.id),
      kind: Column.enum(["a", "b"])
    },
    (c) => [
      Index.on(c[longColumn as "long"]),
      Unique.on(c[longColumn as "long"], c.kind),
      Check.that(c.id.gt(0))
    ]
  )
  return { parent, child, catalog: Catalog.make({ parent, child }) }
}
/** The longest name of a server. */
const longestOn = { sqlite: 255, postgres: 63, mysql: 64, mariadb: 64 } as const

/** Every name of a text that is long and was not written so by its author. */
const madeOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/[a-zA-Z_0-9]{40,}/g)]
    .map(([name]) => name)
    .filter((name) => !/^(?:n+|c{63})$/.test(name))

describe("names that are made and too long", () => {
  test("are cut with a hash of the whole, the same each time [F9.1 @all]", () => {
    for (const dialect of dialects) {
      const limit = longestOn[dialect]
      const { catalog, child } = lengthy(limit)
      const createdOf = (one: typeof catalog) =>
        createOrder(one.tables, capabilities(dialect)).map((node) => textOf({ node }, dialect))
      const created = createdOf(catalog)
      const key = "k".repeat(limit + 1)
      const labelled = textOf(Query.from(child).select({ [key]: child.c.id }), dialect)
      const made = [...created, labelled].flatMap(madeOf)
      const cut = new RegExp(`^[a-zA-Z_0-9]{${limit - 14}}_[0-9a-z]{13}$`)
      // Primary key, foreign key, unique, check, that of the enum, index; the label.
      expect(made.length).toBeGreaterThanOrEqual(dialect === "postgres" ? 7 : 6)
      for (const name of made) expect(name).toMatch(cut)
      expect(labelled).toMatch(new RegExp(`AS k{${limit - 14}}_[0-9a-z]{13} `))
      expect(createdOf(lengthy(limit).catalog)).toEqual(created)
    }
    const exact = "k".repeat(63)
    expect(textOf(Query.from(plain).select({ [exact]: plain.c.id }), "postgres")).toContain(
      `AS ${exact} `
    )
  })

  test("never become one name where they differ [F9.2 @all]", () => {
    for (const dialect of dialects) {
      const able = capabilities(dialect)
      const beginning = "k".repeat(longestOn[dialect])
      const names = new Set<string>()
      for (let i = 0; i < 5_000; i++) names.add(fitName(`${beginning}${i}`, able))
      expect(names.size).toBe(5_000)
      const keys = Array.from({ length: 50 }, (_, i) => `${beginning}${i}`)
      // A key that is what another would be cut to, and one that differs by its case alone.
      keys.push(fitName(keys[0]!, able), keys[1]!.toUpperCase())
      const fields = Object.fromEntries(keys.map((key) => [key, plain.c.id]))
      const text = textOf(Query.from(plain).select(fields), dialect)
      const labels = [...text.matchAll(/ AS ["`]?([a-zA-Z_0-9]+)/g)].map(([, label]) =>
        label!.toLowerCase()
      )
      expect(labels).toHaveLength(keys.length)
      expect(new Set(labels).size).toBe(keys.length)
    }
  })
})

describe.each(engines)("names that are made and too long on %s", (engine) => {
  const { failure, run } = useDatabase(engine, { plain })
  test("are created, used and dropped [F9.3]", async () => {
    const { catalog, child, parent } = lengthy(longestOn[engine])
    const long = longColumn as "long"
    await run(Database.create(catalog))
    await run(Database.run(Query.insert(parent).rows([{ id: 1 }, { id: 2 }])))
    const add = (id: number, to: number, kind: "a" | "b") =>
      Database.run(Query.insert(child).values({ id, [long]: to, kind }))
    expect(await run(add(1, 1, "a"))).toBe(1)
    const table = `${longest}${"n".repeat(longestOn[engine] - 63)}`
    expect(await failure(add(1, 2, "a"))).toMatchObject({
      _tag: "UniqueViolation",
      constraint: `${table}_pkey`,
      columns: ["id"]
    })
    expect(await failure(add(2, 1, "a"))).toMatchObject({
      _tag: "UniqueViolation",
      constraint: `${table}_${longColumn}_kind_key`,
      columns: [longColumn, "kind"]
    })
    expect(await failure(add(2, 9, "a"))).toMatchObject({
      _tag: "ForeignKeyViolation",
      constraint: `${table}_${longColumn}_fkey`
    })
    expect(await failure(add(-1, 1, "b"))).toMatchObject({
      _tag: "CheckViolation",
      constraint: `${table}_check1`
    })
    const key = `${"k".repeat(longestOn[engine])}ey`
    const inner = Query.from(child)
      .select({ [key as "key"]: child.c[long] })
      .as("inner")
    const rows = Query.from(inner).where(inner.c[key as "key"].eq(1))
    expect(await run(Database.all(rows))).toEqual([{ [key]: 1 }])
    await run(Database.drop(catalog))
    expect(await failure(Database.all(Query.from(child)))).toMatchObject({ kind: "table" })
    await run(Database.create(catalog))
    await run(Database.drop(catalog))
  })
})
