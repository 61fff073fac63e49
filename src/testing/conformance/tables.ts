import * as Effect from "effect/Effect"
import * as Catalog from "../../algebra/schema/Catalog.ts"
import * as Check from "../../algebra/schema/Check.ts"
import * as Column from "../../algebra/schema/Column.ts"
import * as Computed from "../../algebra/schema/Computed.ts"
import * as Fn from "../../algebra/Fn.ts"
import * as Index from "../../algebra/schema/Index.ts"
import * as PrimaryKey from "../../algebra/schema/PrimaryKey.ts"
import * as Query from "../../algebra/Query.ts"
import * as Sequence from "../../algebra/schema/Sequence.ts"
import * as Table from "../../algebra/schema/Table.ts"
import * as Unique from "../../algebra/schema/Unique.ts"
import { Database } from "../../effects/Database.ts"
import { conforms } from "./Case.ts"

const plain = Table.make("cf_plain", { id: Column.id(), data: Column.varchar(50).nullable() })
const other = Table.make("cf_other", { id: Column.id() })

const parents = Table.make("cf_parents", { id: Column.integer().primaryKey() })
const children = Table.make(
  "cf_children",
  {
    id: Column.integer(),
    place: Column.integer(),
    parentId: Column.integer().references(() => parents.c.id, { onDelete: "cascade" }),
    code: Column.varchar(10),
    age: Column.integer()
  },
  (c) => [
    PrimaryKey.on(c.id, c.place),
    Unique.named("cf_children_code", c.code),
    Check.that(c.age.gte(0), "cf_children_age")
  ]
)
const child = { id: 1, place: 1, parentId: 1, code: "a", age: 1 }

const long = "a_name_that_goes_on_for_longer_than_a_server_takes_the_names_of_its_things"
const longNames = Table.make(
  "cf_long",
  { id: Column.id(), one: Column.integer(), two: Column.integer() },
  (c) => [
    Index.named(`${long}_one`, c.one),
    Index.named(`${long}_two`, c.two),
    Unique.named(`${long}_three`, c.one, c.two)
  ]
)

const squares = Table.make(
  "cf_squares",
  {
    id: Column.integer().primaryKey(),
    side: Column.integer(),
    area: Column.integer().computed()
  },
  (c) => [Computed.stored(c.area, c.side.mul(c.side))]
)

const odd = Table.exact('cf_ odd "name" `é` %(x)s 日本', {
  id: Column.id(),
  select: Column.integer(),
  "per % cent": Column.integer(),
  "sp ace": Column.integer()
})

const copies = Table.as("cf_copies", Query.from(plain).where(plain.c.data.isNotNull()))
const numbers = Sequence.make("cf_numbers", { start: 100, increment: 10 })
const numbered = Table.make("cf_numbered", {
  id: Column.integer().primaryKey(),
  number: Column.bigint().serverDefault(Sequence.next(numbers))
})

export const tables = [
  conforms("tables.from-query", "A table is made of a query's rows.", { plain }, ({ same }) =>
    Effect.gen(function* () {
      yield* Database.run(Query.insert(plain).rows([{ data: "a" }, { data: null }]))
      const catalog = Catalog.make({ copies })
      yield* Database.create(catalog)
      yield* Database.run(Query.deleteFrom(plain).everyRow())
      yield* same(yield* Database.all(Query.from(copies).select(copies.c.data)), ["a"])
      yield* Database.drop(catalog)
    })
  ),
  conforms(
    "tables.sequences",
    "A sequence counts as it is told: asked for, and as a column's default.",
    { numbers, numbered },
    ({ same }) =>
      Effect.gen(function* () {
        yield* same(yield* Database.one(Query.select(Sequence.next(numbers))), 100n)
        yield* Database.run(Query.insert(numbered).values({ id: 1 }))
        const next = Query.insert(numbered).values({ id: 2, number: Sequence.next(numbers) })
        yield* same(yield* Database.one(next.returning(numbered.c.number)), 120n)
        const all = Query.from(numbered).orderBy(numbered.c.id).select(numbered.c.number)
        yield* same(yield* Database.all(all), [110n, 120n])
        const { sequences } = yield* Database.reflect()
        yield* same(
          sequences.some(({ name }) => name === "cf_numbers"),
          true,
          "that it is read"
        )
      }),
    "sequences"
  ),
  conforms(
    "tables.created",
    "A table is created, used and dropped; twice is an error unless it may be there.",
    { plain },
    ({ fails, same }) =>
      Effect.gen(function* () {
        yield* Database.run(Query.insert(plain).values({ data: "some data" }))
        const all = Database.all(Query.from(plain).select([plain.c.id, plain.c.data]))
        yield* same(yield* all, [[1, "some data"]])
        const catalog = Catalog.make({ plain, other })
        const error = yield* fails(Database.create(catalog), "SyntaxOrUndefined")
        yield* same("kind" in error ? error.kind : null, "duplicate", "its kind")
        yield* Database.create(catalog, { ifMissing: true })
        yield* same(yield* all, [[1, "some data"]])
        yield* Database.drop(Catalog.make({ other }))
        const gone = yield* fails(Database.count(Query.from(other)), "SyntaxOrUndefined")
        yield* same("kind" in gone ? gone.kind : null, "table", "its kind")
      })
  ),
  conforms(
    "tables.constraints",
    "Each kind of constraint refuses what breaks it, by its name.",
    { parents, children },
    ({ fails, same }) =>
      Effect.gen(function* () {
        const add = (row: typeof child) => Database.run(Query.insert(children).values(row))
        yield* Database.run(Query.insert(parents).values({ id: 1 }))
        yield* add(child)
        const unique = yield* fails(add({ ...child, id: 2 }), "UniqueViolation")
        yield* same("constraint" in unique ? unique.constraint : null, "cf_children_code")
        yield* fails(add({ ...child, code: "b" }), "UniqueViolation")
        yield* fails(add({ ...child, id: 2, code: "b", parentId: 9 }), "ForeignKeyViolation")
        const check = yield* fails(add({ ...child, id: 2, code: "b", age: -1 }), "CheckViolation")
        yield* same("constraint" in check ? check.constraint : null, "cf_children_age")
        yield* add({ ...child, id: 2, code: "b" })
        yield* Database.run(Query.deleteFrom(parents).where(parents.c.id.eq(1)))
        yield* same(yield* Database.count(Query.from(children)), 0, "the children left")
      })
  ),
  conforms(
    "tables.long-names",
    "Names longer than the server takes stay apart, and say in errors what they are.",
    { longNames },
    ({ fails, same }) =>
      Effect.gen(function* () {
        const { tables } = yield* Database.reflect()
        const table = tables.find(({ name }) => name === "cf_long")
        const names = [...(table?.indexes ?? []), ...(table?.uniques ?? [])].map(({ name }) => name)
        yield* same(new Set(names).size, 3, "the number of names")
        const add = Database.run(Query.insert(longNames).values({ one: 1, two: 1 }))
        yield* add
        const error = yield* fails(add, "UniqueViolation")
        yield* same("constraint" in error ? error.constraint : null, `${long}_three`)
      })
  ),
  conforms(
    "tables.odd-names",
    "Names with quotes, blanks, percent signs, other scripts, and reserved words are names.",
    { odd },
    ({ same }) =>
      Effect.gen(function* () {
        yield* Database.run(Query.insert(odd).values({ select: 1, "per % cent": 2, "sp ace": 3 }))
        yield* Database.run(
          Query.update(odd)
            .set({ "sp ace": odd.c["sp ace"].add(1) })
            .where(odd.c["per % cent"].eq(2))
        )
        const rows = Query.from(odd).orderBy(odd.c.select).select({
          "a % b": odd.c["per % cent"],
          order: odd.c.select,
          日本: odd.c["sp ace"]
        })
        yield* same(yield* Database.all(rows), [{ "a % b": 2, order: 1, 日本: 4 }])
      })
  ),
  conforms(
    "tables.computed",
    "A computed column follows the others, and is not written.",
    { squares },
    ({ same }) =>
      Effect.gen(function* () {
        yield* Database.run(
          Query.insert(squares).rows([
            { id: 1, side: 3 },
            { id: 2, side: 10 }
          ])
        )
        yield* Database.run(Query.update(squares).set({ side: 4 }).where(squares.c.id.eq(1)))
        const areas = Query.from(squares).orderBy(squares.c.id).select(squares.c.area)
        yield* same(yield* Database.all(areas), [16, 100])
        const all = Query.from(squares).select(Fn.sum(squares.c.area))
        yield* same(yield* Database.one(all), 116)
      })
  )
]
