import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { DialectName, Version } from "../algebra/Dialect.ts"
import { UnexpectedDriverError } from "./DatabaseError.ts"
import { type Connection, type Cursor, type Driver, type Result, nowhere } from "./Driver.ts"
import type { Engine } from "./Engine.ts"
import { open, type OpenSettings } from "./open.ts"

/**
 * A statement as it would have been sent.
 *
 * @category models
 */
export interface MockStatement {
  readonly text: string
  readonly parameters: ReadonlyArray<unknown>
}

/**
 * What is used instead of a server.
 *
 * @category models
 */
export interface MockSettings extends OpenSettings {
  readonly dialect: DialectName
  /** Which version it pretends to be; the newest known where left out. */
  readonly version?: Version
  /** Hears of every statement, in order; its rows, by position, are the answer, none by default. */
  readonly answer: (
    statement: MockStatement
  ) => ReadonlyArray<ReadonlyArray<unknown>> | undefined | void
}

/** Opens a database that is a function. */
export const openMock = (settings: MockSettings): Effect.Effect<Engine, never, Scope.Scope> =>
  Effect.orDie(open(Effect.succeed(mockDriver(settings)), settings))

const mockDriver = ({ answer, dialect, version = [999, 0, 0] }: MockSettings): Driver => ({
  dialect,
  host: "a function",
  location: nowhere,
  connect: Effect.sync(() => connectionOf(dialect, version, answer)),
  classify: (error, site) =>
    new UnexpectedDriverError(
      {
        message: "the function that answers failed",
        dialect,
        operation: site.operation,
        retryable: false,
        transaction: site.inTransaction ? "doomed" : "ended",
        code: "mock"
      },
      error
    ),
  isCancelled: () => false,
  describes: false,
  ping: null,
  maxConnections: dialect === "sqlite" ? 1 : null,
  busyTimeout_ms: 0
})

const connectionOf = (
  dialect: DialectName,
  version: Version,
  answer: MockSettings["answer"]
): Connection => {
  let isAlive = true
  let isOpen = false
  const answered = (text: string, parameters: ReadonlyArray<unknown>): Result => {
    if (/^(?:begin|start transaction)/i.test(text)) isOpen = true
    if (/^(?:commit|rollback)$/i.test(text)) isOpen = false
    const rows = answer({ text, parameters }) ?? []
    return { rows, affected: rows.length, tag: "" }
  }
  const send: Connection["send"] = ({ parameters, text }, done) => {
    const exit = attempt(() => answered(text, parameters))
    if (Exit.isSuccess(exit)) done(null, exit.value)
    else done(exit.cause, null)
  }
  const end = (): void => {
    isAlive = false
  }
  return {
    server: { dialect, version },
    sendNow: dialect === "sqlite" ? ({ parameters, text }) => answered(text, parameters) : null,
    send,
    script: (text, done) =>
      send(
        { text, parameters: [], bigints: false, single: false, rowKey: null, keep: false },
        done
      ),
    describe: (_text, done) => done(null, { rows: [], affected: 0, tag: "" }),
    cursor: ({ parameters, text }) => cursorOf(() => answered(text, parameters).rows),
    cancel: () => {},
    isAlive: () => isAlive,
    isIdle: () => !isOpen,
    transaction: () => (isOpen ? "open" : "none"),
    destroy: end,
    close: end
  }
}

const cursorOf = (ask: () => ReadonlyArray<ReadonlyArray<unknown>>): Cursor => {
  let rows: ReadonlyArray<ReadonlyArray<unknown>> | null = null
  let at = 0
  return {
    fetch: (count, done) => {
      const exit = attempt(() => (rows ??= ask()))
      if (Exit.isFailure(exit)) return done(exit.cause, null)
      const some = exit.value.slice(at, at + count)
      at += some.length
      done(null, { rows: some, affected: some.length, tag: "" })
    },
    close: (done) => done()
  }
}

const attempt = <A>(run: () => A): Exit.Exit<A, unknown> => {
  try {
    return Exit.succeed(run())
  } catch (error) {
    return Exit.fail(error)
  }
}
