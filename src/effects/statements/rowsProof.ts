import * as Effect from "effect/Effect"
import type { Relation } from "../../algebra/Relation.ts"
import { isDdl, type StatementNode } from "../../algebra/Statement.ts"
import type { Compiled } from "../../compile/Compiled.ts"
import { misplaced, textByPosition } from "../../compile/textColumns.ts"
import { type DatabaseError, DecodeFailed } from "../DatabaseError.ts"
import type { Result } from "../Driver.ts"
import type { Engine } from "../Engine.ts"
import type { Gate } from "../pool/Gate.ts"
import type { Level } from "../transactions/Level.ts"
import { describeThrough } from "./send.ts"

const proven = new WeakSet<Compiled>()

/**
 * SQL by hand is asked what it gives before it first runs: a command that gives no rows must not
 * run where rows are declared, and look like a query that found none; and a column read by position
 * must not be another that is declared.
 *
 * **Shape** null for what is built, and for a text that is proven. A round trip once a text. Of an
 * insert the query its rows come from is asked.
 * **Errors** `DecodeFailed` for a text without rows, with other columns than are declared, or in
 * another order: none of them has run. Else as describing gives.
 */
export const rowsProof = (
  engine: Engine,
  level: Level | null,
  compiled: Compiled,
  node: StatementNode,
  gate: Gate = level ?? engine.gate
): Effect.Effect<void, DatabaseError> | null => {
  const { byHand } = compiled
  if (byHand === null || engine.driver.describes === false || proven.has(compiled)) return null
  const text = textOf(engine, compiled, node)
  if (text === null) return null
  const site = { operation: "query", table: null, inTransaction: level !== null } as const
  const described = describeThrough(engine, gate, text, site)
  return Effect.flatMap(described, (result) => {
    const refused = refusal(byHand, namesIn(result))
    if (refused !== null) return Effect.fail(failed(compiled, refused))
    proven.add(compiled)
    return Effect.void
  })
}

/** The text by hand; null where it cannot be said alone, nor then the statement it is in. */
const textOf = (engine: Engine, compiled: Compiled, node: StatementNode): string | null => {
  if (compiled.kind === "query") return compiled.text
  const rows = rowsByHand(node)
  if (rows === null) return null
  const prepared = engine.statements.get(rows)
  return prepared._tag === "Refusal" ? null : prepared.compiled.text
}

/** The query an insert takes its rows from, by position. */
export const rowsByHand = (node: StatementNode): Relation | null =>
  !isDdl(node) && node._tag === "Insert" && textByPosition(node) !== null ? node.rows : null

/** The columns `Connection.describe` tells of. */
export const namesIn = ({ rows }: Pick<Result, "rows">): ReadonlyArray<string | null> =>
  rows.flatMap(([what, name]) =>
    what === "column" ? [typeof name === "string" ? name : null] : []
  )

interface Refused {
  readonly says: string
  readonly path: string
  readonly expected: string
}

const refusal = (
  declared: ReadonlyArray<string>,
  given: ReadonlyArray<string | null>
): Refused | null => {
  const [first] = misplaced(declared, given)
  if (given.length === 0)
    return {
      says: "no rows where rows are declared",
      path: "",
      expected: "a statement that gives rows"
    }
  if (first !== undefined)
    return {
      says: `"${first.given}" as column ${first.at + 1}, where "${first.declared}" is declared`,
      path: first.declared,
      expected: `"${first.declared}" as column ${first.at + 1}`
    }
  return given.length === declared.length
    ? null
    : {
        says: `${columns(given.length)}, where ${declared.length} are declared`,
        path: "",
        expected: columns(declared.length)
      }
}

const columns = (count: number): string => `${count} ${count === 1 ? "column" : "columns"}`

const failed = ({ dialect }: Compiled, { expected, path, says }: Refused): DecodeFailed =>
  new DecodeFailed({
    message: `the SQL by hand gives ${says}: it was not run`,
    dialect,
    operation: "decode",
    retryable: false,
    transaction: "alive",
    path,
    expected
  })
