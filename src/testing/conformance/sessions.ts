import * as Effect from "effect/Effect"
import * as Column from "../../algebra/schema/Column.ts"
import * as Expr from "../../algebra/Expr.ts"
import * as Query from "../../algebra/Query.ts"
import { sql } from "../../algebra/sql.ts"
import * as Table from "../../algebra/schema/Table.ts"
import * as Type from "../../algebra/types.ts"
import { Database } from "../../effects/Database.ts"
import { conforms } from "./Case.ts"

const things = Table.make("cf_things", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(50)
})
const add = (id: number, name = "some") => Database.run(Query.insert(things).values({ id, name }))
const ids = Database.all(Query.from(things).orderBy(things.c.id).select(things.c.id))

const texts = [
  "%",
  "%%",
  "50% off",
  "%s %(x)s %d",
  "?",
  ":name",
  "$1",
  "@a",
  "it's",
  'a "quote"',
  "back\\slash",
  "`tick`",
  "-- no comment",
  "/* nor this */",
  "; drop table cf_things",
  "two\nlines\ttab",
  "日本 😀 é"
]
const parameterNames = [
  "a",
  "per%cent",
  "sp ace",
  "[brackets]",
  "(parens)",
  "co:lon",
  "q?mark",
  "$1",
  "q'uote",
  'q"uote',
  "日本",
  "__proto__",
  "select"
]

export const sessions = [
  conforms("sessions.ping", "A statement without a table is answered.", {}, ({ same }) =>
    Effect.gen(function* () {
      yield* same(yield* Database.one(Query.select(Expr.value(1, Type.integer))), 1)
    })
  ),
  conforms(
    "sessions.server",
    "The server is known by its dialect, its version and where tables without a schema are made.",
    { things },
    ({ same }) =>
      Effect.gen(function* () {
        const { capabilities, dialect, schema, version } = yield* Database.server
        yield* same(capabilities.dialect, dialect, "the dialect of the capabilities")
        yield* same(capabilities.version, version, "their version")
        const { tables } = yield* Database.reflect(schema === null ? {} : { schema })
        yield* same(
          tables.some(({ name }) => name === "cf_things"),
          true,
          "the table is there"
        )
      })
  ),
  conforms(
    "sessions.texts",
    "No text that is bound is ever read as SQL, and what stands in a text of SQL stays.",
    { things },
    ({ same }) =>
      Effect.gen(function* () {
        yield* Effect.forEach(texts, (text, at) => add(at, text))
        const names = Query.from(things).orderBy(things.c.id).select(things.c.name)
        yield* same(yield* Database.all(names), texts)
        const found = Query.from(things).where(things.c.name.in(texts)).select(things.c.id)
        yield* same((yield* Database.all(found)).length, texts.length, "the number found")
        const written = sql(Type.text)`'50% off, %s, :a'`
        yield* same(yield* Database.one(Query.select(written)), "50% off, %s, :a")
      })
  ),
  conforms("sessions.parameter-names", "A parameter may have any name.", { things }, ({ same }) =>
    Effect.gen(function* () {
      yield* add(1, "x")
      yield* Effect.forEach(parameterNames, (name) => {
        const query: Query.Select<number, Expr.Param<string, string>, never> = Query.from(things)
          .where(things.c.name.eq(Expr.param(name, Type.text)))
          .select(things.c.id) as never
        const given = Object.defineProperty({}, name, { value: "x", enumerable: true })
        return Effect.flatMap(Database.all(query, given as Record<string, string>), (rows) =>
          same(rows, [1], `what ${name} finds`)
        )
      })
    })
  ),
  conforms(
    "sessions.errors",
    "A failing statement is a typed failure, and the connection serves the next one.",
    { things },
    ({ fails, same }) =>
      Effect.gen(function* () {
        yield* add(1)
        const error = yield* fails(add(1), "UniqueViolation")
        yield* same("table" in error ? error.table : null, "cf_things", "the table it names")
        yield* fails(Database.script("select from where"), "SyntaxOrUndefined")
        yield* same(yield* ids, [1])
      })
  ),
  conforms(
    "sessions.transactions",
    "What a transaction wrote is there when it commits, and not when it fails; blocks nest.",
    { things },
    ({ same }) =>
      Effect.gen(function* () {
        yield* Database.transaction(Effect.andThen(add(1), add(2)))
        yield* Effect.exit(Database.transaction(Effect.andThen(add(3), add(1))))
        yield* same(yield* ids, [1, 2], "after a failure")
        const inner = Effect.exit(Database.transaction(Effect.andThen(add(4), add(1))))
        yield* Database.transaction(Effect.andThen(inner, add(5)))
        yield* same(yield* ids, [1, 2, 5], "after a block that failed")
      })
  ),
  conforms(
    "sessions.isolation",
    "A level of isolation is taken and given back; one that is not there is refused.",
    { things },
    ({ same }) =>
      Effect.gen(function* () {
        const { isolation } = yield* Database.server
        yield* Database.transaction(add(1), { isolation: "serializable" })
        yield* same(yield* ids, [1])
        yield* same((yield* Database.server).isolation, isolation, "the default")
      })
  ),
  conforms(
    "sessions.autocommit",
    "Under autocommit each statement is there at once.",
    { things },
    ({ fails, same }) =>
      Effect.gen(function* () {
        yield* fails(Database.autocommit(Effect.andThen(add(1), add(1))), "UniqueViolation")
        yield* same(yield* ids, [1])
      })
  ),
  conforms(
    "sessions.read-only",
    "A transaction that only reads refuses to write.",
    { things },
    ({ fails, same }) =>
      Effect.gen(function* () {
        yield* fails(Database.transaction(add(1), { readOnly: true }), "ReadOnly")
        yield* same(yield* ids, [])
      })
  )
]
