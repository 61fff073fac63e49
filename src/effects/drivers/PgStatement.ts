import { arrayText } from "../../algebra/types/arrayText.ts"
import type { Done, ResultColumn } from "../Driver.ts"
import type { PgProtocol, Wire } from "./pgModule.ts"
import { placed } from "./scriptPlace.ts"
import { splitScript, statementAt } from "./splitScript.ts"

interface PgField {
  readonly name: string
  readonly dataTypeID: number
}

/** The connection a statement runs on. */
export interface PgStatementOwner {
  readonly closeEvicted: (protocol: PgProtocol) => void
  readonly forget: (text: string) => void
  readonly finished: () => void
}

/**
 * One statement as pg's client drives it: parse, bind, execute, sync in one write, rows kept as the
 * server's text. Settles when the server is ready for the next, so that the state it reports is
 * known.
 */
export class PgStatement {
  readonly #owner: PgStatementOwner
  readonly #text: string
  readonly #parameters: ReadonlyArray<Wire> | null
  readonly #name: string
  readonly #known: boolean
  readonly #isDescribed: boolean
  readonly #done: Done
  #rows: Array<ReadonlyArray<unknown>> = []
  #columns: ReadonlyArray<ResultColumn> = []
  #tag = ""
  #error: unknown = null
  #parsed = false
  #bound = false
  #isAnswered = false
  /** Of a script, how many of its statements are done. */
  #completed = 0
  #settled = false
  /** pg gives its own callback to statements without one. */
  readonly callback = (): void => {}

  constructor(
    owner: PgStatementOwner,
    text: string,
    parameters: ReadonlyArray<Wire> | null,
    name: string,
    known: boolean,
    isDescribed: boolean,
    done: Done
  ) {
    this.#owner = owner
    this.#text = text
    this.#parameters = parameters
    this.#name = name
    this.#known = known
    this.#isDescribed = isDescribed
    this.#done = done
  }

  submit(protocol: PgProtocol): Error | null {
    const parameters = this.#parameters
    if (parameters === null) {
      protocol.query(this.#text)
      return null
    }
    protocol.stream.cork?.()
    try {
      this.#owner.closeEvicted(protocol)
      if (!this.#known) protocol.parse({ name: this.#name, text: this.#text, types: [] })
      protocol.bind({
        portal: "",
        statement: this.#name,
        values: parameters,
        binary: false,
        valueMapper: asIs
      })
      if (this.#isDescribed) protocol.describe({ type: "P", name: "" })
      protocol.execute({ portal: "", rows: 0 })
      protocol.sync()
    } finally {
      protocol.stream.uncork?.()
    }
    return null
  }

  handleRowDescription(message: { readonly fields: ReadonlyArray<PgField> }): void {
    this.#rows = []
    if (this.#isDescribed)
      this.#columns = message.fields.map(({ dataTypeID, name }) => ({ name, type: dataTypeID }))
  }
  handleDataRow(message: { readonly fields: ReadonlyArray<unknown> }): void {
    this.#rows.push(message.fields)
  }
  handleCommandComplete(message: { readonly text: string }): void {
    this.#tag = message.text
    this.#completed++
  }
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleReadyForQuery(): void {}
  handleCopyData(): void {}
  handleCopyInResponse(protocol: PgProtocol): void {
    protocol.sendCopyFail("no data to copy")
  }
  /**
   * The server goes on to say that it is ready; until then the connection belongs to this
   * statement.
   */
  handleError(error: unknown): void {
    this.#error = error ?? new Error("the statement failed")
    if (this.#parameters === null && this.#text.includes(";")) this.#place()
  }

  /**
   * A script is parsed as a whole before its first statement runs: then only the place in the text
   * says which of them it is that cannot be read.
   */
  #place(): void {
    if (splitScript(this.#text, "postgres").length < 2) return
    const place = this.#completed > 0 ? null : placeIn(this.#text, this.#error)
    const isRun = place === null
    placed(this.#error, isRun ? this.#completed + 1 : statementAt(this.#text, place, "postgres"))
  }

  parseCompleted(): void {
    this.#parsed = true
  }
  bindCompleted(): void {
    this.#bound = true
  }

  /**
   * Whether a text prepared before was refused before it began: its tables may have changed since,
   * or the server no longer has it.
   */
  get isOutdated(): boolean {
    if (!this.#isAnswered || !this.#known || this.#error === null) return false
    return isOutdatedPlan(this.#error) || (!this.#bound && isAboutTypes(this.#error))
  }

  ready(): void {
    if (this.#settled) return
    this.#settled = true
    this.#isAnswered = true
    this.#owner.finished()
    if (this.#error === null) {
      const answer = { rows: this.#rows, affected: affectedBy(this.#tag), tag: this.#tag }
      return this.#done(null, this.#isDescribed ? { ...answer, columns: this.#columns } : answer)
    }
    // A plan whose tables changed cannot be used again; one that was never made has no name.
    if ((!this.#known && !this.#parsed) || this.isOutdated) this.#owner.forget(this.#text)
    this.#done(this.#error, null)
  }

  /** The connection is gone: what the server said last is the better reason. */
  abort(error: unknown): void {
    if (this.#settled) return
    this.#settled = true
    this.#owner.finished()
    this.#done(this.#error ?? error, null)
  }
}

/** A prepared statement whose tables changed, or that the server no longer has. */
const isOutdatedPlan = (error: unknown): boolean =>
  codeOf(error) === "0A000" || codeOf(error) === "26000"

/**
 * Values or names that do not fit (classes 22, 42; a broken message): what a changed table gives.
 * A statement that was cancelled before it began must never begin again.
 */
const isAboutTypes = (error: unknown): boolean => /^(?:22|42|08P01)/.test(String(codeOf(error)))

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined

/** Where in a text the server found the fault: it counts characters, from 1. */
const placeIn = (text: string, error: unknown): number | null => {
  const given =
    typeof error === "object" && error !== null && "position" in error ? Number(error.position) : 0
  return given >= 1
    ? Array.from(text)
        .slice(0, given - 1)
        .join("").length
    : null
}

/** `INSERT 0 3`, `UPDATE 2`, `SELECT 5`: the number at the end. */
const affectedBy = (tag: string): number => {
  const number = Number(tag.slice(tag.lastIndexOf(" ") + 1))
  return Number.isInteger(number) ? number : 0
}

/** Values are encoded before they come here. */
export const asIs = (value: Wire): Wire => value

/** Throws on what no encoder gives. */
export const toWire = (value: unknown): Wire => {
  if (typeof value === "string" || value === null) return value
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
    return String(value)
  }
  if (Buffer.isBuffer(value)) return value
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }
  if (Array.isArray(value)) return arrayText(value)
  throw new TypeError(`a parameter of type ${typeof value} reached the driver`)
}
