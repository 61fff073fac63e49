/**
 * A program that is killed while it writes: `node writer.ts address…`, then a first number on its
 * input. Each transaction writes a group of five rows; once COMMIT is answered, the database's
 * place among the addresses and the group's number are told.
 */
import { once } from "node:events"
import { createInterface } from "node:readline"
import { Column, Database, Query, Table } from "athanor"
import * as Effect from "effect/Effect"
import { drivers } from "../../runtime/databases.ts"

const urls = process.argv.slice(2)
const groups = Table.make("groups_of_five", {
  group: Column.integer().primaryKey(),
  member: Column.integer().primaryKey()
})

const [line] = (await once(createInterface({ input: process.stdin }), "line")) as [string]

const writing = (url: string, at: number) => {
  let group = Number(line)
  const write = Effect.suspend(() => {
    const mine = group++
    const members = Effect.forEach([1, 2, 3, 4, 5], (member) =>
      Database.run(Query.insert(groups).values({ group: mine, member }))
    )
    return Effect.andThen(
      Database.transaction(members),
      Effect.sync(() => process.stdout.write(`${at} ${mine}\n`))
    )
  })
  return Effect.provide(
    Effect.all(
      [1, 2, 3].map(() => Effect.forever(write)),
      { concurrency: 3 }
    ),
    Database.layerUrl(url, { drivers, pool: { size: 3 } })
  )
}
await Effect.runPromise(Effect.all(urls.map(writing), { concurrency: "unbounded" }))
