import { afterAll, expect, test } from "vitest"
import { isPlain } from "../../src/compile/identifiers.ts"
import { reserved } from "../../src/compile/reserved.ts"
import { connections } from "../properties/support/connections.ts"
import type { Connection } from "../properties/support/Runner.ts"

const opened: Array<Connection> = []
afterAll(() => Promise.all(opened.map((one) => one.close())))

const words = async (connection: Connection, query: string): Promise<ReadonlyArray<string>> => {
  const { rows } = await connection.send(query, [], false)
  return rows.map((row) => String(row[0]).toLowerCase())
}

/** Words that fail as the name of a table, a column and an alias without quotes. */
const failing = async (
  connection: Connection,
  candidates: ReadonlyArray<string>
): Promise<ReadonlyArray<string>> => {
  const bad: Array<string> = []
  for (const word of candidates.filter(isPlain)) {
    try {
      await connection.script(`create table ${word} (${word} integer)`)
      await connection.send(`select ${word}.${word} as ${word} from ${word}`, [], false)
      await connection.send(`insert into ${word} (${word}) values (1)`, [], false)
      await connection.send(`update ${word} set ${word} = ${word}.${word}`, [], false)
      await connection.script(`drop table ${word}`)
    } catch {
      bad.push(word)
    }
  }
  return bad
}

test("every keyword a server knows is a name without quotes, or in the list", async () => {
  const postgres = await connections.postgres()
  const mariadb = await connections.mariadb()
  const sqlite = await connections.sqlite()
  opened.push(postgres, mariadb, sqlite)
  const known = [
    ...(await words(postgres, "select word from pg_get_keywords()")),
    ...(await words(mariadb, "select word from information_schema.keywords")),
    ...(await words(mariadb, "select function from information_schema.sql_functions"))
  ].filter((word) => /^[a-z_]+$/.test(word))
  const all = [...new Set([...known, ...reserved])]
  expect(all.length).toBeGreaterThan(700)
  for (const server of [postgres, mariadb, sqlite]) {
    expect(await failing(server, all), server.dialect).toEqual([])
  }
}, 60_000)
