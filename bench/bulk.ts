import { Database, Expr, Query, Type } from "athanor"
import { Postgres } from "athanor/postgres"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { madeRows, ownRows } from "./bulkFloor.ts"
import type { PostgresRaw } from "./raw/postgres.ts"
import type { Raw } from "./raw/Raw.ts"
import { noteOf } from "./rows.ts"
import { notes, readings } from "./tables.ts"
import type { Engine, Run, Workload } from "./workloads.ts"

const rowCount = 100_000
const updateCount = 1000
const rows = Array.from({ length: rowCount }, (_, at) => noteOf(at))

const other = Query.alias(readings, "other")
const pairs = Query.from(readings)
  .crossJoin(other)
  .select({ id: readings.c.id, place: other.c.place })

/** The statement is made anew each time, as of rows that a program has just read. */
const insertMany = Effect.suspend(() => Effect.asVoid(Database.run(Query.insert(notes).rows(rows))))

const byKey = Query.update(notes)
  .set({
    title: Expr.param("title", Type.varchar(100)),
    views: Expr.param("views", Type.integer)
  })
  .where(notes.c.id.eq(Expr.param("id", Type.integer)))

const later = (at: number) => noteOf(at + 1)
const sets = Array.from({ length: updateCount }, (_, at) => {
  const { title, views } = later(at)
  return { title, views, id: at + 1 }
})

const sumOfPairs = Effect.suspend(() => {
  let sum = 0
  const added = Stream.runForEachArray(Database.stream(pairs), (chunk) =>
    Effect.sync(() => {
      for (const { id } of chunk) sum += id
    })
  )
  return Effect.map(added, () => sum)
})

const reset: Readonly<Record<Engine, string>> = {
  sqlite: "delete from notes; delete from sqlite_sequence where name = 'notes'",
  postgres: "truncate notes restart identity",
  mariadb: "truncate notes"
}

/** At most so much of the raw driver's time. */
const limits: Readonly<Record<Engine, { readonly insert: number; readonly keyed: number | null }>> =
  {
    sqlite: { insert: 0.77, keyed: null },
    postgres: { insert: 0.91, keyed: 0.125 },
    mariadb: { insert: 0.62, keyed: 0.125 }
  }

/** Rows by the thousand: a turn is long, so there are few of them. */
export const bulk = (engine: Engine, raw: Raw, run: Run): ReadonlyArray<Workload> => {
  const empty = async () => {
    await raw.script(reset[engine].split(";")[0]!)
    if (engine === "sqlite") await run(Database.script(reset[engine].split(";")[0]!))
  }
  const filled = async () => {
    await empty()
    await raw.insertMany(rows.slice(0, updateCount))
    if (engine === "sqlite")
      await run(Database.run(Query.insert(notes).rows(rows.slice(0, updateCount))))
  }
  const few = { statements: 1, rounds: 10 }
  const { insert, keyed } = limits[engine]
  const insertAll = () => raw.insertMany(rows)
  const copied: Workload = {
    ...few,
    limit: 0.37,
    name: "COPY of 100,000 rows, beside unnest by hand",
    pair: {
      ours: () => run(Effect.asVoid(Postgres.copyIn(Query.insert(notes), Stream.fromArray(rows)))),
      raw: insertAll,
      reset: empty
    }
  }
  return [
    {
      ...few,
      limit: insert,
      name: "insert of 100,000 rows",
      pair: { ours: () => run(insertMany), raw: insertAll, reset: empty }
    },
    ...(engine === "postgres" ? [copied] : []),
    ...(engine === "sqlite" ? [] : [ownRows(engine, raw, insertAll, empty)]),
    ...("copyMade" in raw ? [madeRows(raw as PostgresRaw, insertAll, empty)] : []),
    {
      // Ten turns of ours end before its code is compiled.
      ...few,
      rounds: 100,
      limit: keyed,
      name: "1,000 keyed updates as one, beside a loop",
      pair: {
        ours: () => run(Effect.asVoid(Database.runEach(byKey, sets))),
        raw: () => raw.update(later, updateCount),
        reset: filled
      }
    },
    {
      ...few,
      limit: 1.11,
      name: "stream of 1,000,000 rows",
      pair: { ours: () => run(sumOfPairs), raw: raw.pairs }
    }
  ]
}
