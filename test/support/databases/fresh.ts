import { randomBytes } from "node:crypto"
import { createConnection } from "mysql2/promise"
import { Client } from "pg"
import type { Engine } from "./engine.ts"

/** A database of one test file's own, on a server it may share with others. */
export interface FreshDatabase {
  readonly url: string
  readonly name: string
  /** Disconnects whoever is still there and deletes the database. */
  readonly drop: () => Promise<void>
}

/** Creates an empty database on the server at `serverUrl`. */
export const freshDatabaseOn = async (
  engine: Engine,
  serverUrl: string
): Promise<FreshDatabase> => {
  const name = `athanor_${randomBytes(6).toString("hex")}`
  const execute = engine === "postgres" ? onPostgres : onMariadb
  await execute(serverUrl, [creation[engine](name)])
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, name, drop: () => execute(serverUrl, removal[engine](name)) }
}

const creation: Readonly<Record<Engine, (name: string) => string>> = {
  postgres: (name) =>
    `create database ${name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`,
  mariadb: (name) => `create database ${name} character set utf8mb4 collate utf8mb4_nopad_bin`
}

/** Whose session is in a MariaDB database holds its tables, also where its client is gone. */
const removal: Readonly<Record<Engine, (name: string) => ReadonlyArray<string>>> = {
  postgres: (name) => [`drop database if exists ${name} with (force)`],
  mariadb: (name) => [
    `begin not atomic
      declare continue handler for 1094 begin end;
      for one in (select id from information_schema.processlist where db = '${name}') do
        kill one.id;
      end for;
    end`,
    `drop database if exists ${name}`
  ]
}

const onPostgres = async (url: string, statements: ReadonlyArray<string>): Promise<void> => {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

const onMariadb = async (url: string, statements: ReadonlyArray<string>): Promise<void> => {
  const connection = await createConnection({ uri: url })
  try {
    for (const statement of statements) await connection.query(statement)
  } finally {
    await connection.end()
  }
}
