import type BetterSqlite3 from "better-sqlite3"
import type { Connection, Result } from "../Driver.ts"

/** A handle was given while a transaction of the application's was open on it. */
export class InTheirs extends Error {
  constructor() {
    super("is in a transaction of the application's: end that before the first statement")
  }
}

class Held extends Error {
  readonly code = "SQLITE_BUSY"
}

/**
 * A connection on a handle that the application uses too.
 *
 * **Laws** only a transaction that was begun through the connection is seen and ended by it. While
 * the application has one open, BEGIN finds the file held, as by another process.
 */
export const besideTheirs = (
  database: BetterSqlite3.Database,
  make: (isOurs: () => boolean) => Connection
): Connection => {
  let isBegun = false
  const isOurs = (): boolean => isBegun && database.inTransaction
  /** Told before whoever asked has the answer: the connection may be given back by then. */
  const noting = (): (() => void) => {
    const wasOpen = database.inTransaction
    return () => void (isBegun = database.inTransaction && (wasOpen ? isBegun : true))
  }
  const own = make(isOurs)
  const sendNow: NonNullable<Connection["sendNow"]> = (request) => {
    if (request.text.startsWith("BEGIN") && database.inTransaction && !isBegun) throw new Held()
    const note = noting()
    try {
      return own.sendNow!(request)
    } finally {
      note()
    }
  }
  return {
    ...own,
    sendNow,
    send: (request, done) => {
      let result: Result
      try {
        result = sendNow(request)
      } catch (error) {
        return done(error, null)
      }
      done(null, result)
    },
    script: (text, done) => {
      const note = noting()
      own.script(text, (error, result) => {
        note()
        done(error, result)
      })
    },
    transaction: () => (isOurs() ? "open" : "none"),
    isIdle: () => {
      if (!isOurs()) return true
      const isIdle = own.isIdle()
      isBegun = !isIdle
      return isIdle
    }
  }
}
