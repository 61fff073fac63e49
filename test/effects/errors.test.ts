import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { Database } from "../../src/effects/Database.ts"
import type { DatabaseError } from "../../src/effects/DatabaseError.ts"
import { useDatabase } from "./support/databases.ts"
import { type Name, names, sql } from "./support/handmade.ts"

const canary = "canary-7f3a"

const schema = (name: Name): ReadonlyArray<string> => {
  const engine = name === "mariadb" ? " engine=innodb" : ""
  const strict = name === "sqlite" ? " strict" : ""
  const text = name === "sqlite" ? "text" : "varchar(40)"
  const small = name === "sqlite" ? "integer" : "smallint"
  return [
    `create table authors (
      id integer primary key, email ${text} not null, age ${small},
      constraint authors_email unique (email),
      constraint authors_age check (age >= 0)
    )${strict}${engine}`,
    `create table posts (
      id integer primary key, author_id integer not null, reviewer_id integer,
      constraint posts_author foreign key (author_id) references authors (id),
      constraint posts_reviewer foreign key (reviewer_id) references authors (id)
    )${strict}${engine}`
  ]
}

interface Case {
  readonly what: string
  readonly text: string
  readonly values: ReadonlyArray<unknown>
  readonly expected: Readonly<Record<Name, object | null>>
}

const everywhere = (expected: object): Case["expected"] => ({
  sqlite: expected,
  postgres: expected,
  mariadb: expected
})

const cases: ReadonlyArray<Case> = [
  {
    what: "a duplicate unique key",
    text: "insert into authors values (?, ?, ?)",
    values: [2, canary, 1],
    expected: {
      sqlite: { _tag: "UniqueViolation", constraint: null, table: "authors", columns: ["email"] },
      postgres: { _tag: "UniqueViolation", constraint: "authors_email", table: "authors" },
      mariadb: { _tag: "UniqueViolation", constraint: "authors_email", table: "authors" }
    }
  },
  {
    what: "a duplicate primary key",
    text: "insert into authors values (?, ?, ?)",
    values: [1, "new", 1],
    expected: {
      sqlite: { _tag: "UniqueViolation", table: "authors", columns: ["id"] },
      postgres: { _tag: "UniqueViolation", constraint: "authors_pkey", table: "authors" },
      mariadb: { _tag: "UniqueViolation", constraint: "PRIMARY", table: "authors" }
    }
  },
  {
    what: "a child without its parent",
    text: "insert into posts values (?, ?, ?)",
    values: [2, 99, null],
    expected: {
      sqlite: { _tag: "ForeignKeyViolation", direction: "child", constraint: null },
      postgres: {
        _tag: "ForeignKeyViolation",
        direction: "child",
        constraint: "posts_author",
        table: "posts"
      },
      mariadb: {
        _tag: "ForeignKeyViolation",
        direction: "child",
        constraint: "posts_author",
        table: "posts"
      }
    }
  },
  {
    what: "a parent that is still referred to",
    text: "delete from authors where id = ?",
    values: [1],
    expected: {
      sqlite: { _tag: "ForeignKeyViolation", direction: "parent", constraint: null },
      postgres: {
        _tag: "ForeignKeyViolation",
        direction: "parent",
        constraint: "posts_author",
        table: "posts"
      },
      mariadb: {
        _tag: "ForeignKeyViolation",
        direction: "parent",
        constraint: "posts_author",
        table: "posts"
      }
    }
  },
  {
    what: "a key changed under its children",
    text: "update authors set id = ? where id = ?",
    values: [7, 1],
    expected: {
      sqlite: { _tag: "ForeignKeyViolation" },
      postgres: { _tag: "ForeignKeyViolation", direction: "parent", constraint: "posts_author" },
      mariadb: { _tag: "ForeignKeyViolation", direction: "parent", constraint: "posts_author" }
    }
  },
  {
    what: "a false check",
    text: "insert into authors values (?, ?, ?)",
    values: [3, "c", -5],
    expected: everywhere({ _tag: "CheckViolation", constraint: "authors_age", table: "authors" })
  },
  {
    what: "NULL for a column that must have a value",
    text: "insert into authors values (?, ?, ?)",
    values: [3, null, 1],
    expected: everywhere({ _tag: "NotNullViolation", table: "authors", column: "email" })
  },
  {
    what: "nothing for a column that must have a value",
    text: "insert into authors (id) values (?)",
    values: [3],
    expected: everywhere({ _tag: "NotNullViolation", table: "authors", column: "email" })
  },
  {
    what: "a text too long",
    text: "insert into authors values (?, ?, ?)",
    values: [3, canary.repeat(9), 1],
    expected: {
      sqlite: null,
      postgres: { _tag: "ValueOutOfRange", reason: "tooLong" },
      mariadb: { _tag: "ValueOutOfRange", reason: "tooLong", column: "email" }
    }
  },
  {
    what: "a number out of range",
    text: "insert into authors values (?, ?, ?)",
    values: [3, "r", 99_999],
    expected: {
      sqlite: null,
      postgres: { _tag: "ValueOutOfRange", reason: "outOfRange" },
      mariadb: { _tag: "ValueOutOfRange", reason: "outOfRange", column: "age" }
    }
  },
  {
    what: "a text that is no number",
    text: "insert into authors values (?, ?, ?)",
    values: [3, "t", canary],
    expected: {
      sqlite: { _tag: "InvalidText" },
      postgres: { _tag: "InvalidText" },
      mariadb: { _tag: "InvalidText", column: "age" }
    }
  },
  {
    what: "a statement nobody can read",
    text: "selectt 1",
    values: [],
    expected: everywhere({ _tag: "SyntaxOrUndefined", kind: "syntax" })
  },
  {
    what: "a table that does not exist",
    text: "select 1 from nowhere",
    values: [],
    expected: everywhere({ _tag: "SyntaxOrUndefined", kind: "table" })
  },
  {
    what: "a column that does not exist",
    text: "select nonsense from authors",
    values: [],
    expected: everywhere({ _tag: "SyntaxOrUndefined", kind: "column" })
  },
  {
    what: "a table that exists already",
    text: "create table authors (id integer)",
    values: [],
    expected: everywhere({ _tag: "SyntaxOrUndefined", kind: "duplicate" })
  },
  {
    what: "a name that means two things",
    text: "select id from authors a, posts p",
    values: [],
    expected: everywhere({ _tag: "SyntaxOrUndefined", kind: "ambiguous" })
  }
]

describe.each(names)("what %s refuses", (name) => {
  const { layer } = useDatabase(name)

  const prepare = Effect.gen(function* () {
    yield* Database.script("drop table if exists posts; drop table if exists authors")
    for (const text of schema(name)) yield* Database.run(sql(text))
    yield* Database.run(sql("insert into authors values (?, ?, ?)", 1, canary, 1))
    yield* Database.run(sql("insert into posts values (?, ?, ?)", 1, 1, null))
  })

  it.live("each refusal has its tag, its names, and no value", () =>
    Effect.gen(function* () {
      yield* prepare
      for (const { expected, text, values, what } of cases) {
        const wanted = expected[name]
        if (wanted === null) continue
        const error: DatabaseError = yield* Effect.flip(
          Effect.asVoid(Database.run(sql(text, ...values)))
        )
        const actual = Object.fromEntries(
          Object.keys(wanted).map((key) => [key, (error as never)[key]])
        )
        assert.deepStrictEqual(actual, wanted, what)
        assert.strictEqual(error.transaction, "ended", what)
        assert.strictEqual(error.dialect, name)
        for (const shown of [
          error.message,
          JSON.stringify(error),
          inspect(error, { depth: 9 }),
          Cause.pretty(Cause.fail(error)),
          String(error),
          error.stack
        ])
          assert.notInclude(shown ?? "", canary, what)
        assert.notInclude(error.message, "\n")
        assert.isDefined(error.driverError, what)
      }
    }).pipe(Effect.provide(layer()))
  )

  it.live("catchTag gives constraint and columns", () =>
    Effect.gen(function* () {
      yield* prepare
      const caught = yield* Database.run(
        sql("insert into authors values (?, ?, ?)", 2, canary, 1)
      ).pipe(
        Effect.map(() => "nothing"),
        Effect.catchTag("UniqueViolation", (error) =>
          Effect.succeed(`${error.table}: ${error.constraint ?? error.columns.join()}`)
        )
      )
      assert.strictEqual(caught, name === "sqlite" ? "authors: email" : "authors: authors_email")
    }).pipe(Effect.provide(layer()))
  )

  it.live("inside a transaction it says whether the transaction lives", () =>
    Effect.gen(function* () {
      yield* prepare
      const fate = yield* Database.transaction(
        Effect.gen(function* () {
          const error = yield* Effect.flip(
            Database.run(sql("insert into authors values (?, ?, ?)", 2, canary, 1))
          )
          return error.transaction
        })
      ).pipe(
        Effect.catchTag("TransactionDoomed", (error) =>
          Effect.succeed(`${error.reason._tag} ${error.reason.transaction}`)
        )
      )
      assert.strictEqual(fate, name === "postgres" ? "UniqueViolation doomed" : "alive")
    }).pipe(Effect.provide(layer()))
  )
})
