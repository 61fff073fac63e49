/** Who changed what, and when: the log is written with the change, by the same transaction. */
import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
import * as Effect from "effect/Effect"

class Account extends Entity<Account>()("accounts", {
  id: Column.integer().primaryKey(),
  owner: Column.varchar(20),
  balance: Column.integer()
}) {}
class Entry extends Entity<Entry>()("audit", {
  id: Column.id(),
  who: Column.varchar(20),
  what: Column.varchar(10),
  row: Column.varchar(40),
  columns: Column.text(),
  at: Column.timestamp().default(Column.now).writeOnce()
}) {}

type Row = Effect.Success<typeof Session.changes>["changed"][number]
const textOf = (columns: Row["columns"]): string =>
  Object.entries(columns)
    .map(([name, { old, new: now }]) => `${name}: ${String(old)} -> ${String(now)}`)
    .join(", ")

/** Nothing is written before the end, so that what is pending there is all that was done. */
const audited = <A, E, R>(who: string, work: Effect.Effect<A, E, R>) =>
  Session.transact(
    Effect.gen(function* () {
      const value = yield* Session.with({ autoflush: false }, work)
      const { changed, deleted, new: added } = yield* Session.changes
      for (const [what, rows] of Object.entries({ added, changed, deleted }))
        for (const { columns, key, table } of rows)
          yield* Session.add(
            Entry.make({
              who,
              what,
              row: `${table} ${JSON.stringify(key)}`,
              columns: textOf(columns)
            })
          )
      return value
    })
  )

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ Account, Entry }))
  yield* audited("ann", Session.add(Account.make({ id: 1, owner: "eve", balance: 5 })))
  const pay = Effect.flatMap(Session.get(Account, 1), (one) => Session.update(one, { balance: 3 }))
  yield* audited("bob", pay)
  // What is undone is not logged: it did not happen.
  yield* Effect.ignore(audited("eve", Effect.andThen(pay, Effect.fail("no"))))
  yield* audited("cleo", Session.delete(Account.ref(1)))
  const log = Query.from(Entry).orderBy(Entry.c.id)
  return yield* Database.all(
    log.select({ who: Entry.c.who, what: Entry.c.what, row: Entry.c.row, columns: Entry.c.columns })
  )
})

const row = 'accounts {"id":1}'
export const expected = [
  {
    who: "ann",
    what: "added",
    row,
    columns: "id: undefined -> 1, owner: undefined -> eve, balance: undefined -> 5"
  },
  { who: "bob", what: "changed", row, columns: "balance: 5 -> 3" },
  { who: "cleo", what: "deleted", row, columns: "id: 1 -> undefined" }
]
