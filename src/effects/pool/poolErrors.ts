import type { DialectName } from "../../algebra/Dialect.ts"
import { PoolClosed, PoolQueueFull, PoolTimeout } from "../DatabaseError.ts"

const facts = (dialect: DialectName, retryable: boolean) => ({
  dialect,
  operation: "borrow" as const,
  retryable,
  transaction: "ended" as const
})

/** By whom connections are held, where the pool was told to watch. */
const held = (borrowers: ReadonlyArray<string>): string =>
  borrowers.length === 0 ? "" : `; held by ${borrowers.join(", ")}`

/** The pool is no more. */
export const closedError = (dialect: DialectName): PoolClosed =>
  new PoolClosed({ ...facts(dialect, false), message: "the database's scope has ended" })

/** Nobody more may wait. */
export const fullError = (
  dialect: DialectName,
  waiting: number,
  borrowers: ReadonlyArray<string>
): PoolQueueFull =>
  new PoolQueueFull({
    ...facts(dialect, true),
    message: `${waiting} are waiting for a connection already${held(borrowers)}`,
    waiting
  })

/** Waited until the deadline, or longer than an overloaded pool lets anybody wait. */
export const timeoutError = (
  dialect: DialectName,
  reason: "deadline" | "overload",
  waited_ms: number,
  inUse: number,
  waiting: number,
  borrowers: ReadonlyArray<string>
): PoolTimeout => {
  const what = reason === "deadline" ? "no connection came free" : "shed under overload"
  return new PoolTimeout({
    ...facts(dialect, true),
    message: `${what} in ${waited_ms} ms: ${inUse} in use, ${waiting} waiting${held(borrowers)}`,
    reason,
    waited_ms,
    inUse,
    waiting
  })
}
