import * as Effect from "effect/Effect"
import { projection } from "../algebra/block.ts"
import { shapeKey } from "../algebra/Relation.ts"
import { isDdl, type StatementNode } from "../algebra/Statement.ts"
import { query } from "../algebra/SelectQuery.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { Compiled, Decode } from "../compile/Compiled.ts"
import { isCommand } from "../compile/phases/place.ts"
import { type DatabaseError, Unsupported } from "./DatabaseError.ts"
import type { Result } from "./Driver.ts"
import type { Engine } from "./Engine.ts"

/** A statement on its way, and how it and others are sent. */
export interface Way {
  readonly engine: Engine
  readonly node: StatementNode
  readonly compiled: Compiled
  readonly send: Effect.Effect<Result, DatabaseError>
  /** Another statement, ready to be sent from the same place. */
  readonly instead: (node: StatementNode) => Effect.Effect<Way, DatabaseError>
  readonly on: (database: Engine, node: StatementNode) => Effect.Effect<Result, DatabaseError>
}

/** Sends a statement through the interceptors of its database, the first of them outermost. */
export const intercepted = (way: Way, from = 0): Effect.Effect<Result, DatabaseError> => {
  const { engine, node } = way
  const { intercepts, options, origin } = engine
  const one = intercepts[from]
  if (one === undefined) return way.send
  const next =
    from + 1 < intercepts.length ? Effect.suspend(() => intercepted(way, from + 1)) : way.send
  const answer = one(way.compiled, next, {
    origin,
    statement: { node },
    query: isDdl(node) || isCommand(node) ? null : query(node),
    options,
    instead: (statement) =>
      Effect.flatMap(way.instead(statement.node), (other) => intercepted(other, from + 1)),
    on: (database, statement) => way.on(database, statement === undefined ? node : statement.node)
  })
  return Effect.map(answer, checkAnswer)
}

const checkAnswer = (answer: Result): Result =>
  Array.isArray((answer as Partial<Result> | undefined)?.rows) ? answer : refuse(noAnswer)

const noAnswer =
  "an interceptor gives what the server answered: what `next`, `instead` or `on` gave"

const rowOf = (node: StatementNode): string => {
  const row = isDdl(node) ? null : projection(node)
  return row === null
    ? ""
    : `${shapeKey(row.shape)}|${row.fields.map(({ type }) => type.key).join("|")}`
}

/** Who asked for a statement reads its rows as that one's: another must give the same. */
export const checkRows = (asked: StatementNode, other: StatementNode): void => {
  if (asked !== other && rowOf(asked) !== rowOf(other))
    refuse("an interceptor's statement gives other rows than the one it stands for")
}

const decoders = new WeakMap<ReadonlyArray<unknown>, Decode<unknown>>()

/** Rows that are read by the statement that gave them, wherever they are put. */
export const readBy = (result: Result, { decode }: Compiled): Result => {
  if (decode !== null)
    for (const row of result.rows) if (!decoders.has(row)) decoders.set(row, decode)
  return result
}

/** A statement whose rows may be of others. */
export const ofAny = (compiled: Compiled): Compiled => {
  const { decode } = compiled
  return decode === null
    ? compiled
    : { ...compiled, decode: (row) => (decoders.get(row) ?? decode)(row) }
}

/** What a cursor is open on cannot be sent again. */
export const staysThere = ({ dialect }: Compiled, construct: string): Unsupported =>
  new Unsupported({
    message: `a cursor stays where it is open: ${construct}`,
    dialect,
    operation: "query",
    retryable: false,
    transaction: "alive",
    capability: "cursorElsewhere",
    construct
  })
