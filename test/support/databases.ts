/**
 * Databases for tests. A test file asks for one of its own and gives it back:
 *
 *     const database = await freshDatabase("postgres")
 *     afterAll(database.drop)
 *
 * Fault tests take a whole server: `await using server = await ownServer("mariadb")`.
 * SQLite needs neither: its tests open `sqliteMemory`.
 */
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { inject } from "vitest"
import type { Engine } from "./databases/engine.ts"
import { type FreshDatabase, freshDatabaseOn } from "./databases/fresh.ts"

export type { Engine, StopMode } from "./databases/engine.ts"
export type { FreshDatabase } from "./databases/fresh.ts"
export { type OwnServer, ownServer } from "./databases/server.ts"

export const sqliteMemory = ":memory:"

/** An empty database on the server this run shares, started if it was not running yet. */
export const freshDatabase = async (engine: Engine): Promise<FreshDatabase> =>
  freshDatabaseOn(engine, await serverUrl(engine))

/** The address of the shared server itself, for tests about reaching one. */
export const serverUrl = async (engine: Engine): Promise<string> => {
  const socket = connect(inject("serverDesk"), "127.0.0.1")
  socket.end(engine)
  const answer = JSON.parse(await text(socket)) as { url: string } | { problem: string }
  if ("problem" in answer) throw new Error(answer.problem)
  return answer.url
}
