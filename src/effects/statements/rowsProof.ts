import * as Effect from "effect/Effect"
import type { Compiled } from "../../compile/Compiled.ts"
import { type DatabaseError, DecodeFailed } from "../DatabaseError.ts"
import type { Engine } from "../Engine.ts"
import type { Level } from "../transactions/Level.ts"
import { describeThrough } from "./send.ts"

const proven = new WeakSet<Compiled>()

/**
 * SQL by hand is asked what it gives before it first runs: a command that gives no rows must not
 * run where rows are declared, and look like a query that found none.
 *
 * **Shape** null for what is built, and for a text that is proven. A round trip once a text.
 * **Errors** `DecodeFailed` for a text without rows, which has not run; else as describing gives.
 */
export const rowsProof = (
  engine: Engine,
  level: Level | null,
  compiled: Compiled
): Effect.Effect<void, DatabaseError> | null => {
  if (!compiled.byHand || compiled.kind !== "query" || proven.has(compiled)) return null
  const site = { operation: "query", table: null, inTransaction: level !== null } as const
  const described = describeThrough(engine, level ?? engine.gate, compiled.text, site)
  return Effect.flatMap(described, ({ rows }) => {
    if (!rows.some(([what]) => what === "column")) return Effect.fail(withoutRows(compiled))
    proven.add(compiled)
    return Effect.void
  })
}

const withoutRows = ({ dialect }: Compiled): DecodeFailed =>
  new DecodeFailed({
    message: "the SQL by hand gives no rows where rows are declared: it was not run",
    dialect,
    operation: "decode",
    retryable: false,
    transaction: "alive",
    path: "",
    expected: "a statement that gives rows"
  })
