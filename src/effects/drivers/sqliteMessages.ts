import type { Request, Result } from "../Driver.ts"
import { placed, placeOf } from "./scriptPlace.ts"
import type { SqliteOptions } from "./SqliteOptions.ts"

/** What a worker begins with. */
export interface WorkerStart {
  readonly file: string
  readonly options: SqliteOptions
}

/** What is asked of the connection in a worker. */
export type Asked =
  | { readonly _tag: "send"; readonly request: Request }
  | { readonly _tag: "script"; readonly text: string }
  | { readonly _tag: "describe"; readonly text: string }
  | {
      readonly _tag: "fetch"
      readonly cursor: number
      readonly request: Request
      readonly count: number
    }
  | { readonly _tag: "close"; readonly cursor: number }

/** An error without its class, which does not pass from thread to thread. */
export interface Told {
  readonly name: string
  readonly message: string
  readonly code: string | null
  /** Which of a script's statements it is of. */
  readonly statement: number | null
}

/** One answer to each question, in order. */
export interface Answered {
  readonly error: Told | null
  readonly result: Result | null
  readonly transaction: "none" | "open"
}

/** The first thing a worker says. */
export type Begun =
  | { readonly _tag: "begun"; readonly version: readonly [number, number, number] }
  | { readonly _tag: "refused"; readonly error: Told }

export const told = (error: unknown): Told =>
  error instanceof Error
    ? {
        name: error.name,
        message: error.message,
        code: "code" in error && typeof error.code === "string" ? error.code : null,
        statement: placeOf(error)
      }
    : { name: "Error", message: String(error), code: null, statement: null }

/** As the driver's own error would have been. */
export const heard = ({ code, message, name, statement }: Told): Error => {
  const error = name === "RangeError" ? new RangeError(message) : new Error(message)
  if (statement !== null) placed(error, statement)
  return code === null ? error : Object.assign(error, { code })
}
