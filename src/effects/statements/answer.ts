import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Compiled, Decode } from "../../compile/Compiled.ts"
import { DecodeRefused } from "../../compile/DecodeRefused.ts"
import type { DatabaseError, DecodeFailed } from "../DatabaseError.ts"
import type { Result } from "../Driver.ts"
import { decodeFailed, notFound, rowCount } from "./answerRefused.ts"

/** How many rows are wanted and in what. */
export type Mode = "all" | "one" | "oneOrNone" | "first" | "run"

/** `answer`: not decoded, and of which statement. */
export type Answering = Mode | "answer"

export interface Answer {
  readonly compiled: Compiled
  readonly result: Result
}

export type Outcome = Exit.Exit<unknown, DatabaseError>

/** What the caller asked for, of rows that are counted as they should be. */
export const given = (mode: Answering, compiled: Compiled, answer: Result): Outcome => {
  if (mode === "answer") return Exit.succeed({ compiled, result: answer } satisfies Answer)
  const { affected, rows } = answer
  if (mode === "run") return Exit.succeed(affected)
  const decode = compiled.decode
  if (decode === null) return counted(mode, compiled, affected)
  try {
    if (mode === "all") return Exit.succeed(decodeAll(decode, rows))
    if (rows.length === 0) {
      return mode === "one" ? Exit.fail(notFound(compiled)) : Exit.succeed(Option.none())
    }
    if (rows.length > 1 && mode !== "first")
      return Exit.fail(rowCount(compiled, rows.length, "at most one"))
    const row = decode(rows[0]!)
    return Exit.succeed(mode === "one" ? row : Option.some(row))
  } catch (error) {
    if (error instanceof DecodeRefused) return Exit.fail(decodeFailed(compiled, error))
    throw error
  }
}

const decodeAll = (
  decode: Decode<unknown>,
  rows: ReadonlyArray<ReadonlyArray<unknown>>
): ReadonlyArray<unknown> => {
  const decoded = new Array<unknown>(rows.length)
  for (let at = 0; at < rows.length; at++) decoded[at] = decode(rows[at]!)
  return Object.freeze(decoded)
}

/** Fetched rows as values. */
export const decoded = (
  compiled: Compiled,
  rows: ReadonlyArray<ReadonlyArray<unknown>>
): Exit.Exit<ReadonlyArray<unknown>, DecodeFailed> => {
  try {
    return Exit.succeed(compiled.decode === null ? [] : decodeAll(compiled.decode, rows))
  } catch (error) {
    if (error instanceof DecodeRefused) return Exit.fail(decodeFailed(compiled, error))
    throw error
  }
}

/** A command without RETURNING has one row: how many rows it matched. */
const counted = (mode: Mode, compiled: Compiled, affected: number): Outcome => {
  switch (mode) {
    case "all":
      return Exit.succeed(compiled.kind === "ddl" ? [] : [affected])
    case "one":
      return Exit.succeed(affected)
    default:
      return Exit.succeed(Option.some(affected))
  }
}
