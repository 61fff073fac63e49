import * as Effect from "effect/Effect"
import type { Catalog } from "../algebra/Catalog.ts"
import type { Ddl } from "../algebra/Ddl.ts"
import type { TableSource } from "../algebra/Source.ts"
import { createOrder, dropOrder } from "../compile/schemaOrder.ts"
import type { DatabaseError } from "./DatabaseError.ts"
import { type Engine, onKnown } from "./Engine.ts"
import { type EngineKey, execution } from "./Execution.ts"
import { reflect } from "./reflection/reflect.ts"
import { script } from "./statements/script.ts"
import { transactionIn } from "./transactions/Transaction.ts"

/**
 * How a catalogue's tables are created.
 *
 * @category models
 */
export interface CreateOptions {
  /** Tables that are there already stay as they are; the others are created. Default false. */
  readonly ifMissing?: boolean
}

/** Creates a catalogue's tables, each after those it refers to. */
export const create = (
  service: EngineKey,
  catalog: Catalog,
  { ifMissing = false }: CreateOptions
): Effect.Effect<void, DatabaseError> =>
  onKnown(service, (engine) => {
    const all = (tables: ReadonlyArray<TableSource>) =>
      together(
        engine,
        createOrder(tables, engine.capabilities).map((node) => ddl(service, node))
      )
    return ifMissing
      ? Effect.flatMap(missingOf(service, engine, catalog.tables), all)
      : all(catalog.tables)
  })

/** Those of the tables that are not there. */
const missingOf = (
  service: EngineKey,
  engine: Engine,
  tables: ReadonlyArray<TableSource>
): Effect.Effect<ReadonlyArray<TableSource>, DatabaseError> => {
  const schemas = [...new Set(tables.map(({ schema }) => schema))]
  const read = (schema: string | null) => reflect(service, schema === null ? {} : { schema })
  return Effect.map(Effect.forEach(schemas, read), (found) => {
    const names = new Map(schemas.map((schema, at) => [schema, namesIn(engine, found[at]!.tables)]))
    return tables.filter(({ name, schema }) => !names.get(schema)!.has(foldedIn(engine, name)))
  })
}

const namesIn = (engine: Engine, tables: ReadonlyArray<{ readonly name: string }>) =>
  new Set(tables.map(({ name }) => foldedIn(engine, name)))

/** SQLite takes names for the same that differ in the case of letters only. */
const foldedIn = (engine: Engine, name: string): string =>
  engine.dialect === "sqlite" ? name.toLowerCase() : name

/** Drops them, referring ones first. */
export const drop = (service: EngineKey, catalog: Catalog): Effect.Effect<void, DatabaseError> =>
  onKnown(service, (engine) => {
    const steps = dropOrder(catalog.tables, engine.capabilities, true).map((node) =>
      node._tag === "DropForeignKey" ? ifThere(engine, ddl(service, node)) : ddl(service, node)
    )
    // Tables that refer to each other: checked once all of them are gone.
    const first =
      engine.dialect === "sqlite" ? [script(service, "PRAGMA defer_foreign_keys = ON")] : []
    return together(engine, [...first, ...steps])
  })

const ddl = (service: EngineKey, node: Ddl): Effect.Effect<unknown, DatabaseError> =>
  execution(service, node, undefined, "run") as Effect.Effect<unknown, DatabaseError>

/** In one transaction where that can be undone. */
const together = (
  engine: Engine,
  steps: ReadonlyArray<Effect.Effect<unknown, DatabaseError>>
): Effect.Effect<void, DatabaseError> => {
  const all = Effect.forEach(steps, (step) => step, { discard: true })
  return engine.capabilities.transactionalDdl ? transactionIn(engine, all, {}) : all
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
