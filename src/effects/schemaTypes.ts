import * as Effect from "effect/Effect"
import type { NamedType } from "../algebra/schema/namedOf.ts"
import type { NamedSchema } from "../algebra/schema/namedSchemaOf.ts"
import * as T from "../algebra/types.ts"
import { schemaIn } from "../compile/schemas.ts"
import { type DatabaseError, StillNeeded } from "./DatabaseError.ts"
import type { Engine } from "./Engine.ts"
import { type EngineKey, execution } from "./Execution.ts"
import { asking, texts } from "./reflection/Reader.ts"
import { transactionIn } from "./transactions/Transaction.ts"

const here = (schema: string | null) =>
  asking({ name: T.text, kind: T.text, labels: T.text })`
    SELECT t.typname::text AS name, t.typtype::text AS kind,
      (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text
        FROM pg_enum AS e WHERE e.enumtypid = t.oid) AS labels
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
    WHERE n.nspname = coalesce(${schema}, current_schema()) AND t.typtype IN ('e', 'd')`

interface Here {
  readonly name: string | null
  readonly kind: string | null
  readonly labels: string | null
}

const isLike = (type: NamedType, { kind, labels, name }: Here): boolean => {
  if (name !== type.name) return false
  if (type._tag === "DomainType") return kind === "d"
  const found = texts(labels)
  return (
    kind === "e" &&
    found.length === type.values.length &&
    found.every((label, at) => label === type.values[at])
  )
}

/**
 * Those types that are not there. One that is there under the name with other values is among them:
 * creating it says so.
 */
export const missingTypes = (
  service: EngineKey,
  { capabilities, options }: Engine,
  types: ReadonlyArray<NamedType>
): Effect.Effect<ReadonlyArray<NamedType>, DatabaseError> => {
  if (types.length === 0 || !capabilities.namedTypes) return Effect.succeed(types)
  const ask = (schema: string | null) =>
    execution(service, here(schema).node, undefined, "all") as Effect.Effect<
      ReadonlyArray<Here>,
      DatabaseError
    >
  const meant = ({ schema }: NamedType) => schemaIn(options.schemas, schema)
  const schemas = [...new Set(types.map(meant))]
  return Effect.map(Effect.forEach(schemas, ask), (found) =>
    types.filter((type) => !found[schemas.indexOf(meant(type))]!.some((one) => isLike(type, one)))
  )
}

/** A type that something else still uses stays: it is not this catalog's alone. */
export const ifUnused = (
  engine: Engine,
  step: Effect.Effect<unknown, DatabaseError>
): Effect.Effect<unknown, DatabaseError> =>
  Effect.catchIf(
    transactionIn(engine, step, {}),
    (error) => error instanceof StillNeeded,
    () => Effect.void
  )

const within = (schema: string) =>
  asking({ many: T.count })`
    SELECT (SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${schema})
      + (SELECT count(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ${schema})
      + (SELECT count(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${schema}) AS many`

/**
 * A schema that something else is still in stays. MySQL and MariaDB drop one with all that is in
 * it, and are asked before.
 */
export const ifEmpty = (
  service: EngineKey,
  engine: Engine,
  { name }: NamedSchema,
  step: Effect.Effect<unknown, DatabaseError>
): Effect.Effect<unknown, DatabaseError> => {
  if (engine.dialect === "postgres") return ifUnused(engine, step)
  if (engine.dialect === "sqlite") return step
  const schema = schemaIn(engine.options.schemas, name) ?? name
  const asked = execution(service, within(schema).node, undefined, "one") as Effect.Effect<
    { readonly many: number | null },
    DatabaseError
  >
  return Effect.flatMap(asked, ({ many }) => (many === 0 ? step : Effect.void))
}
