import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { ValueRefused } from "../../algebra/Codec.ts"
import type { AnyType } from "../../algebra/Type.ts"
import { refused } from "../../algebra/types/make.ts"
import type { Insert } from "../../algebra/Command.ts"
import type { Cells, InsertInto } from "../../algebra/Insert.ts"
import { listsOf, type RowLists, type ValueList } from "../../algebra/rowLists.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import { withJsonText } from "../../algebra/types/jsonText.ts"
import { dialects } from "../../compile/dialects.ts"
import { schemaIn } from "../../compile/schemas.ts"
import { Database } from "../Database.ts"
import {
  type DatabaseError,
  EncodeFailed,
  type TransactionError,
  Unsupported,
  type WriteError
} from "../DatabaseError.ts"
import { describe } from "../classify/describe.ts"
import { type Counter, counterOf } from "../observability/Progress.ts"
import type { Connection, CopySink, Result, Site } from "../Driver.ts"
import { type Engine, onKnown } from "../Engine.ts"
import { ofRows } from "../Failure.ts"
import { drawer, drawn, type Make } from "./generate.ts"
import { ruleRefused } from "./ruleRefused.ts"
import { entered } from "./send.ts"

/** Adds rows by COPY, as they come: what `Postgres.copyIn` says. */
export const copyIn = <N extends string, Row, In, E, R>(
  into: InsertInto<N, Row, In>,
  rows: Stream.Stream<Cells<In>, E, R>
): Effect.Effect<number, E | WriteError | TransactionError, R | Database> =>
  onKnown(Database, (engine) =>
    Effect.withFiber((fiber) => {
      const refused = refusal(engine)
      if (refused !== null) return Effect.fail(refused)
      const level = fiber.getRef(engine.current)
      // The server works on what it has while the next rows are written.
      const chunks = Stream.rechunk(rows, rowsAtOnce)
      const nodes = Stream.mapArray(chunks, (chunk) => [into.rows(chunk).node as Insert])
      return entered(level ?? engine.gate, ({ connection }, restore) => {
        const copying = new Copying(engine, connection, level !== null)
        let progress: Counter | null = null
        const written = (node: Insert): Effect.Effect<void, DatabaseError> => {
          progress ??= counterOf(fiber, "copyIn", node.table.name, null)
          const one = copying.write(node, fiber)
          return progress === null ? one : Effect.tap(one, () => counted(progress, node.rowCount))
        }
        const all = Effect.andThen(Stream.runForEach(nodes, written), copying.ended)
        return Effect.onExit(restore(all), (exit) => {
          progress?.over()
          return Exit.isFailure(exit)
            ? copying.abandoned((error) => level?.failed(error))
            : Effect.void
        })
      })
    })
  ) as Effect.Effect<number, E | WriteError | TransactionError, R | Database>

const counted = (progress: Counter | null, rows: number): Effect.Effect<void> =>
  Effect.sync(() => progress?.add(rows))

const rowsAtOnce = 1000

const refusal = (engine: Engine): Unsupported | null => {
  const construct =
    engine.dialect !== "postgres"
      ? "COPY"
      : engine.policies.length > 0
        ? "COPY under a policy"
        : engine.readOnly
          ? "COPY into a database that is for reading only"
          : null
  return construct === null
    ? null
    : new Unsupported({
        message: `${engine.dialect} cannot do this: ${construct} (copy)`,
        dialect: engine.dialect,
        operation: "insert",
        retryable: false,
        transaction: "alive",
        capability: "copy",
        construct
      })
}

type Outcome = Exit.Exit<Result, DatabaseError>

/** One COPY, from its first row to the server's count. */
class Copying {
  readonly #engine: Engine
  readonly #connection: Connection
  readonly #inTransaction: boolean
  #sink: CopySink | null = null
  #first: Insert | null = null
  #rowCount = 0
  /** The server was told; rows that are refused before it leave nothing to end. */
  #begun = false
  #outcome: Outcome | null = null
  #waiting: ((outcome: Outcome) => void) | null = null

  constructor(engine: Engine, connection: Connection, inTransaction: boolean) {
    this.#engine = engine
    this.#connection = connection
    this.#inTransaction = inTransaction
  }

  write(node: Insert, fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<void, DatabaseError> {
    const { json } = this.#engine
    const said = () => this.#textOf(node, fiber)
    const text = json === null ? said() : withJsonText(json, said)
    if (typeof text !== "string") return Effect.fail(text)
    const started = this.#sink === null ? this.#started(node) : Effect.void
    return Effect.andThen(
      started,
      Effect.callback<void, DatabaseError>((resume) => {
        this.#waiting = (outcome) => resume(Effect.asVoid(outcome))
        if (this.#outcome !== null) return resume(Effect.asVoid(this.#outcome))
        this.#sink!.write(text, () => resume(Effect.void))
      })
    )
  }

  /** How many rows the server took. */
  get ended(): Effect.Effect<number, DatabaseError> {
    return Effect.suspend(() =>
      this.#sink === null
        ? Effect.succeed(0)
        : Effect.map(
            Effect.callback<Result, DatabaseError>((resume) => {
              this.#waiting = resume
              if (this.#outcome !== null) return resume(this.#outcome)
              this.#sink!.end()
            }),
            ({ affected }) => affected
          )
    )
  }

  /** Tells the server that nothing of it is wanted, and waits until it has said so. */
  abandoned(doomed: (error: DatabaseError) => void): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer)
        if (Exit.isFailure(outcome))
          for (const reason of outcome.cause.reasons)
            if (reason._tag === "Fail") doomed(reason.error)
        resume(Effect.void)
      }
      const { control_ms } = this.#engine.deadlines
      const timer = setTimeout(() => this.#connection.destroy(), control_ms)
      if (this.#outcome !== null) return settle(this.#outcome)
      if (!this.#begun) return settle(Exit.succeed({ rows: [], affected: 0, tag: "" }))
      this.#waiting = settle
      if (this.#sink === null) this.#connection.destroy()
      else this.#sink.fail("the rows came to an early end")
    })
  }

  #started(node: Insert): Effect.Effect<void, DatabaseError> {
    return Effect.callback((resume) => {
      this.#begun = true
      this.#waiting = (outcome) => resume(Effect.asVoid(outcome))
      const { columns, table } = node
      const quote = dialects.postgres.quote
      const schema = schemaIn(this.#engine.options.schemas, table.schema)
      const name = schema === null ? "" : `${quote(schema)}.`
      const listed = columns.map((key) => quote(table.byKey.get(key)!.name)).join(", ")
      const text = `COPY ${name}${quote(table.name)} (${listed}) FROM STDIN`
      const site: Site = {
        operation: "insert",
        table: table.name,
        inTransaction: this.#inTransaction
      }
      this.#connection.copyIn!(
        text,
        (sink) => {
          this.#sink = sink
          resume(Effect.void)
        },
        (error, result) => {
          const { driver, policies } = this.#engine
          this.#outcome =
            error === null
              ? Exit.succeed(result!)
              : Exit.fail(
                  ofRows(
                    describe(driver.classify(error, site, this.#connection), node, policies),
                    lineOf(error, table.name)
                  )
                )
          this.#waiting?.(this.#outcome)
        }
      )
    })
  }

  #textOf(node: Insert, fiber: Fiber.Fiber<unknown, unknown>): string | DatabaseError {
    const first = (this.#first ??= node)
    const { columns, rowCount } = node
    const sameColumns =
      columns.length === first.columns.length && columns.every((key, i) => key === first.columns[i])
    if (!sameColumns) return this.#refused("", "the columns of the first row")
    const broken = ruleRefused(node, "postgres")
    if (broken !== null) {
      this.#rowCount += broken.rows?.[0] ?? 0
      const of = broken.path.replace(/^rows\[\d+\]\./, "")
      return this.#refused(`.${of}`, broken.expected, broken.entity)
    }
    const given = drawn(listsOf(node), fiber)
    const field = given === null ? cellField(node, fiber) : listField(given)
    let text = ""
    for (let row = 0; row < rowCount; row++) {
      for (let column = 0; column < columns.length; column++) {
        if (column > 0) text += "\t"
        try {
          text += field(row, column)
        } catch (error) {
          if (error instanceof ValueRefused)
            return this.#refused(
              `.${columns[column]!}${error.ruled?.below ?? ""}`,
              error.expected,
              error.ruled?.entity ?? null
            )
          throw error
        }
      }
      text += "\n"
      this.#rowCount++
    }
    return text
  }

  #refused(of: string, expected: string, entity: string | null = null): EncodeFailed {
    const path = `rows[${this.#rowCount}]${of}`
    return new EncodeFailed({
      message: `${path}${entity === null ? "" : ` of ${entity}`}: expected ${expected}`,
      dialect: "postgres",
      operation: "encode",
      retryable: false,
      transaction: this.#inTransaction ? "alive" : "ended",
      path,
      expected,
      entity,
      rows: [this.#rowCount]
    })
  }
}

/** `COPY notes, line 3, column label: "…"`: the row whose line it is. */
const lineOf = (error: unknown, table: string): ReadonlyArray<number> => {
  const where =
    typeof error === "object" && error !== null && "where" in error ? String(error.where) : ""
  const start = `COPY ${table}, line `
  const line = where.startsWith(start) ? Number.parseInt(where.slice(start.length), 10) : 0
  return line > 0 ? [line - 1] : []
}

type Field = (row: number, column: number) => string

type Sent = (value: unknown) => unknown

const noExpression = "a value: COPY takes no expression"

const sentOf = ({ codec, sql }: AnyType): Sent =>
  (sql.wrap?.write.postgres ?? null) === null
    ? (codec.row.postgres.encode as Sent)
    : () => refused(noExpression)

const listField = ({ lists, types }: RowLists<ValueList>): Field => {
  const encodes = types.map(sentOf)
  return (row, column) => fieldText(lists[column]![row], encodes[column]!)
}

const cellField = ({ cells, columns }: Insert, fiber: Fiber.Fiber<unknown, unknown>): Field => {
  const width = columns.length
  const make = drawer(fiber)
  return (row, column) => {
    const cell = cells[row * width + column]!
    return fieldText(valueOf(cell, make), sentOf(cell.type))
  }
}

const special = /[\\\t\n\r]/
const everySpecial = /[\\\t\n\r]/g

/** One field of COPY's text format. Source: PostgreSQL manual, COPY, "Text Format". */
const fieldText = (value: unknown, encode: Sent): string => {
  if (value === null) return "\\N"
  const sent = encode(value)
  if (sent instanceof Uint8Array)
    return `\\\\x${Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength).toString("hex")}`
  const text = String(sent)
  return special.test(text) ? text.replace(everySpecial, (one) => escapes[one]!) : text
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r"
}

const valueOf = (cell: Scalar, make: Make): unknown => {
  switch (cell._tag) {
    case "Bound":
    case "Constant":
      return cell.value
    case "Generated":
      return make(cell)
    default:
      return refused(`${noExpression} and no default of one row`)
  }
}
