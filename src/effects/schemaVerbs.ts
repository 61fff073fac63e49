import * as Effect from "effect/Effect"
import type { Catalog } from "../algebra/schema/Catalog.ts"
import type { Ddl } from "../algebra/Ddl.ts"
import type { TableSource } from "../algebra/Source.ts"
import {
  createSteps,
  dropSteps,
  type SchemaObject,
  type SchemaParts,
  type SchemaStep
} from "../compile/schema/schemaSteps.ts"
import { type DatabaseError, SchemaIncomplete } from "./DatabaseError.ts"
import { type Engine, onKnown } from "./Engine.ts"
import { type EngineKey, execution } from "./Execution.ts"
import { isFailure } from "./Failure.ts"
import { reflect } from "./reflection/reflect.ts"
import { ifEmpty, ifUnused, missingTypes } from "./schemaTypes.ts"
import { script } from "./statements/script.ts"
import { transactionIn } from "./transactions/Transaction.ts"

/**
 * That something of a schema is about to be created or dropped, or has been.
 *
 * **Shape** `of` is null for the catalog as a whole. A table comes with its indexes.
 *
 * @category models
 */
export interface SchemaEvent {
  readonly when: "before" | "after"
  readonly verb: "create" | "drop"
  readonly of: SchemaObject | null
}

/**
 * How a catalogue is dropped.
 *
 * @category models
 */
export interface DropOptions<E = never, R = never> {
  /** Runs at each event, in the same transaction where there is one; a failure ends the work. */
  readonly on?: (event: SchemaEvent) => Effect.Effect<unknown, E, R>
}

/**
 * How a catalogue's tables are created.
 *
 * @category models
 */
export interface CreateOptions<E = never, R = never> extends DropOptions<E, R> {
  /** What is there already stays as it is; the rest is created. Default false. */
  readonly ifMissing?: boolean
  /** Views that are there already are dropped first, and created of what their queries are now. */
  readonly replaceViews?: boolean
}

/** Creates what a catalogue holds, each after what it needs. */
export const create = <E, R>(
  service: EngineKey,
  catalog: Catalog,
  { ifMissing = false, on, replaceViews = false }: CreateOptions<E, R>
): Effect.Effect<void, DatabaseError | E, R> =>
  onKnown(service, (engine) => {
    const { capabilities } = engine
    const all = (parts: SchemaParts) => {
      const old = replaceViews ? { ...nothing, views: parts.views.filter(isView) } : nothing
      return together(engine, "created", [
        ...worked(service, dropSteps(old, capabilities, true)),
        ...heard("create", worked(service, createSteps(parts, capabilities, false, ifMissing)), on)
      ])
    }
    const wanted = ifMissing
      ? missingOf(service, engine, catalog, replaceViews)
      : Effect.succeed<SchemaParts>(catalog)
    return Effect.flatMap(wanted, (parts) =>
      Effect.flatMap(missingTypes(service, engine, catalog.types), (types) =>
        all({ ...parts, types })
      )
    )
  })

const nothing: SchemaParts = {
  schemas: [],
  tables: [],
  views: [],
  types: [],
  texts: [],
  sequences: []
}

/** Not a table that was made from a query, whose rows are its own by now. */
const isView = ({ definition }: TableSource): boolean =>
  definition !== null && definition.kind.endsWith("view")

/** Those parts of a catalogue that are not there. */
const missingOf = (
  service: EngineKey,
  engine: Engine,
  { schemas: named, sequences, tables, texts, types, views }: Catalog,
  replaceViews: boolean
): Effect.Effect<SchemaParts, DatabaseError> => {
  const schemas = [...new Set([...tables, ...views].map(({ schema }) => schema))]
  const read = (schema: string | null) => reflect(service, schema === null ? {} : { schema })
  return Effect.map(Effect.forEach(schemas, read), (found) => {
    const names = new Map(
      schemas.map((schema, at) => {
        const { tables: there, views: shown } = found[at]!
        return [schema, namesIn(engine, [...there, ...shown])]
      })
    )
    const isMissing = ({ name, schema }: TableSource): boolean =>
      !names.get(schema)!.has(foldedIn(engine, name))
    return {
      schemas: named,
      types,
      texts,
      sequences,
      tables: tables.filter(isMissing),
      views: views.filter((view) => (replaceViews && isView(view)) || isMissing(view))
    }
  })
}

const namesIn = (engine: Engine, tables: ReadonlyArray<{ readonly name: string }>) =>
  new Set(tables.map(({ name }) => foldedIn(engine, name)))

/** SQLite takes names for the same that differ in the case of letters only. */
const foldedIn = (engine: Engine, name: string): string =>
  engine.dialect === "sqlite" ? name.toLowerCase() : name

/** Drops them, each before what it needs. */
export const drop = <E, R>(
  service: EngineKey,
  catalog: Catalog,
  { on }: DropOptions<E, R>
): Effect.Effect<void, DatabaseError | E, R> =>
  onKnown(service, (engine) => {
    const steps = worked(service, dropSteps(catalog, engine.capabilities, true), (node, step) => {
      if (node._tag === "DropForeignKey") return ifThere(engine, step)
      if (node._tag === "DropSchema") return ifEmpty(service, engine, node.schema, step)
      return node._tag === "DropType" ? ifUnused(engine, step) : step
    })
    // Tables that refer to each other: checked once all of them are gone.
    const deferred: ReadonlyArray<Work<never, never>> =
      engine.dialect === "sqlite"
        ? [{ does: script(service, "PRAGMA defer_foreign_keys = ON"), says: null, of: null }]
        : []
    return together(engine, "dropped", [...deferred, ...heard("drop", steps, on)])
  })

/** Something to do; `says` what is done then, where it changes the schema. */
interface Work<E, R> {
  readonly does: Effect.Effect<unknown, DatabaseError | E, R>
  readonly says: string | null
  readonly of: SchemaObject | null
  /** Runs after the rest, outside of its transaction. */
  readonly apart?: boolean
}

const worked = (
  service: EngineKey,
  steps: ReadonlyArray<SchemaStep>,
  around: (
    node: Ddl,
    step: Effect.Effect<unknown, DatabaseError>
  ) => Effect.Effect<unknown, DatabaseError> = (_, step) => step
): ReadonlyArray<Work<never, never>> =>
  steps.flatMap(({ nodes, of }) =>
    nodes.map((node) => ({
      does: around(node, execution(service, node, undefined, "run") as never),
      says: `${of.kind} ${of.name}`,
      of,
      apart: node._tag === "CreateIndex" && node.index.storage.postgres?.concurrently === true
    }))
  )

/** The same work with what is told before and after each object, and the whole. */
const heard = <E, R>(
  verb: SchemaEvent["verb"],
  works: ReadonlyArray<Work<never, never>>,
  on: DropOptions<E, R>["on"]
): ReadonlyArray<Work<E, R>> => {
  if (on === undefined) return works
  const told = (when: SchemaEvent["when"], of: SchemaObject | null): Work<E, R> => ({
    // Asked for when it is its turn.
    does: Effect.suspend(() => on({ when, verb, of })),
    says: null,
    of: null
  })
  const keyOf = ({ of }: Work<E, R>): string =>
    of === null ? "" : JSON.stringify([of.kind, of.schema, of.name])
  const keys = works.map(keyOf)
  return [
    told("before", null),
    ...works.flatMap((work, at) => [
      ...(keys.indexOf(keys[at]!) === at ? [told("before", work.of)] : []),
      work,
      ...(keys.lastIndexOf(keys[at]!) === at ? [told("after", work.of)] : [])
    ]),
    told("after", null)
  ]
}

/** In one transaction where that can be undone; else a failure says what was done before it. */
const together = <E, R>(
  engine: Engine,
  what: string,
  works: ReadonlyArray<Work<E, R>>
): Effect.Effect<void, DatabaseError | E, R> => {
  if (engine.capabilities.transactionalDdl) {
    const whole = works.filter((work) => work.apart !== true)
    const apart = works.filter((work) => work.apart === true)
    const doing = (some: ReadonlyArray<Work<E, R>>) =>
      Effect.forEach(some, ({ does }) => does, { discard: true })
    const all = transactionIn(engine, doing(whole), {})
    return apart.length === 0 ? all : Effect.andThen(all, doing(apart))
  }
  return inTurn(what, works)
}

/** One after the other where nothing is undone: a failure says what was done before it. */
export const inTurn = <E, R>(
  what: string,
  works: ReadonlyArray<Pick<Work<E, R>, "does" | "says">>
): Effect.Effect<void, DatabaseError | E, R> =>
  Effect.suspend(() => {
    const done: Array<string> = []
    const each = ({ does, says }: Pick<Work<E, R>, "does" | "says">) =>
      Effect.map(does, () => {
        if (says !== null && done.at(-1) !== says) done.push(says)
      })
    return Effect.mapError(Effect.forEach(works, each, { discard: true }), (error) =>
      isDatabaseError(error) && done.length > 0 ? incomplete(error, what, done) : error
    )
  })

const isDatabaseError = (error: unknown): error is DatabaseError => isFailure(error)

const incomplete = (
  reason: DatabaseError,
  what: string,
  done: ReadonlyArray<string>
): SchemaIncomplete => {
  const { dialect, message, operation, retryable, transaction } = reason
  return new SchemaIncomplete({
    message: `${what} before it failed: ${done.join(", ")}; then: ${message}`,
    dialect,
    operation,
    retryable,
    transaction,
    done,
    reason
  })
}

/** A foreign key of a table that is not there is gone already. */
const ifThere = (
  engine: Engine,
  step: Effect.Effect<unknown, DatabaseError>
): Effect.Effect<unknown, DatabaseError> =>
  Effect.catchTag(
    engine.capabilities.transactionalDdl ? transactionIn(engine, step, {}) : step,
    "SyntaxOrUndefined",
    () => Effect.void
  )
