import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { projection } from "../algebra/block.ts"
import type { Capabilities } from "../algebra/Dialect.ts"
import type { Command } from "../algebra/Command.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { StatementNode } from "../algebra/Statement.ts"
import { refuse } from "../algebra/StatementError.ts"
import { isCommand } from "../compile/phases/place.ts"
import { Database } from "../effects/Database.ts"
import { NotFound, type ReadError, RowCount } from "../effects/DatabaseError.ts"
import { EntityId, isOfEntity, type Mapped } from "../mapping/EntityClass.ts"
import { decoding } from "./decoding.ts"
import { itemsOf } from "../mapping/PlanItems.ts"
import { aliasesIn } from "../mapping/PlanColumns.ts"
import { apartFrom, readingOf } from "../mapping/PlanSteps.ts"
import { isInline, isRepeated, withColumns, withSteps } from "../mapping/PlanStatement.ts"
import { completed, type Heard, populated, populatedFrom } from "./loader.ts"

type Asked = { readonly node: StatementNode }
type Rows = ReadonlyArray<object>
type Found<A, E = never> = Effect.Effect<A, ReadError | E, Database>

/** Hears of what was read: of the rows, which it may know better, and of those of each level. */
export interface Hearing {
  readonly rows: (rows: Rows) => Rows
  readonly level: Heard
}

/** A query with what a plan says of it: what is asked, and what is made of the rows. */
interface Planned {
  readonly entity: Mapped
  readonly asked: Asked
  /** A join repeats its rows: they are more than the values. */
  readonly isRepeated: boolean
  readonly values: (rows: Rows, capabilities: Capabilities, hearing: Hearing) => Found<Rows>
}

/** The entity a statement gives whole. */
export const entityIn = (node: Relation | Command): Mapped => {
  const shape = projection(node)?.shape
  const prototype = shape?._tag === "Record" ? shape.prototype : null
  return prototype !== null && prototype !== undefined && isOfEntity(prototype)
    ? prototype[EntityId]
    : refuse("a load plan stands beside a query of one entity, whole")
}

const planned = (statement: Asked, plan: object): Planned => {
  const whole = statement.node as Relation | Command
  const entity = entityIn(whole)
  const { columns, steps: said } = readingOf(entity.class, plan)
  const steps = apartFrom(() => aliasesIn([whole]), said)
  const isBare = columns === null || isCommand(whole)
  const node = isBare ? whole : withColumns(whole, entity, columns)
  if (!steps.some(isInline)) {
    return {
      entity,
      asked: node === whole ? statement : { node },
      isRepeated: false,
      values: (rows, capabilities, hearing) =>
        Effect.flatMap(completed(entity, rows, columns, capabilities), (read) =>
          populated(entity, hearing.rows(read), { columns, steps }, capabilities, hearing.level)
        )
    }
  }
  if (isCommand(node)) refuse("plan: beside the rows of a command relations are loaded by selectIn")
  return {
    entity,
    asked: withSteps(node as Relation, null, steps),
    isRepeated: isRepeated(steps),
    values: (records, capabilities, hearing) => {
      const items = itemsOf(entity, steps, records)
      const values = items.map(({ value }) => value)
      return Effect.flatMap(completed(entity, values, columns, capabilities), (read) => {
        const rows = hearing.rows(read)
        // What came with a row belongs to it as it was read.
        const came = rows.every((row, at) => row === read[at]) ? items : null
        const told = { columns, steps }
        return populatedFrom(entity, rows, came, told, capabilities, hearing.level)
      })
    }
  }
}

/** How many rows a verb gives, and in which form. */
export type Cardinality = "all" | "one" | "oneOrNone" | "first"

type Verb = (
  statement: Asked,
  ...parameters: ReadonlyArray<unknown>
) => Found<unknown, NotFound | RowCount>

const rowsIn = (verb: Cardinality, found: unknown): Rows => {
  if (verb === "all") return found as Rows
  return verb === "one" ? [found as object] : Option.toArray(found as Option.Option<object>)
}

/**
 * The values of a query with what a plan loads, in a verb's form.
 *
 * **Shape** `hearing` is told of every value that was read, before anything is attached to it.
 */
export const plannedQuery = (
  verb: Cardinality,
  statement: Asked,
  plan: object,
  parameters: ReadonlyArray<unknown>,
  hearing: Hearing
): Found<unknown, NotFound | RowCount> =>
  Effect.flatMap(Database, (database) => {
    const { asked, entity, isRepeated, values } = planned(statement, plan)
    const sent = isRepeated ? "all" : verb
    return Effect.flatMap((Database[sent] as unknown as Verb)(asked, ...parameters), (found) =>
      // What the server can is known once it has answered.
      Effect.flatMap(
        decoding(database.capabilities, () =>
          values(rowsIn(sent, found), database.capabilities, hearing)
        ),
        (rows) => inForm(verb, rows, entity, database.capabilities)
      )
    )
  })

const inForm = (
  verb: Cardinality,
  rows: Rows,
  { label }: Mapped,
  { dialect }: Capabilities
): Effect.Effect<unknown, NotFound | RowCount> => {
  if (verb === "all") return Effect.succeed(rows)
  const facts = { dialect, operation: "query", retryable: false, transaction: "alive" } as const
  const actual = rows.length
  if (actual > 1 && verb !== "first") {
    const wanted = verb === "one" ? "exactly one" : "at most one"
    const message = `${actual} rows of ${label} where ${wanted} was asked for`
    return Effect.fail(new RowCount({ ...facts, message, expected: 1, actual }))
  }
  if (verb !== "one") return Effect.succeed(Option.fromNullishOr(rows[0]))
  if (actual === 1) return Effect.succeed(rows[0])
  const message = `no row of ${label} where exactly one was asked for`
  return Effect.fail(new NotFound({ ...facts, message, subject: label }))
}

type StreamVerb = (
  statement: Asked,
  ...parameters: ReadonlyArray<unknown>
) => Stream.Stream<object, ReadError, Database>

/** The same, chunk after chunk. */
export const plannedStream = (
  statement: Asked,
  plan: object,
  parameters: ReadonlyArray<unknown>,
  hearing: Hearing
): Stream.Stream<object, ReadError, Database> =>
  Stream.unwrap(
    Effect.map(Database, (database) => {
      const { asked, isRepeated, values } = planned(statement, plan)
      if (isRepeated) refuse("plan: a stream takes no join that repeats rows: say json or selectIn")
      const rows = (Database.stream as unknown as StreamVerb)(asked, ...parameters)
      return Stream.mapArrayEffect(
        rows,
        (chunk) =>
          decoding(database.capabilities, () =>
            values(chunk, database.capabilities, hearing)
          ) as Found<typeof chunk>
      )
    })
  )
