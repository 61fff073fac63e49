/** What stands for SQLAlchemy's events: each name of the page is run. */
import {
  Catalog,
  Column,
  Database,
  Entity,
  Mapping,
  Policy,
  Query,
  Session,
  sql,
  Table,
  Type
} from "athanor"
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
  Sessions: `after_attach after_begin after_bulk_delete after_bulk_update after_commit after_flush
    after_flush_postexec after_rollback after_soft_rollback after_transaction_create
    after_transaction_end before_attach before_commit before_flush deleted_to_detached
    deleted_to_persistent detached_to_persistent do_orm_execute loaded_as_persistent
    pending_to_persistent pending_to_transient persistent_to_deleted persistent_to_detached
    persistent_to_transient transient_to_pending`,
  Mappers: `after_configured after_delete after_insert after_mapper_constructed after_update
    before_configured before_delete before_insert before_mapper_configured before_update
    instrument_class mapper_configured`,
  Instances: "expire first_init init init_failure load pickle refresh refresh_flush unpickle",
  "Attributes and queries": `append append_wo_mutation attribute_instrument before_compile
    before_compile_delete before_compile_update bulk_replace class_instrument class_uninstrument
    dispose_collection init_collection init_scalar modified remove resolve_type_annotation set`,
  Schemas: `after_create after_drop after_parent_attach before_create before_drop
    before_parent_attach column_reflect`
} as const
type Family = keyof typeof families

const one = Query.select(sql(Type.integer)`1`)
const marks = Table.make("marks", { id: Column.integer().primaryKey() })
const catalog = Catalog.make({ marks })

class Kept extends Entity<Kept>()("kept", {
  id: Column.integer().primaryKey(),
  n: Column.integer()
}) {}
/** A row of a session comes, changes and goes. */
const course = Effect.gen(function* () {
  yield* Session.add(Kept.make({ id: 1, n: 1 }))
  const steps = (yield* Session.plan).steps.length
  yield* Session.flush
  const kept = yield* Session.get(Kept, 1)
  yield* Session.update(kept, { n: 2 })
  const { columns } = yield* Session.history(kept)
  yield* Session.flush
  yield* Session.delete(kept)
  yield* Session.flush
  return { columns, steps }
})

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

  /** The course of a row in a session of these options. */
  const kept = (options: Parameters<typeof Session.options>[0] = {}) =>
    during(
      {},
      Effect.acquireUseRelease(
        Database.create(Catalog.make({ Kept })),
        () => Effect.provide(Session.transact(course), Session.options(options)),
        () => Effect.orDie(Database.drop(Catalog.make({ Kept })))
      )
    )
  const hooks: Readonly<Record<string, () => Promise<boolean>>> = {
    "Session.hooks": async () => {
      const seen: Array<string> = []
      const own = Session.hooks(Kept, {
        beforeInsert: () => (seen.push("insert"), {}),
        beforeUpdate: () => (seen.push("update"), {}),
        beforeDelete: () => (seen.push("delete"), null)
      })
      await kept({ hooks: [own] })
      return new Set(seen).size === 3
    },
    listeners: async () => {
      const seen: Array<string> = []
      await kept({ listeners: [({ from, to }) => void seen.push(`${from} ${to}`)] })
      const all = "unknown new,new known,known changed,changed known,known deleted,deleted unknown"
      return seen.join() === all
    },
    "Session.plan": async () => (await kept()).steps === 1,
    "Session.history": async () => (await kept()).columns.n?.new === 2,
    "Mapping.faults": () => Promise.resolve(Mapping.faults({ Kept }).length === 0),
    "Database.Participant": async () => {
      const seen: Array<string> = []
      const snapshot = () => (outcome: string) => void seen.push(outcome)
      const both = Database.transaction(Database.transaction(Database.one(one)))
      await during({}, Effect.provideService(both, Database.Participant, { snapshot }))
      return seen.join() === "released,committed"
    },
    "Database.afterCommit": async () => {
      let told = 0
      const later = Database.afterCommit(Effect.sync(() => told++))
      await during({}, Database.transaction(later))
      return told === 1
    },
    "Database.afterRollback": async () => {
      let told = 0
      const later = Database.afterRollback(Effect.sync(() => told++))
      await during(
        {},
        Effect.ignore(Database.transaction(Effect.andThen(later, Effect.fail("no"))))
      )
      return told === 1
    },
    "Database.policed": async () => {
      const own = Policy.rows(marks, marks.c.id.gt(1))
      const work = Effect.gen(function* () {
        yield* Database.create(catalog)
        yield* Database.run(Query.insert(marks).rows([{ id: 1 }, { id: 2 }]))
        const seen = yield* Database.policed([own], Database.count(Query.from(marks)))
        yield* Database.drop(catalog)
        return seen
      })
      return (await during({}, work)) === 1
    },
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

  test("of sessions, mappers and instances: a hook or a reason [F152.4]", async () => {
    await stands("Sessions")
    await stands("Mappers")
    await stands("Instances")
  })

  test("of all the others: a table of every family, each name run [F152.5]", async () => {
    await stands("Attributes and queries")
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!)
    const listed = headings.filter((heading) => heading !== "Errors")
    expect(new Set(listed)).toEqual(new Set(Object.keys(families)))
  })

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
