import { noteOf } from "./rows.ts"
import type { PostgresRaw } from "./raw/postgres.ts"
import type { Raw } from "./raw/Raw.ts"
import type { Workload } from "./workloads.ts"

const rowCount = 100_000
const columns = "author_id, title, body, views"

/** The rows of `noteOf`, as the server makes them of the numbers from 0 up. */
const own = {
  postgres:
    `insert into notes (${columns}) select n % 100, 'Note ' || n, ` +
    "'What the furnace did at turn ' || n || ': it kept its heat.', n " +
    `from generate_series(0, ${rowCount - 1}) n`,
  mariadb:
    `insert into notes (${columns}) select seq % 100, concat('Note ', seq), ` +
    "concat('What the furnace did at turn ', seq, ': it kept its heat.'), seq " +
    `from seq_0_to_${rowCount - 1}`
}

const lineOf = (at: number): string => {
  const { authorId, body, title, views } = noteOf(at)
  return `${authorId}\t${title}\t${body}\t${views}\n`
}

const linesAtOnce = 1000
const lines = (): ReadonlyArray<Buffer> =>
  Array.from({ length: rowCount / linesAtOnce }, (_, chunk) => {
    const numbers = Array.from({ length: linesAtOnce }, (__, at) => chunk * linesAtOnce + at)
    return Buffer.from(numbers.map(lineOf).join(""))
  })

/** What the server takes to store the rows, when no client makes or sends any of them. */
export const ownRows = (
  engine: keyof typeof own,
  raw: Raw,
  insertAll: () => unknown,
  empty: () => Promise<void>
): Workload => ({
  limit: null,
  statements: 1,
  rounds: 10,
  name: "floor: the server's own 100,000 rows",
  pair: { ours: () => raw.script(own[engine]), raw: insertAll, reset: empty }
})

/** What it takes to store them from bytes that a client has had for long. */
export const madeRows = (
  raw: PostgresRaw,
  insertAll: () => unknown,
  empty: () => Promise<void>
): Workload => {
  let made: ReadonlyArray<Buffer> | null = null
  const copy = () => raw.copyMade(`copy notes (${columns}) from stdin`, (made ??= lines()))
  return {
    limit: null,
    statements: 1,
    rounds: 10,
    name: "floor: COPY of bytes made before",
    pair: { ours: copy, raw: insertAll, reset: empty }
  }
}
