import type { Connection } from "../Driver.ts"
import type { Lease } from "./Gate.ts"
import type { PooledConnection } from "./PoolEvent.ts"

/** A connection as its pool keeps it: what may be seen of it, and what has become of it. */
export class Entry implements Lease, PooledConnection {
  readonly connection: Connection
  readonly id: number
  readonly openedAt_ms: number
  /** The age at which it is not lent again. */
  readonly expiresAt_ms: number
  /** How many invalidations had been when its connect began. */
  generation: number
  idleSince = 0
  lentAt = 0
  borrows = 0
  borrowedBy: string | null = null
  isReported = false
  state: "idle" | "used" | "gone" = "used"
  #values: Map<unknown, unknown> | null = null

  constructor(
    connection: Connection,
    id: number,
    openedAt_ms: number,
    expiresAt_ms: number,
    generation: number
  ) {
    this.connection = connection
    this.id = id
    this.openedAt_ms = openedAt_ms
    this.expiresAt_ms = expiresAt_ms
    this.generation = generation
  }

  get values(): Map<unknown, unknown> {
    return (this.#values ??= new Map())
  }
}

/** What the program's hook says; one that throws refuses. */
export const isAdmitted = (
  admit: (connection: PooledConnection) => boolean,
  entry: Entry
): boolean => {
  try {
    return admit(entry)
  } catch {
    return false
  }
}
