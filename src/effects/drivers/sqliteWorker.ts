/** What runs in a worker thread: one connection of SQLite, asked by messages. */
import { parentPort, workerData } from "node:worker_threads"
import BetterSqlite3 from "better-sqlite3"
import type { Connection, Cursor, Done } from "../Driver.ts"
import { openFile } from "./sqlite.ts"
import { type Answered, type Asked, type Begun, told, type WorkerStart } from "./sqliteMessages.ts"

const port = parentPort!
const cursors = new Map<number, Cursor>()

const begin = (): Connection | null => {
  const { file, options } = workerData as WorkerStart
  const say = (begun: Begun): void => port.postMessage(begun)
  try {
    const connection = openFile(BetterSqlite3, file, options)
    const [major, minor, patch] = connection.server.version
    say({ _tag: "begun", version: [major, minor, patch] })
    return connection
  } catch (error) {
    say({ _tag: "refused", error: told(error) })
    return null
  }
}

const connection = begin()

const answer: Done = (error, result) => {
  const answered: Answered = {
    error: error === null ? null : told(error),
    result,
    transaction: connection!.transaction() === "open" ? "open" : "none"
  }
  port.postMessage(answered)
}

const ask = (asked: Asked): void => {
  switch (asked._tag) {
    case "send":
      return connection!.send(asked.request, answer)
    case "script":
      return connection!.script(asked.text, answer)
    case "describe":
      return connection!.describe(asked.text, answer)
    case "fetch": {
      let cursor = cursors.get(asked.cursor)
      if (cursor === undefined)
        cursors.set(asked.cursor, (cursor = connection!.cursor(asked.request)))
      return cursor.fetch(asked.count, answer)
    }
    case "close": {
      const cursor = cursors.get(asked.cursor)
      cursors.delete(asked.cursor)
      const done = (): void => answer(null, { rows: [], affected: 0, tag: "" })
      return cursor === undefined ? done() : cursor.close(done)
    }
  }
}

if (connection !== null) port.on("message", ask)
