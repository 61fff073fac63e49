import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import { copyMade } from "./copyMade.ts"
import { type CustomTypesConfig, Pool, types } from "pg"
import type { Person, Reading } from "../rows.ts"
import { millisOf } from "./decode.ts"
import { type Row, runLater } from "./Hand.ts"
import { type PersonWithDate, type Raw, selectPairs, selectPeople, selectReadings } from "./Raw.ts"

interface PersonRow {
  readonly id: number
  readonly account: string
  readonly name: string
  readonly email: string
  readonly active: boolean
  readonly created_at: string
}

interface ReadingRow {
  readonly id: number
  readonly sensor: number
  readonly place: string
  readonly remark: string
  readonly level: number
  readonly amount: string
  readonly active: boolean
  readonly taken_at: string
}

/**
 * Timestamps as text, read by `millisOf`: pg's own parser of dates is slower, and would favour us.
 */
const parsers: CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === types.builtins.TIMESTAMPTZ ? asText : types.getTypeParser(oid, format)
}

const asText = (text: string): string => text

/** What the server takes when a client has nothing left to do. */
export interface PostgresRaw extends Raw {
  readonly copyMade: (text: string, chunks: ReadonlyArray<Buffer>) => Promise<void>
}

/** pg by hand: a pool, named statements that the server prepares once, object rows. */
export const postgresRaw = async (url: string): Promise<PostgresRaw> => {
  const pool = new Pool({
    connectionString: url,
    max: 8,
    types: parsers,
    options: "-c timezone=UTC"
  })
  const person = (id: number) =>
    pool.query<PersonRow>({
      name: "person",
      values: [id],
      text: "select id, account, name, email, active, created_at from people where id = $1"
    })
  const version = await pool.query<{ readonly server_version: string }>("show server_version")
  return {
    version: `pg on PostgreSQL ${version.rows[0]!.server_version.split(" ")[0]}`,
    people: async (next, count) => {
      let last!: Person
      for (let call = 0; call < count; call++) {
        const row = (await person(next())).rows[0]!
        last = personOf(row)
      }
      return last
    },
    peopleWithDate: async (next, count) => {
      let last!: PersonWithDate
      for (let call = 0; call < count; call++) {
        const row = (await person(next())).rows[0]!
        last = {
          id: row.id,
          account: BigInt(row.account),
          name: row.name,
          email: row.email,
          active: row.active,
          createdAt: new Date(millisOf(row.created_at))
        }
      }
      return last
    },
    readings: async () => {
      const { rows } = await pool.query<ReadingRow>({
        name: "readings",
        text: selectReadings
      })
      return rows.map(readingOf)
    },
    insert: async (note, count) => {
      let key = 0
      for (let at = 0; at < count; at++) {
        const { authorId, body, title, views } = note(at)
        const { rows } = await pool.query<{ readonly id: number }>({
          name: "insert",
          values: [authorId, title, body, views],
          text:
            "insert into notes (author_id, title, body, views) " +
            "values ($1, $2, $3, $4) returning id"
        })
        key = rows[0]!.id
      }
      return key
    },
    update: async (note, count) => {
      const client = await pool.connect()
      try {
        await client.query("begin")
        for (let at = 0; at < count; at++) {
          const { title, views } = note(at)
          await client.query({
            name: "update",
            values: [title, views, at + 1],
            text: "update notes set title = $1, views = $2 where id = $3"
          })
        }
        await client.query("commit")
      } finally {
        client.release()
      }
    },
    insertMany: async (notes) => {
      await pool.query({
        name: "insertMany",
        values: [
          notes.map(({ authorId }) => authorId),
          notes.map(({ title }) => title),
          notes.map(({ body }) => body),
          notes.map(({ views }) => views)
        ],
        text:
          "insert into notes (author_id, title, body, views) " +
          "select * from unnest($1::int[], $2::text[], $3::text[], $4::int[])"
      })
    },
    pairs: async () => {
      const client = await pool.connect()
      try {
        await client.query("begin")
        await client.query(`declare pairs no scroll cursor for ${selectPairs}`)
        let sum = 0
        for (;;) {
          const { rows } = await client.query<{ readonly id: number }>("fetch 500 from pairs")
          for (const row of rows) sum += row.id
          if (rows.length < 500) break
        }
        await client.query("commit")
        return sum
      } finally {
        client.release()
      }
    },
    everybody: async () => {
      const { rows } = await pool.query<PersonRow>({ name: "everybody", text: selectPeople })
      return rows.map(personOf)
    },
    hand: async (script) => {
      const client = await pool.connect()
      try {
        return await runLater(script, async ({ text, values }) => {
          const { rows } = await client.query<Row>({
            name: nameOf(text),
            text,
            values: [...values]
          })
          return rows
        })
      } finally {
        client.release()
      }
    },
    copyMade: async (text, chunks) => {
      const client = await pool.connect()
      try {
        await copyMade(client, text, chunks)
      } finally {
        client.release()
      }
    },
    script: async (text) => void (await pool.query(text)),
    close: () => pool.end()
  }
}

const names = new Map<string, string>()
const nameOf = (text: string): string => {
  let name = names.get(text)
  if (name === undefined) names.set(text, (name = `hand ${names.size}`))
  return name
}

const personOf = (row: PersonRow): Person => ({
  id: row.id,
  account: BigInt(row.account),
  name: row.name,
  email: row.email,
  active: row.active,
  createdAt: DateTime.makeUnsafe(millisOf(row.created_at))
})

const readingOf = (row: ReadingRow): Reading => ({
  id: row.id,
  sensor: row.sensor,
  place: row.place,
  remark: row.remark,
  level: row.level,
  // Two digits after the point, always: that much a hand knows of its own column.
  amount: BigDecimal.make(BigInt(row.amount.slice(0, -3) + row.amount.slice(-2)), 2),
  active: row.active,
  takenAt: DateTime.makeUnsafe(millisOf(row.taken_at))
})
