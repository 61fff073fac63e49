import Database from "better-sqlite3"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import type { Person, Reading } from "../rows.ts"
import { millisOf } from "./decode.ts"
import { type Rows, runNow } from "./Hand.ts"
import {
  type Note,
  type PersonWithDate,
  type Raw,
  selectPairs,
  selectPeople,
  selectReadings
} from "./Raw.ts"

interface PersonRow {
  readonly id: bigint
  readonly account: bigint
  readonly name: string
  readonly email: string
  readonly active: bigint
  readonly created_at: string
}

interface ReadingRow {
  readonly id: number
  readonly sensor: number
  readonly place: string
  readonly remark: string
  readonly level: number
  readonly amount: number
  readonly active: number
  readonly taken_at: string
}

/** One call of each kind: what an Effect by hand puts into a primitive of its own. */
export interface SqliteRaw extends Raw {
  readonly person: (id: number) => Person
  readonly personWithDate: (id: number) => PersonWithDate
  readonly add: (note: Note) => number
  readonly change: (note: Note, id: number) => number
}

/**
 * better-sqlite3 by hand: statements prepared once, object rows. `safeIntegers` where an int8 is
 * read, because without it integers beyond 2^53 come back rounded; the readings hold none (amounts
 * of 12 digits are exact numbers), so their side reads plain numbers.
 */
export const sqliteRaw = (seed: string): SqliteRaw => {
  const database = new Database(":memory:")
  copyFrom(database, seed)
  const version = database.prepare("select sqlite_version()").pluck().get()
  const person = database
    .prepare<[number], PersonRow>(
      "select id, account, name, email, active, created_at from people where id = ?"
    )
    .safeIntegers(true)
  const readings = database.prepare<[], ReadingRow>(selectReadings)
  const everybody = database.prepare<[], PersonRow>(selectPeople).safeIntegers(true)
  const texts = new Map<string, Database.Statement<Array<unknown>>>()
  const prepared = (text: string) => {
    let statement = texts.get(text)
    if (statement === undefined) texts.set(text, (statement = database.prepare(text)))
    return statement
  }
  const insert = database.prepare<[number, string, string, number]>(
    "insert into notes (author_id, title, body, views) values (?, ?, ?, ?)"
  )
  const update = database.prepare<[string, number, number]>(
    "update notes set title = ?, views = ? where id = ?"
  )
  const pairs = database.prepare<[], { readonly id: number; readonly place: string }>(selectPairs)
  const insertAll = database.transaction<Raw["insertMany"]>((notes) => {
    for (const { authorId, body, title, views } of notes) insert.run(authorId, title, body, views)
  })
  const updateAll = database.transaction<Raw["update"]>((note, count) => {
    for (let at = 0; at < count; at++) {
      const { title, views } = note(at)
      update.run(title, views, at + 1)
    }
  })
  return {
    person: (id) => personOf(person.get(id)!),
    personWithDate: (id) => personWithDateOf(person.get(id)!),
    add: ({ authorId, body, title, views }) =>
      Number(insert.run(authorId, title, body, views).lastInsertRowid),
    change: ({ title, views }, id) => update.run(title, views, id).changes,
    version: `better-sqlite3 on SQLite ${String(version)}`,
    people: (next, count) => {
      let last!: Person
      for (let call = 0; call < count; call++) {
        last = personOf(person.get(next())!)
      }
      return last
    },
    peopleWithDate: (next, count) => {
      let last!: PersonWithDate
      for (let call = 0; call < count; call++) {
        last = personWithDateOf(person.get(next())!)
      }
      return last
    },
    readings: () => readings.all().map(readingOf),
    insert: (note, count) => {
      let key = 0
      for (let at = 0; at < count; at++) {
        const { authorId, body, title, views } = note(at)
        key = Number(insert.run(authorId, title, body, views).lastInsertRowid)
      }
      return key
    },
    update: updateAll,
    insertMany: insertAll,
    pairs: () => {
      let sum = 0
      for (const row of pairs.iterate()) sum += row.id
      return sum
    },
    everybody: () => everybody.all().map(personOf),
    hand: (script) =>
      runNow(script, ({ text, values }) => {
        const statement = prepared(text)
        if (statement.reader) return statement.all(...values) as Rows
        statement.run(...values)
        return []
      }),
    script: (text) => void database.exec(text),
    close: () => void database.close()
  }
}

/** The same tables with the same rows and indexes in the same kind of memory. */
export const copyFrom = (database: Database.Database, seed: string): void => {
  database.prepare("attach ? as seed").run(seed)
  const made = (type: "table" | "index") =>
    database
      .prepare<[string], { readonly name: string; readonly sql: string }>(
        "select name, sql from seed.sqlite_master " +
          "where type = ? and sql is not null and name not like 'sqlite_%'"
      )
      .all(type)
  for (const { name, sql } of made("table"))
    database.exec(`${sql}; insert into main.${name} select * from seed.${name}`)
  for (const { sql } of made("index")) database.exec(sql)
  database.exec("detach seed")
}

const personOf = (row: PersonRow): Person => ({
  id: Number(row.id),
  account: row.account,
  name: row.name,
  email: row.email,
  active: row.active === 1n,
  createdAt: DateTime.makeUnsafe(millisOf(row.created_at))
})

const personWithDateOf = (row: PersonRow): PersonWithDate => ({
  id: Number(row.id),
  account: row.account,
  name: row.name,
  email: row.email,
  active: row.active === 1n,
  createdAt: new Date(millisOf(row.created_at))
})

const readingOf = (row: ReadingRow): Reading => ({
  id: row.id,
  sensor: row.sensor,
  place: row.place,
  remark: row.remark,
  level: row.level,
  amount: BigDecimal.make(BigInt(row.amount), 2),
  active: row.active === 1,
  takenAt: DateTime.makeUnsafe(millisOf(row.taken_at))
})
