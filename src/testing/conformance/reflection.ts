import * as Effect from "effect/Effect"
import * as Catalog from "../../algebra/schema/Catalog.ts"
import * as Check from "../../algebra/schema/Check.ts"
import * as Column from "../../algebra/schema/Column.ts"
import * as Computed from "../../algebra/schema/Computed.ts"
import * as Index from "../../algebra/schema/Index.ts"
import * as PrimaryKey from "../../algebra/schema/PrimaryKey.ts"
import * as Query from "../../algebra/Query.ts"
import type { Snapshot } from "../../algebra/schema/Snapshot.ts"
import * as Table from "../../algebra/schema/Table.ts"
import * as Unique from "../../algebra/schema/Unique.ts"
import { Database } from "../../effects/Database.ts"
import { conforms } from "./Case.ts"

const parents = Table.make(
  "cf_parents",
  { one: Column.integer(), two: Column.varchar(10), note: Column.text().nullable() },
  (c) => [PrimaryKey.on(c.one, c.two)]
)
const labels = Table.make("cf_labels", {
  name: Column.varchar(20).primaryKey(),
  note: Column.text().nullable()
})
const children = Table.make(
  "cf_children",
  {
    id: Column.id(),
    one: Column.integer(),
    two: Column.varchar(10),
    name: Column.varchar(20).serverDefault("nobody"),
    price: Column.numeric(9, 2).nullable()
  },
  (c) => [
    Unique.named("cf_one_name", c.name),
    Check.that(c.one.gt(0), "cf_positive"),
    Index.named("cf_by_price", c.price, c.two)
  ]
)
const odd = Table.exact(`cf_ odd "x" \`y\` 'z' %s (日本)`, {
  id: Column.id(),
  'a "b"': Column.integer(),
  select: Column.integer()
})
const computed = Table.make(
  "cf_computed",
  { id: Column.integer().primaryKey(), n: Column.integer(), twice: Column.integer().computed() },
  (c) => [Computed.stored(c.twice, c.n.mul(2))]
)

const tableIn = ({ tables }: Snapshot, name: string) => tables.find((one) => one.name === name)
const names = (all: ReadonlyArray<{ readonly name: string | null }> | undefined) =>
  all?.map(({ name }) => name)

export const reflection = [
  conforms(
    "reflection.tables",
    "Tables that are there are found, and others are not.",
    { parents },
    ({ same }) =>
      Effect.gen(function* () {
        const found = yield* Database.reflect()
        yield* same(tableIn(found, "cf_parents")?.name, "cf_parents")
        yield* same(tableIn(found, "cf_nobody"), undefined)
      })
  ),
  conforms(
    "reflection.columns",
    "Columns are read in order, with their types, nullability and defaults.",
    { children },
    ({ same }) =>
      Effect.gen(function* () {
        const table = tableIn(yield* Database.reflect(), "cf_children")
        yield* same(names(table?.columns), ["id", "one", "two", "name", "price"])
        const isKnown = table?.columns.map(({ sql }) => sql !== null)
        yield* same(isKnown, [true, true, true, true, true], "that the types are known")
        const nullable = table?.columns.map((column) => column.nullable)
        yield* same(nullable?.slice(1), [false, false, false, true], "what may be NULL")
        yield* same(table?.columns[3]?.default, "'nobody'", "the default")
        yield* same(table?.columns[0]?.identity === null, false, "that the key is made")
      })
  ),
  conforms(
    "reflection.keys",
    "Keys, unique and check constraints and indexes are read by their names, in order.",
    { parents, children },
    ({ same }) =>
      Effect.gen(function* () {
        const found = yield* Database.reflect()
        const table = tableIn(found, "cf_children")
        yield* same(tableIn(found, "cf_parents")?.primaryKey?.columns, ["one", "two"])
        yield* same(names(table?.uniques), ["cf_one_name"])
        yield* same(names(table?.checks), ["cf_positive"])
        yield* same(names(table?.indexes), ["cf_by_price"])
        const parts = table?.indexes[0]?.parts.map(({ column }) => column)
        yield* same(parts, ["price", "two"])
      })
  ),
  conforms(
    "reflection.odd-names",
    "Names with quotes, blanks, percent signs and other scripts are read as they are.",
    { odd },
    ({ same }) =>
      Effect.gen(function* () {
        const found = tableIn(yield* Database.reflect(), `cf_ odd "x" \`y\` 'z' %s (日本)`)
        yield* same(names(found?.columns), ["id", 'a "b"', "select"])
      })
  ),
  conforms(
    "reflection.computed",
    "A computed column says that it is, and how it is kept.",
    { computed },
    ({ same }) =>
      Effect.gen(function* () {
        const table = tableIn(yield* Database.reflect(), "cf_computed")
        const kept = table?.columns.map((column) => column.computed?.stored ?? null)
        yield* same(kept, [null, null, true])
      })
  ),
  conforms(
    "reflection.used",
    "A schema that was read is queried at once.",
    { labels },
    ({ same }) =>
      Effect.gen(function* () {
        const { members } = Catalog.reflected(yield* Database.reflect())
        const table = members["cf_labels"]!
        yield* Database.run(Query.insert(table).values({ name: "x", note: null }))
        const all = Query.from(table).where(table.c["name"]!.eq("x")).select(table.c["note"]!)
        yield* same(yield* Database.all(all), [null])
      })
  ),
  conforms(
    "reflection.statements",
    "A whole schema is read in few statements, however many its tables.",
    { parents, children, computed, odd },
    ({ same }) =>
      Effect.gen(function* () {
        let sent = 0
        yield* Effect.provideService(Database.reflect(), Database.Tap, () => {
          sent += 1
        })
        yield* same(sent <= 15, true, `that ${sent} statements are at most 15`)
      })
  )
]
