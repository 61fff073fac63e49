import * as Effect from "effect/Effect"
import type { Alteration } from "../algebra/schema/Alter.ts"
import * as T from "../algebra/types.ts"
import { alterStatements } from "../compile/schema/alterations.ts"
import { type DatabaseError, ForeignKeyViolation, Unsupported } from "./DatabaseError.ts"
import { type Engine, onKnown } from "./Engine.ts"
import { type EngineKey, execution } from "./Execution.ts"
import { unsupported } from "./statements/statementRefused.ts"
import { borrowIn } from "./pool/borrow.ts"
import { asking } from "./reflection/Reader.ts"
import { reflect } from "./reflection/reflect.ts"
import { script } from "./statements/script.ts"
import { transactionIn } from "./transactions/Transaction.ts"

/** Alters a schema that is there, one change after the other. */
export const alter = (
  service: EngineKey,
  alterations: ReadonlyArray<Alteration>
): Effect.Effect<void, DatabaseError> =>
  onKnown(service, (engine) => {
    const all = Effect.forEach(alterations, (one) => alterOne(service, one), { discard: true })
    if (engine.dialect === "sqlite") return apart(service, engine, all)
    return engine.capabilities.transactionalDdl ? transactionIn(engine, all, {}) : all
  })

const alterOne = (service: EngineKey, alteration: Alteration): Effect.Effect<void, DatabaseError> =>
  Effect.flatMap(reflect(service, {}), (snapshot) => {
    const said = alterStatements(snapshot, alteration)
    if ("_tag" in said) return Effect.fail(unsupported(said))
    const run = (texts: ReadonlyArray<string>) =>
      Effect.forEach(texts, (text) => script(service, text), { discard: true })
    // A table that is made anew loses its triggers with the old one.
    return said.length > 1 && snapshot.dialect === "sqlite"
      ? Effect.flatMap(triggersOf(service, alteration.table), (triggers) =>
          run([...said, ...triggers])
        )
      : run(said)
  })

const triggers = (table: string) =>
  asking({ text: T.text })`
    SELECT sql AS text FROM sqlite_schema
    WHERE type = 'trigger' AND tbl_name = ${table} COLLATE NOCASE ORDER BY name`

const triggersOf = (
  service: EngineKey,
  table: string
): Effect.Effect<ReadonlyArray<string>, DatabaseError> =>
  Effect.map(
    execution(service, triggers(table).node, undefined, "all") as Effect.Effect<
      ReadonlyArray<{ readonly text: string | null }>,
      DatabaseError
    >,
    (rows) => rows.flatMap(({ text }) => text ?? [])
  )

const broken = asking({ table: T.text })`SELECT "table" AS "table" FROM pragma_foreign_key_check`

/**
 * On a connection of its own, without foreign keys: SQLite deletes the rows of a table it drops,
 * and what refers to them with them. They are checked before the end.
 */
const apart = (
  service: EngineKey,
  engine: Engine,
  work: Effect.Effect<void, DatabaseError>
): Effect.Effect<void, DatabaseError> =>
  Effect.withFiber((fiber) => {
    if (fiber.getRef(engine.current) !== null) return Effect.fail(inside(engine))
    return Effect.scoped(
      Effect.flatMap(borrowIn(service, engine), ({ detach, use }) =>
        use(
          Effect.acquireUseRelease(
            Effect.tap(
              execution(service, settings.node, undefined, "one") as Effect.Effect<
                Settings,
                DatabaseError
              >,
              script(service, pragmas({ keys: 0, legacy: 1 }))
            ),
            () =>
              onKnown(service, (own) =>
                transactionIn(own, Effect.andThen(work, checked(service)), {})
              ),
            // A connection that does not take its settings back is not used again.
            (was) => Effect.ignore(Effect.onError(script(service, pragmas(was)), () => detach))
          )
        )
      )
    )
  })

interface Settings {
  readonly keys: number | null
  readonly legacy: number | null
}

const settings = asking({ keys: T.integer, legacy: T.integer })`
  SELECT k.foreign_keys AS keys, l.legacy_alter_table AS legacy
  FROM pragma_foreign_keys AS k, pragma_legacy_alter_table AS l`

const pragmas = ({ keys, legacy }: Settings): string =>
  `PRAGMA foreign_keys = ${keys === 1 ? "ON" : "OFF"}; ` +
  `PRAGMA legacy_alter_table = ${legacy === 1 ? "ON" : "OFF"}`

const checked = (service: EngineKey): Effect.Effect<void, DatabaseError> =>
  Effect.flatMap(
    execution(service, broken.node, undefined, "all") as Effect.Effect<
      ReadonlyArray<{ readonly table: string | null }>,
      DatabaseError
    >,
    ([first]) =>
      first === undefined
        ? Effect.void
        : Effect.fail(
            new ForeignKeyViolation({
              message: `rows of ${first.table} refer to none after the change`,
              dialect: "sqlite",
              operation: "ddl",
              retryable: false,
              transaction: "alive",
              direction: "child",
              constraint: null,
              table: first.table
            })
          )
  )

const inside = ({ dialect }: Engine): Unsupported =>
  new Unsupported({
    message: `${dialect} alters a table outside of transactions: foreign keys are off meanwhile`,
    dialect,
    operation: "ddl",
    retryable: false,
    transaction: "alive",
    capability: "alterTable",
    construct: "an altered table inside a transaction"
  })
