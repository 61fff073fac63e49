/** Answers kept by the statement that asked: what a command writes says which of them are old. */
import { Catalog, Column, Database, Query, Table } from "athanor"
import { audit } from "athanor/compile"
import * as Effect from "effect/Effect"

const rates = Table.make("rates", { code: Column.varchar(3).primaryKey(), rate: Column.integer() })
const notes = Table.make("notes", { id: Column.id(), text: Column.text() })

type Command = Query.Statement<Query.NoRows>

/** Equal statements have one key, however they were built; their values make the rest of it. */
const keyOf = <A, S extends string>({ node }: Query.Select<A, never, S>): string =>
  JSON.stringify([node.key, node.binds.map(({ value }) => value)])

const makeCache = () => {
  const kept = new Map<string, { readonly tables: ReadonlySet<string>; readonly rows: unknown }>()
  let hits = 0
  const all = <A, S extends string>(query: Query.Select<A, never, S>) =>
    Effect.gen(function* () {
      const found = kept.get(keyOf(query))
      if (found !== undefined) {
        hits++
        return found.rows as ReadonlyArray<A>
      }
      const rows = yield* Database.all(query)
      const { complete, reads } = audit(query)
      const tables = new Set(reads.map(({ table }) => table))
      // Of raw SQL that does not say what it reads nobody knows when its answer is old.
      if (complete) kept.set(keyOf(query), { tables, rows })
      return rows
    })
  const run = (command: Command) =>
    Effect.tap(Database.run(command), () =>
      Database.afterCommit(
        Effect.sync(() => {
          const written = audit(command).writes
          for (const [key, { tables }] of kept)
            if (written.some(({ table }) => tables.has(table))) kept.delete(key)
        })
      )
    )
  return { all, hits: () => hits, run }
}

const euro = () => Query.from(rates).where(rates.c.code.eq("EUR")).select(rates.c.rate)

export const recipe = Effect.gen(function* () {
  const cache = makeCache()
  yield* Database.create(Catalog.make({ rates, notes }))
  yield* cache.run(Query.insert(rates).values({ code: "EUR", rate: 100 }))
  const first = yield* cache.all(euro())
  yield* cache.run(Query.insert(notes).values({ text: "has nothing to do with it" }))
  yield* cache.all(euro())
  const hits = cache.hits()
  yield* cache.run(Query.update(rates).set({ rate: 101 }).where(rates.c.code.eq("EUR")))
  return { first, hits, later: yield* cache.all(euro()) }
})

export const expected = { first: [100], hits: 1, later: [101] }
