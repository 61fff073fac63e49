import Sqlite from "better-sqlite3"
import { setTimeout as delay } from "node:timers/promises"
import { type Connection as MariadbConnection, createConnection } from "mysql2/promise"
import { Client } from "pg"
import type { DialectName } from "../../../src/algebra/Dialect.ts"
import { addFunctions } from "../../../src/effects/drivers/sqliteFunctions.ts"
import { prepared } from "../../../src/effects/drivers/sqlitePrepared.ts"
import { sessionText } from "../../../src/effects/drivers/mysqlSession.ts"
import { isNested } from "../../../src/effects/drivers/isNested.ts"
import { sqliteRefusal } from "../../../src/compile/phases/policy/guard.ts"
import { freshDatabaseOn } from "../../support/databases/fresh.ts"
import { type FreshDatabase, freshDatabase, ownServer } from "../../support/databases.ts"
import type { Connection } from "./Runner.ts"
import { createSql, firstMadeKey, tables } from "./tables.ts"

const create = (dialect: DialectName): string =>
  tables.map((table) => `${createSql(table, dialect)};`).join("\n")

/** SQLite in memory. */
export const sqlite = (): Connection => {
  const database = new Sqlite(":memory:")
  database.pragma("case_sensitive_like = ON")
  // As our driver's connections have it.
  addFunctions(database)
  database.function(sqliteRefusal, (words: unknown) => {
    throw new Error(String(words))
  })
  database.exec(create("sqlite"))
  const firsts = tables
    .filter(({ columns }) => columns.some(({ identity }) => identity))
    .map(({ name }) => `('${name}', ${firstMadeKey - 1})`)
  database.exec(`insert into sqlite_sequence (name, seq) values ${firsts.join()}`)
  return {
    dialect: "sqlite",
    script: async (text) => {
      database.exec(text)
    },
    send: async (text, parameters, exact) => {
      const statement = prepared(database, text)
      if (!statement.reader) return { rows: [], matched: statement.run(...parameters).changes }
      const rows = statement
        .raw(true)
        .safeIntegers(exact)
        .all(...parameters) as ReadonlyArray<ReadonlyArray<unknown>>
      return { rows, matched: rows.length }
    },
    close: async () => {
      database.close()
    }
  }
}

/** A PostgreSQL database of this file's own. */
export const postgres = async (): Promise<Connection> => {
  const database = await freshDatabase("postgres")
  const client = new Client({
    connectionString: database.url,
    types: { getTypeParser: () => (raw: unknown) => raw }
  })
  await client.connect()
  // Compiling a query for tables it has no numbers of took twenty times as long as answering it.
  const settings =
    "set time zone 'UTC'; set synchronous_commit = off; set jit = off; " +
    "set statement_timeout = '30s'"
  await client.query(`${settings}; ${create("postgres")}`)
  return {
    dialect: "postgres",
    script: async (text) => {
      await client.query(text)
    },
    send: async (text, parameters) => {
      const { rowCount, rows } = await client.query<Array<unknown>>({
        text,
        rowMode: "array",
        values: [...parameters]
      })
      return { rows, matched: rowCount ?? 0 }
    },
    close: async () => {
      await client.end()
      await database.drop()
    }
  }
}

interface Header {
  readonly affectedRows: number
  readonly info: string
}

const answered = ({ affectedRows, info }: Header) => ({
  rows: [],
  matched: affectedRows,
  said: info
})

const connectTo = async (uri: string): Promise<MariadbConnection> => {
  const connection = await createConnection({
    uri,
    rowsAsArray: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    jsonStrings: true,
    decimalNumbers: false,
    timezone: "Z",
    charset: "utf8mb4_bin",
    multipleStatements: true,
    flags: ["FOUND_ROWS"],
    // The server holds so many for all its connections together.
    maxPreparedStatements: 200
  })
  connection.on("error", () => {})
  // As our driver's connections have it.
  await connection.query(`${sessionText(true)}, max_statement_time = 30`)
  return connection
}

/** A MariaDB database of this file's own. */
export const mariadb = async (): Promise<Connection> => onMariadb(await freshDatabase("mariadb"))

/**
 * A MariaDB server of this file's own, for statements of which some end it: no other test falls
 * with it, and for the next statement it is started again.
 */
export const ownMariadb = async (): Promise<Connection> => {
  const server = await ownServer("mariadb")
  const connection = await onMariadb(await freshDatabaseOn("mariadb", server.url), async () => {
    await server.kill()
    await server.start()
  })
  return {
    ...connection,
    close: async () => {
      await connection.close()
      await server.remove()
    }
  }
}

const onMariadb = async (
  database: FreshDatabase,
  revive: () => Promise<void> = async () => {}
): Promise<Connection> => {
  let connection = await connectTo(database.url)
  await connection.query(create("mariadb"))
  for (const table of tables) {
    if (table.columns.some(({ identity }) => identity)) {
      await connection.query(`alter table \`${table.name}\` auto_increment = ${firstMadeKey}`)
    }
  }
  /** A statement may end the server: where it is started again, the next one is asked there. */
  let lastWords: Error | null = null
  const asked = async <A>(text: string, ask: (on: MariadbConnection) => Promise<A>): Promise<A> => {
    // What is asked of no server says nothing of what ended it.
    if (lastWords !== null) throw lastWords
    try {
      return await ask(connection)
    } catch (error) {
      if ((error as { readonly fatal?: boolean }).fatal === true) {
        lastWords = new Error(`the server or the connection ended at ${text}`, { cause: error })
        await revive()
        for (let tries = 0; tries < 5; tries++) {
          await delay(1000)
          const again = await connectTo(database.url).catch(() => null)
          if (again === null) continue
          connection = again
          const said = lastWords
          lastWords = null
          throw said
        }
        throw lastWords
      }
      throw error
    }
  }
  return {
    dialect: "mariadb",
    script: (text) =>
      asked(text, async (on) => {
        await on.query(text)
      }),
    send: (text, parameters) =>
      asked(text, async (on) => {
        const [rows] = await on
          .execute(text, [...parameters] as never)
          .finally(() => isNested(text) && on.unprepare(text))
        return Array.isArray(rows)
          ? {
              rows: rows as unknown as ReadonlyArray<ReadonlyArray<unknown>>,
              matched: rows.length
            }
          : answered(rows as unknown as Header)
      }),
    close: async () => {
      await connection.end()
      await database.drop()
    }
  }
}

/** A connection of each dialect whose server the tests can run. */
export const connections = {
  sqlite: async () => sqlite(),
  postgres,
  mariadb
} as const satisfies Partial<Record<DialectName, () => Promise<Connection>>>
