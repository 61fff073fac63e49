/** A message and the rows it speaks of in one transaction; who sends it takes it by deleting it. */
import { Catalog, Column, Database, Query, Table } from "athanor"
import * as Effect from "effect/Effect"

const orders = Table.make("orders", { id: Column.integer().primaryKey(), total: Column.integer() })
const outbox = Table.make("outbox", { id: Column.id(), message: Column.text() })

const place = (id: number, total: number) =>
  Database.transaction(
    Effect.gen(function* () {
      yield* Database.run(Query.insert(orders).values({ id, total }))
      yield* Database.run(Query.insert(outbox).values({ message: `order ${id}: ${total}` }))
    })
  )

/** At least once: what fails to be sent is there again, for its transaction is undone. */
const relay = <E, R>(send: (message: string) => Effect.Effect<void, E, R>) =>
  Database.transaction(
    Effect.gen(function* () {
      const next = Query.from(outbox).orderBy(outbox.c.id).limit(10)
      for (const { id, message } of yield* Database.all(next)) {
        const taken = yield* Database.run(Query.deleteFrom(outbox).where(outbox.c.id.eq(id)))
        if (taken === 1) yield* send(message)
      }
    })
  )

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ orders, outbox }))
  yield* place(1, 30)
  yield* Effect.ignore(place(1, 99))
  const sent: Array<string> = []
  const down = yield* Effect.flip(relay(() => Effect.fail("the broker is down")))
  const kept = yield* Database.count(Query.from(outbox))
  yield* relay((message) => Effect.sync(() => void sent.push(message)))
  return { down, kept, sent, left: yield* Database.count(Query.from(outbox)) }
})

export const expected = { down: "the broker is down", kept: 1, sent: ["order 1: 30"], left: 0 }
