import type * as Exit from "effect/Exit"
import type { ConnectionError } from "../DatabaseError.ts"
import type { Entry } from "./PoolEntry.ts"

/** Who waits for a connection: whether and with what it was served, and until when it waits. */
export interface Waiter {
  resume: (exit: Exit.Exit<Entry, ConnectionError>) => void
  readonly since: number
  readonly deadline: number
  readonly who: string | null
  entry: Entry | null
}

/** Resumes nobody: one who waits has not begun to yet. */
export const nobody = (): void => {}
