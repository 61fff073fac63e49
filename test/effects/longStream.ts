/** Rows a server makes as they are asked for, and what a process holds meanwhile. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Database } from "../../src/effects/Database.ts"
import { type Name, sql } from "./support/handmade.ts"

const texts: Readonly<Record<Name, (count: number, width: number) => string>> = {
  sqlite: (count, width) =>
    "with recursive n(at) as (select 1 union all select at + 1 from n " +
    `where at < ${count}) select at, hex(zeroblob(${width / 2})) from n`,
  postgres: (count, width) => `select generate_series(1, ${count}), repeat('x', ${width})`,
  mariadb: (count, width) => `select seq, repeat('x', ${width}) from seq_1_to_${count}`
}

/** The numbers of the rows, 1 and up; beside it each holds a text of `width` characters. */
export const longStream = (name: Name, count: number, width = 1024) =>
  Stream.map(Database.stream(sql(texts[name](count, width))), (row) => Number(row[0]))

const resident_mib = (): number => process.memoryUsage.rss() / 1024 / 1024

/** The heap gets what it takes for much garbage, whoever makes it. */
const churn = (): number => {
  let length = 0
  for (let round = 0; round < 200_000; round++) {
    const rows = Array.from({ length: 20 }, (_, at) => [at, `${round}/${at}`])
    length += rows.length
  }
  return length
}

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

/**
 * Reads so many rows to the end: how far resident memory rose above its start. The collector is
 * asked along the way: a socket's buffers are garbage of up to 64 MiB before it comes by itself.
 */
export const growth_mib = (name: Name, count: number, width: number) =>
  Effect.gen(function* () {
    yield* Stream.runDrain(longStream(name, 20_000, width))
    churn()
    const start = resident_mib()
    let most = start
    let seen = 0
    let chunks = 0
    yield* Stream.runForEachArray(longStream(name, count, width), (numbers) =>
      Effect.sync(() => {
        seen += numbers.length
        if (++chunks % 50 === 0) collect()
        most = Math.max(most, resident_mib())
      })
    )
    return { seen, growth: most - start }
  })
