import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Engine } from "../Engine.ts"
import type { Listener, Sent, StatementEvent } from "./Tap.ts"

/**
 * What the log of every statement shows.
 *
 * @category models
 */
export interface EchoSettings {
  /** The values that were bound, too. Default false: they may be secrets. */
  readonly values?: boolean
  /** Of each value so many characters at most. Default 100. */
  readonly length?: number
}

/** A listener that may also hear what must not be told to others. */
export interface Echo extends Listener {
  readonly echo: (event: StatementEvent, sent: Sent | undefined) => void
}

/** More values than this are counted only. */
const valuesShown = 20

/** Logs each statement in one line: its text, its time and rows, how its text came to be. */
export const echoOf = (
  context: Context.Context<never>,
  engine: Engine,
  { length = 100, values = false }: EchoSettings
): Echo => {
  const log = Effect.runSyncWith(context)
  const echo: Echo["echo"] = (event, sent) => {
    const { duration_ms, error, isInterrupted, rowCount } = event
    const names = [engine.name, engine.options.name ?? null].filter((name) => name !== null)
    const outcome = error !== null ? error._tag : isInterrupted ? "interrupted" : `${rowCount} rows`
    const origin = sent?.origin ?? "raw"
    const facts = `${duration_ms.toFixed(1)} ms, ${outcome}, ${origin}`
    const parameters = sent?.parameters ?? []
    const bound = parameters.length === 0 ? "" : `, ${shown(parameters, values, length)}`
    const line = `athanor${names.map((name) => ` ${name}`).join("")}: ${textOf(event, values)}`
    log(
      Effect.logInfo(`${line} -- ${facts}${bound}`).pipe(
        Effect.annotateLogs({
          duration_ms,
          "athanor.statement": origin,
          ...(engine.name === null ? {} : { "athanor.database": engine.name }),
          ...(engine.options.name === undefined ? {} : { "athanor.name": engine.options.name })
        })
      )
    )
  }
  return Object.assign((event: StatementEvent) => echo(event, undefined), { echo })
}

/** A script is as its author wrote it: values stand in it. */
const textOf = ({ operation, text }: StatementEvent, values: boolean): string =>
  operation === "script" && !values
    ? `a script of ${text.length} characters`
    : text.replaceAll(/\s*\n\s*/g, " ")

const shown = (parameters: ReadonlyArray<unknown>, values: boolean, length: number): string => {
  const count = `${parameters.length} parameter${parameters.length === 1 ? "" : "s"}`
  if (!values) return count
  const some = parameters.slice(0, valuesShown).map((value) => cut(valueText(value), length))
  return `[${some.join(", ")}${parameters.length > valuesShown ? `, … of ${count}` : ""}]`
}

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`

const valueText = (value: unknown): string => {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex")}`
  if (typeof value === "string") return JSON.stringify(value)
  return Array.isArray(value) ? `[${value.map(valueText).join(", ")}]` : String(value)
}
