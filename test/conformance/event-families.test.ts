/** What stands for SQLAlchemy's events: each name of the page is run. */
import { Catalog, Column, Database, Query, sql, Table, Type } from "athanor"
import { Mysql } from "athanor/mysql"
import { Postgres } from "athanor/postgres"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, program, programOf } from "./engine-support.ts"

const page = readFileSync("docs/coming-from-events.md", "utf8")
const namesIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

/** The rows of a part of the page: events of theirs, and names of ours. */
const part = (heading: string) =>
  page
    .split(`## ${heading}\n`)[1]!
    .split("\n## ")[0]!
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, theirs, ours, why]) => ({ theirs: namesIn(theirs!), ours: ours!, why: why! }))

const families = {
  "Connections and statements": `after_cursor_execute after_execute before_cursor_execute
    before_execute begin begin_twophase commit commit_twophase engine_connect engine_disposed
    prepare_twophase release_savepoint rollback rollback_savepoint rollback_twophase savepoint
    set_connection_execution_options set_engine_execution_options`,
  Dialects: `do_connect do_execute do_execute_no_params do_executemany do_setinputsizes
    handle_error`,
  Pools: `checkin checkout close close_detached connect detach first_connect invalidate reset
    soft_invalidate`,
  Schemas: `after_create after_drop after_parent_attach before_create before_drop
    before_parent_attach column_reflect`
} as const
type Family = keyof typeof families

const one = Query.select(sql(Type.integer)`1`)
const marks = Table.make("marks", { id: Column.integer().primaryKey() })
const catalog = Catalog.make({ marks })

describe.each(engines)("what stands for an event on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  beforeAll(async () => {
    own = await place(engine)
  })
  afterAll(() => own.drop())

  type Settings = NonNullable<Parameters<typeof program>[1]>
  type Listeners = NonNullable<NonNullable<Settings["pool"]>["listener"]>
  type Told = Parameters<Extract<Listeners, (event: never) => void>>[0]
  const during = async <A, E>(settings: Settings, body: Effect.Effect<A, E, Database>) => {
    const database = program(own.url, settings)
    try {
      return await database.run(body)
    } finally {
      await database.dispose()
    }
  }
  const inSession = {
    sqlite: "create temp table t (n)",
    postgres: "set work_mem to '5MB'",
    mariadb: "set @mine = 1"
  }
  const everything = Effect.gen(function* () {
    yield* Database.transaction(Database.one(one))
    yield* Database.script(inSession[engine])
    yield* Effect.scoped(Effect.flatMap(Database.borrow, ({ detach }) => detach))
    yield* Database.one(one)
  })
  const heardOf = async (tag: Told["_tag"]): Promise<boolean> => {
    const tags: Array<string> = []
    await during({ pool: { size: 1, listener: ({ _tag }) => tags.push(_tag) } }, everything)
    return tags.includes(tag)
  }

  const hooks: Readonly<Record<string, () => Promise<boolean>>> = {
    intercept: async () => {
      const seen: Array<unknown> = []
      await during(
        {
          intercept: ({ kind, reads, text }, next, { options }) => {
            seen.push(kind, reads, text, options)
            return next
          }
        },
        Database.with({ tags: { of: "events" } }, Database.one(one))
      )
      return seen[0] === "query" && JSON.stringify(seen[3]).includes("events")
    },
    "Database.Tap": async () => {
      const texts: Array<string> = []
      const nested = Database.transaction(
        Effect.ignore(Database.transaction(Effect.andThen(Database.one(one), Effect.fail("no"))))
      )
      const heard = Effect.provideService(
        Effect.andThen(nested, Effect.ignore(Database.transaction(Effect.fail("no")))),
        Database.Tap,
        ({ text }) => void texts.push(text)
      )
      await during({}, heard)
      const words = ["BEGIN|START", "SAVEPOINT", "SELECT", "ROLLBACK TO", "COMMIT", "ROLLBACK"]
      return words.every((word) => texts.some((text) => new RegExp(`^(${word})`).test(text)))
    },
    rewrite: async () => {
      let asked = 0
      const layer = Database.layerUrl(own.url, {
        drivers: [Sqlite, Postgres, Mysql],
        rewrite: (given) => {
          asked++
          return given
        }
      })
      const database = programOf(layer)
      await database.run(Database.one(one))
      await database.dispose()
      return asked === 1
    },
    onConnect: async () => {
      let opened = 0
      const onConnect = () => Effect.sync(() => opened++)
      await during({ onConnect, pool: { size: 1 } }, Database.one(one))
      return opened === 1
    },
    admit: async () => {
      let asked = 0
      await during({ pool: { admit: () => ++asked > 0 } }, Database.transaction(Database.one(one)))
      return asked > 0
    },
    "Database.server": async () => {
      const { dialect, version } = await during({}, Database.server)
      return dialect === engine && version.length === 3
    },
    on: async () => {
      const seen: Array<string> = []
      const on = ({ verb, when }: { readonly verb: string; readonly when: string }) =>
        Effect.sync(() => void seen.push(`${when} ${verb}`))
      await during(
        {},
        Effect.andThen(Database.create(catalog, { on }), Database.drop(catalog, { on }))
      )
      return new Set(seen).size === 4
    },
    "Database.reflect": async () => {
      const read = Effect.andThen(Database.create(catalog), Database.reflect())
      const { tables } = await during(
        {},
        Effect.tap(read, () => Database.drop(catalog))
      )
      return tables.some(({ name }) => name === "marks")
    },
    ...Object.fromEntries(
      (
        ["connected", "borrowed", "returned", "reset", "retired", "closed", "detached"] as const
      ).map((tag) => [`listener: ${tag}`, () => heardOf(tag)])
    )
  }

  const stands = async (family: Family): Promise<void> => {
    const rows = part(family)
    const theirs = rows.flatMap((row) => row.theirs)
    expect(theirs.sort()).toEqual(families[family].trim().split(/\s+/).sort())
    for (const { ours, theirs: events, why } of rows) {
      if (ours === "none") {
        expect(why.length, String(events)).toBeGreaterThan(20)
        continue
      }
      expect(namesIn(ours), String(events)).not.toEqual([])
      for (const name of namesIn(ours)) {
        expect(Object.keys(hooks), String(events)).toContain(name)
        expect(await hooks[name]!(), `${String(events)}: ${name}`).toBe(true)
      }
    }
  }

  test("of connections, statements and dialects: a hook or a reason [F152.1]", async () => {
    await stands("Connections and statements")
    await stands("Dialects")
  })

  test("of pools and dialects: a hook or a reason [F152.2]", async () => {
    await stands("Pools")
    await stands("Dialects")
  })

  test("of schemas: a hook or a reason [F152.3]", () => stands("Schemas"))

  test("a listener hears what is in its layer, and nothing after it [F151.1]", async () => {
    const heard: Array<string> = []
    const settings: Settings = {
      pool: { size: 1, listener: ({ _tag }) => heard.push(_tag) },
      intercept: ({ kind }, next) =>
        Effect.andThen(
          Effect.sync(() => heard.push(kind)),
          next
        )
    }
    await during(settings, asked)
    const before = heard.length
    expect(heard).toContain("query")
    expect(heard.at(-1)).toBe("closed")
    await during({}, asked)
    expect(heard.length).toBe(before)
  })
})

const asked = Database.transaction(Database.one(one))
