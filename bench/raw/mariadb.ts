import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import { createPool, type ResultSetHeader, type RowDataPacket } from "mysql2/promise"
import type { Connection as CallbackConnection } from "mysql2"
import type { Person, Reading } from "../rows.ts"
import { type Rows, runLater } from "./Hand.ts"
import { type PersonWithDate, type Raw, selectPairs, selectPeople, selectReadings } from "./Raw.ts"

interface PersonRow extends RowDataPacket {
  readonly id: number
  readonly account: string | number
  readonly name: string
  readonly email: string
  readonly active: number
  readonly created_at: Date
}

interface ReadingRow extends RowDataPacket {
  readonly id: number
  readonly sensor: number
  readonly place: string
  readonly remark: string
  readonly level: number
  readonly amount: string
  readonly active: number
  readonly taken_at: Date
}

/**
 * mysql2 by hand: a pool, `execute`, which prepares once on each connection, object rows. Its
 * binary dates are made without text and faster than any text is read, so they stay `Date`;
 * `supportBigNumbers` keeps int8 exact.
 */
export const mariadbRaw = async (url: string): Promise<Raw> => {
  const pool = createPool({ uri: url, connectionLimit: 8, supportBigNumbers: true, timezone: "Z" })
  const person = async (id: number): Promise<PersonRow> => {
    const [rows] = await pool.execute<Array<PersonRow>>(
      "select id, account, name, email, active, created_at from people where id = ?",
      [id]
    )
    return rows[0]!
  }
  const [version] = await pool.query<Array<RowDataPacket>>("select version() as version")
  return {
    version: `mysql2 on MariaDB ${String(version[0]!["version"]).split("-")[0]}`,
    people: async (next, count) => {
      let last!: Person
      for (let call = 0; call < count; call++) {
        last = personOf(await person(next()))
      }
      return last
    },
    peopleWithDate: async (next, count) => {
      let last!: PersonWithDate
      for (let call = 0; call < count; call++) {
        const row = await person(next())
        last = {
          id: row.id,
          account: BigInt(row.account),
          name: row.name,
          email: row.email,
          active: row.active === 1,
          createdAt: row.created_at
        }
      }
      return last
    },
    readings: async () => {
      const [rows] = await pool.execute<Array<ReadingRow>>(selectReadings)
      return rows.map(readingOf)
    },
    insert: async (note, count) => {
      let key = 0
      for (let at = 0; at < count; at++) {
        const { authorId, body, title, views } = note(at)
        const [result] = await pool.execute<ResultSetHeader>(
          "insert into notes (author_id, title, body, views) values (?, ?, ?, ?)",
          [authorId, title, body, views]
        )
        key = result.insertId
      }
      return key
    },
    update: async (note, count) => {
      const connection = await pool.getConnection()
      try {
        await connection.query("begin")
        for (let at = 0; at < count; at++) {
          const { title, views } = note(at)
          await connection.execute("update notes set title = ?, views = ? where id = ?", [
            title,
            views,
            at + 1
          ])
        }
        await connection.query("commit")
      } finally {
        connection.release()
      }
    },
    insertMany: async (notes) => {
      const connection = await pool.getConnection()
      try {
        await connection.query("begin")
        for (let start = 0; start < notes.length; start += 1000) {
          const some = notes.slice(start, start + 1000)
          const places = some.map(() => "(?, ?, ?, ?)").join(", ")
          await connection.query(
            `insert into notes (author_id, title, body, views) values ${places}`,
            some.flatMap(({ authorId, body, title, views }) => [authorId, title, body, views])
          )
        }
        await connection.query("commit")
      } finally {
        connection.release()
      }
    },
    pairs: async () => {
      const connection = await pool.getConnection()
      try {
        let sum = 0
        // The promises' own connection has no streams: the one inside has.
        const inner = connection.connection as unknown as CallbackConnection
        for await (const row of inner.query(selectPairs).stream())
          sum += (row as { readonly id: number }).id
        return sum
      } finally {
        connection.release()
      }
    },
    everybody: async () => {
      const [rows] = await pool.execute<Array<PersonRow>>(selectPeople)
      return rows.map(personOf)
    },
    hand: async (script) => {
      const connection = await pool.getConnection()
      try {
        return await runLater(script, async ({ text, values }) => {
          const [rows] = /^(start|commit)/.test(text)
            ? await connection.query(text)
            : await connection.execute(text, [...values] as Array<string | number>)
          return Array.isArray(rows) ? (rows as Rows) : []
        })
      } finally {
        connection.release()
      }
    },
    script: async (text) => void (await pool.query(text)),
    close: () => pool.end()
  }
}

const personOf = (row: PersonRow): Person => ({
  id: row.id,
  account: BigInt(row.account),
  name: row.name,
  email: row.email,
  active: row.active === 1,
  createdAt: DateTime.makeUnsafe(row.created_at.getTime())
})

const readingOf = (row: ReadingRow): Reading => ({
  id: row.id,
  sensor: row.sensor,
  place: row.place,
  remark: row.remark,
  level: row.level,
  // Two digits after the point, always: that much a hand knows of its own column.
  amount: BigDecimal.make(BigInt(row.amount.slice(0, -3) + row.amount.slice(-2)), 2),
  active: row.active === 1,
  takenAt: DateTime.makeUnsafe(row.taken_at.getTime())
})
