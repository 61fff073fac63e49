import Database from "better-sqlite3"
import * as DateTime from "effect/DateTime"
import {
  type Dialect,
  type Generated,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  SqliteDialect
} from "kysely"
import { createPool } from "mysql2"
import { Pool, types } from "pg"
import { copyFrom } from "../raw/sqlite.ts"
import { calls, ids, noteOf } from "../rows.ts"
import { callsEach, crowd, type Engine, poolSize } from "../workloads.ts"
import { done, type Peer, same } from "./Peer.ts"

interface People {
  readonly id: number
  readonly account: bigint | string
  readonly name: string
  readonly email: string
  readonly active: boolean | number
  readonly created_at: Date
}
interface Notes {
  readonly id: Generated<number>
  readonly author_id: number
  readonly title: string
  readonly body: string
  readonly views: number
}
interface Tables {
  readonly people: People
  readonly notes: Notes
}

const noMapper = "it builds queries: no relations, no entities"

/** Kysely as its guide writes it: its driver's parsers give values, queries are built anew. */
export const kysely = (engine: Engine, place: string): Peer => {
  const { dialect, script } = placed[engine](place)
  const db = new Kysely<Tables>({ dialect })

  const person = (id: number) =>
    db
      .selectFrom("people")
      .select(["id", "account", "name", "email", "active", "created_at as createdAt"])
      .where("id", "=", id)
      .executeTakeFirstOrThrow()
  const byKey = async (next: () => number) => {
    for (let call = 1; call < callsEach; call++) await person(next())
    return person(next())
  }

  const insert = (at: number) => {
    const { authorId, ...note } = noteOf(at)
    return db.insertInto("notes").values({ ...note, author_id: authorId })
  }
  const inserts = async () => {
    let last = 0
    for (let at = 0; at < calls; at++) {
      if (engine === "mariadb") last = Number((await insert(at).executeTakeFirstOrThrow()).insertId)
      else last = (await insert(at).returning("id").executeTakeFirstOrThrow()).id
    }
    return last
  }

  return {
    name: "Kysely",
    ways: {
      crowd:
        engine === "sqlite"
          ? "SQLite has one connection"
          : done(
              () => Promise.all(Array.from({ length: crowd }, () => byKey(ids()))),
              (people) =>
                people.map(({ account, active, createdAt, ...rest }) => ({
                  id: rest.id,
                  account: BigInt(account),
                  name: rest.name,
                  email: rest.email,
                  active: Boolean(active),
                  createdAt: DateTime.makeUnsafe(createdAt)
                }))
            ),
      inserts: done(inserts, same),
      insertsReused: "it prepares no statement",
      entities: noMapper,
      graph: noMapper,
      loop: noMapper,
      unit: noMapper
    },
    script,
    close: () => db.destroy()
  }
}

interface Placed {
  readonly dialect: Dialect
  readonly script: (text: string) => unknown
}

const placed: Readonly<Record<Engine, (place: string) => Placed>> = {
  sqlite: (file) => {
    const database = new Database(":memory:")
    copyFrom(database, file)
    return {
      dialect: new SqliteDialect({ database }),
      script: (text) => database.exec(text)
    }
  },
  postgres: (connectionString) => {
    const pool = new Pool({
      connectionString,
      max: poolSize,
      types: {
        getTypeParser: (oid, format) =>
          oid === types.builtins.INT8 ? BigInt : types.getTypeParser(oid, format)
      }
    })
    return { dialect: new PostgresDialect({ pool }), script: (text) => pool.query(text) }
  },
  mariadb: (uri) => {
    const pool = createPool({
      uri,
      connectionLimit: poolSize,
      supportBigNumbers: true,
      timezone: "Z"
    })
    return {
      dialect: new MysqlDialect({ pool }),
      script: (text) => pool.promise().query(text)
    }
  }
}
