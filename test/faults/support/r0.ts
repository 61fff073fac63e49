import type { DatabaseError } from "athanor"
import { Database, Query, sql, Type } from "athanor"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import { expect } from "vitest"
import { isFailure } from "../../../src/effects/Failure.ts"
import { type EngineName, eventually, type Program } from "../../conformance/engine-support.ts"
import { timed } from "../../support/stalls.ts"
import type { Observer } from "./observer.ts"
import { uncaught } from "./uncaught.ts"

type AnyError = DatabaseError.DatabaseError

/** What a program was told of work that writes so many rows of a group of its own. */
export interface Told {
  readonly group: number
  readonly rows: number
  readonly exit: Exit.Exit<unknown, unknown>
}

/** A program after a fault, and who can say what became of its work. */
export interface Aftermath {
  readonly engine: EngineName
  readonly database: Program
  /** Programs on the same database beside it. */
  readonly beside: ReadonlyArray<Program>
  /** How many connections its pool may lend at once. */
  readonly size: number
  readonly observer: Observer
  readonly told: ReadonlyArray<Told>
  readonly spans: ReadonlyArray<Tracer.NativeSpan>
}

const fates: ReadonlySet<string> = new Set(["alive", "doomed", "ended", "unknown"])

/** The failure of an exit: one of ours, named for what it is, no defect. */
export const failureOf = (exit: Exit.Exit<unknown, unknown>): AnyError => {
  expect(Exit.isFailure(exit), "it fails").toBe(true)
  const { cause } = exit as Exit.Failure<unknown, unknown>
  expect(Cause.hasDies(cause), `no defect: ${Cause.pretty(cause)}`).toBe(false)
  const error = cause.reasons.find(Cause.isFailReason)?.error
  expect(isFailure(error), `a typed failure: ${Cause.pretty(cause)}`).toBe(true)
  for (const one of allOf(error as AnyError)) {
    expect(one._tag, `${one.message}: it has a name of its own`).not.toBe("UnexpectedDriverError")
    expect(fates.has(one.transaction)).toBe(true)
    expect(one.message).not.toContain("\n")
  }
  return error as AnyError
}

/** A failure and what it was because of. */
const allOf = (error: AnyError): ReadonlyArray<AnyError> =>
  error._tag === "TransactionDoomed" ? [error, ...allOf(error.reason)] : [error]

/** What went wrong first. */
export const causeOf = (error: AnyError): AnyError => allOf(error).at(-1)!

/** How many rows of a group may be there, by what was said of it. */
const allowed = ({ exit, rows }: Told): ReadonlyArray<number> => {
  if (Exit.isSuccess(exit)) return [rows]
  if (Cause.hasInterrupts(exit.cause) && !Cause.hasFails(exit.cause)) return [0, rows]
  const { transaction } = failureOf(exit)
  // `alive` is what was refused before it was sent: all is as it was.
  return transaction === "unknown" ? [0, rows] : transaction === "doomed" ? [] : [0]
}

const alive = Query.select(sql(Type.integer)`1`)

/** Asks for as many connections as there may be, all at once. */
const everyConnection = (size: number) =>
  Effect.forEach(
    Array.from({ length: size }),
    () => Database.transaction(Effect.andThen(Database.one(alive), Effect.sleep(1))),
    { concurrency: size, discard: true }
  )

/**
 * R0: what holds after every fault, whatever it was.
 *
 * **Shape** every failure was typed and named; the pool serves all its connections again within a
 * second; its ledger balances; the server counts the same sessions and finds none at work; what was
 * acknowledged is stored whole, what was refused is not, what is unknown is whole or not there;
 * every span has ended, and says why; nothing was left for nobody to catch.
 */
export const r0 = async (aftermath: Aftermath): Promise<void> => {
  const { beside, database, engine, observer, size, spans, told } = aftermath
  for (const { exit } of told) if (Exit.isFailure(exit)) allowed({ group: 0, rows: 0, exit })

  const { took_ms, value } = await timed(() => database.exit(everyConnection(size)))
  expect(Exit.isSuccess(value), `the pool serves again: ${String(value)}`).toBe(true)
  expect(took_ms, "the pool serves again within a second").toBeLessThan(1000)

  const stats = (of = database) => of.run(Effect.map(Database, ({ pool }) => pool.stats()))
  const isAtRest = async () => {
    const { connecting, idle, open, used, waiting } = await stats()
    return used === 0 && waiting === 0 && connecting === 0 && open === idle
  }
  expect(await eventually(isAtRest), `at rest: ${JSON.stringify(await stats())}`).toBe(true)
  const { closed, created, detached, open } = await stats()
  expect(created, "the ledger balances").toBe(open + closed + detached)

  // A server that was cut off learns of it at its next word; InnoDB's list is 100 ms old.
  let asked = await observer.asked()
  const agrees = async () => {
    asked = await observer.asked()
    const all = await Promise.all([database, ...beside].map(stats))
    const sessions = all.reduce((sum, each) => sum + each.open, 0)
    return asked.atWork === 0 && (engine === "sqlite" || asked.sessions === sessions)
  }
  expect(await eventually(agrees), `the server says so too: ${JSON.stringify(asked)}`).toBe(true)

  const kept = await observer.kept()
  for (const one of told) {
    const found = kept.get(one.group) ?? 0
    expect(allowed(one), `group ${one.group}: ${found} of ${one.rows} rows`).toContain(found)
  }
  for (const span of spans) {
    expect(span.status._tag, `${span.name} has ended`).toBe("Ended")
    if (span.status._tag !== "Ended" || Exit.isSuccess(span.status.exit)) continue
    expect(span.attributes.get("error.type"), `${span.name} says why`).toBeTypeOf("string")
  }
  expect(uncaught).toEqual([])
}
