import { createConnection, type RowDataPacket } from "mysql2/promise"
import { Client } from "pg"
import { describe, expect, test } from "vitest"
import { type Engine, freshDatabase, ownServer } from "./databases.ts"

const ask: Readonly<Record<Engine, (url: string, statement: string) => Promise<unknown>>> = {
  postgres: async (url, statement) => {
    const client = new Client({ connectionString: url })
    client.on("error", () => {})
    await client.connect()
    try {
      const { rows } = await client.query<{ answer: unknown }>(statement)
      return rows[0]?.answer
    } finally {
      await client.end()
    }
  },
  mariadb: async (url, statement) => {
    const connection = await createConnection(url)
    try {
      const [rows] = await connection.query<Array<RowDataPacket>>(statement)
      return rows[0]?.["answer"]
    } finally {
      await connection.end()
    }
  }
}

describe.each(["postgres", "mariadb"] as const)("%s", (engine) => {
  test("each asker gets an empty database of its own, gone when dropped", async () => {
    const [first, second] = await Promise.all([freshDatabase(engine), freshDatabase(engine)])
    expect(first.url).not.toBe(second.url)
    await ask[engine](first.url, "create table t (a int)")
    await ask[engine](second.url, "create table t (a int)")
    await first.drop()
    await expect(ask[engine](first.url, "select 1 as answer")).rejects.toThrow(first.name)
    expect(await ask[engine](second.url, "select count(*) as answer from t")).toEqual(
      engine === "postgres" ? "0" : 0
    )
    await second.drop()
  })

  test("text compares by bytes, without padding", async () => {
    const { url, drop } = await freshDatabase(engine)
    await ask[engine](url, "create table t (a varchar(10))")
    await ask[engine](url, "insert into t values ('a'), ('B'), ('a ')")
    const statement = "select count(*) as answer from t where a = 'a' or a < 'C'"
    expect(Number(await ask[engine](url, statement))).toBe(2)
    await drop()
  })

  test("a wrong password is refused", async () => {
    const { url, drop } = await freshDatabase(engine)
    await expect(ask[engine](url.replace(":athanor@", ":x@"), "select 1")).rejects.toThrow(
      /password/i
    )
    await drop()
  })

  test("an own server stops, is killed, freezes, and starts again at one address", async () => {
    await using server = await ownServer(engine)
    const select = () => ask[engine](server.url, "select 1 as answer")
    expect(await select()).toBe(1)
    await server.stop()
    await expect(select()).rejects.toThrow("ECONNREFUSED")
    await server.start()
    expect(await select()).toBe(1)
    await server.freeze()
    const late = select()
    const winner = await Promise.race([late, new Promise((wake) => setTimeout(wake, 150, "none"))])
    expect(winner).toBe("none")
    await server.thaw()
    expect(await late).toBe(1)
    await server.kill()
    await expect(select()).rejects.toThrow("ECONNREFUSED")
    await server.start()
    expect(await select()).toBe(1)
  })
})
