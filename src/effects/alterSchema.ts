import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Alteration } from "../algebra/schema/Alter.ts"
import type { Snapshot } from "../algebra/schema/Snapshot.ts"
import { StatementError } from "../algebra/StatementError.ts"
import { unsafeSql } from "../algebra/template.ts"
import * as T from "../algebra/types.ts"
import { dialects } from "../compile/dialects.ts"
import { tableIn } from "../compile/schema/altered.ts"
import { leftBare } from "../compile/schema/alteredRules.ts"
import { alterStatements } from "../compile/schema/alterations.ts"
import { madeAnew } from "../compile/schema/rebuiltTable.ts"
import { schemaIn } from "../compile/schemas.ts"
import {
  type DatabaseError,
  ForeignKeyViolation,
  SyntaxOrUndefined,
  Unsupported
} from "./DatabaseError.ts"
import { type Engine, onKnown } from "./Engine.ts"
import { ofTable } from "./Failure.ts"
import type { EngineKey } from "./Execution.ts"
import { viewProof } from "./statements/rowsProof.ts"
import { unsupported } from "./statements/statementRefused.ts"
import { borrowIn } from "./pool/borrow.ts"
import { alterOnMysql, asked, nameOf, needed } from "./alterOnMysql.ts"
import { asking } from "./reflection/Reader.ts"
import { reflect } from "./reflection/reflect.ts"
import { inTurn } from "./schemaVerbs.ts"
import { change, script } from "./statements/script.ts"
import { transactionIn } from "./transactions/Transaction.ts"

/** Alters a schema that is there, one change after the other. */
export const alter = (
  service: EngineKey,
  alterations: ReadonlyArray<Alteration>
): Effect.Effect<void, DatabaseError> =>
  onKnown(service, (engine) => {
    const all = (isApart: boolean) =>
      Effect.forEach(alterations, (one) => alterOne(service, engine, one, isApart), {
        discard: true
      })
    if (engine.dialect === "sqlite")
      return Effect.withFiber((fiber) =>
        fiber.getRef(engine.current) === null
          ? apart(service, all(true))
          : transactionIn(engine, all(false), {})
      )
    if (engine.capabilities.transactionalDdl) return transactionIn(engine, all(true), {})
    return inTurn(
      "altered",
      alterations.map((one) => ({ does: alterOne(service, engine, one, true), says: titleOf(one) }))
    )
  })

/** What an alteration is of, for people. */
const titleOf = (one: Alteration): string => {
  switch (one._tag) {
    case "RenameTable":
      return `table ${one.table} to ${one.to}`
    case "Move":
      return `${one.table} to the schema ${one.to}`
    case "AddColumn":
    case "AlterColumn":
    case "AddIdentity":
      return `column ${one.table}.${nameOf(one.by, one.key)}`
    case "DropColumn":
    case "DropIdentity":
      return `column ${one.table}.${one.column}`
    case "RenameColumn":
      return `column ${one.table}.${one.column} to ${one.to}`
    case "AddPrimaryKey":
    case "DropPrimaryKey":
      return `primary key of ${one.table}`
    case "RenameRule":
      return `rule ${one.rule} of ${one.table} to ${one.to}`
    case "AddRule":
    case "DropRule":
    case "ValidateRule":
      return `rule ${one.rule} of ${one.table}`
    case "CommentRule":
      return `comment on the rule ${one.rule} of ${one.table}`
    case "Comment":
      return `comment on ${one.table}${one.column === null ? "" : `.${one.column}`}`
    case "AddView":
    case "AlterView":
    case "DropView":
      return `view ${one.table}`
    case "AddValue":
      return `value ${one.value} of ${one.type}`
  }
}

const alterOne = (
  service: EngineKey,
  engine: Engine,
  alteration: Alteration,
  isApart: boolean
): Effect.Effect<void, DatabaseError> => {
  const { schema } = alteration
  const { schemas } = engine.options
  return Effect.flatMap(reflect(service, schema === null ? {} : { schema }), (snapshot) => {
    const said = statementsOf(snapshot, alteration, engine)
    if (said instanceof SyntaxOrUndefined) return Effect.fail(said)
    if ("_tag" in said) return Effect.fail(unsupported(said))
    const run = (texts: ReadonlyArray<string>) =>
      Effect.andThen(
        viewAsked(service, alteration),
        Effect.forEach(texts, (text) => change(service, text, nameIn(alteration)), {
          discard: true
        })
      )
    const by = bare(snapshot, alteration, engine)
    if (by.length > 0) return Effect.fail(needed(by, engine))
    const isFile = engine.dialect === "sqlite"
    if (alteration._tag === "AddValue") return run(said)
    if (engine.dialect === "mysql" || engine.dialect === "mariadb")
      return alterOnMysql(service, engine, snapshot, alteration, run(said))
    const isAnew = said.length > 1 && said.some((text) => /^DROP (?:TABLE|VIEW) /.test(text))
    if (!isFile || !isAnew) return run(said)
    const file = schemaIn(schemas, schema) ?? "main"
    const anew = Effect.flatMap(triggersOf(service, file, alteration.table), (triggers) =>
      // A table that is made anew loses its triggers with the old one.
      Effect.mapError(
        run([
          pragma("legacy_alter_table", 1),
          ...said,
          ...triggers,
          pragma("legacy_alter_table", 0)
        ]),
        (error) => ofTable(error, madeAnew(alteration.table), alteration.table)
      )
    )
    if (isApart) return anew
    return Effect.flatMap(asked(service, settings), ([now]) => {
      const others = now?.keys === 1 ? referringTo(snapshot, alteration.table) : []
      return others.length === 0 ? anew : Effect.fail(inside(alteration.table, others))
    })
  })
}

/** SQL by hand that a view is made of is asked for its columns before. */
const viewAsked = (service: EngineKey, one: Alteration): Effect.Effect<void, DatabaseError> =>
  one._tag === "AddView" || one._tag === "AlterView"
    ? Effect.withFiber((fiber) => {
        const engine = Context.getUnsafe(fiber.context as Context.Context<unknown>, service)
        return viewProof(engine, fiber.getRef(engine.current), one.by) ?? Effect.void
      })
    : Effect.void

const nameIn = (one: Alteration): string => (one._tag === "AddValue" ? one.type : one.table)

/** The statements; where the schema lacks what is to change, the failure a server would give. */
const statementsOf = (
  snapshot: Snapshot,
  alteration: Alteration,
  { capabilities, dialect, options }: Engine
): ReturnType<typeof alterStatements> | SyntaxOrUndefined => {
  try {
    return alterStatements(snapshot, alteration, capabilities, options.schemas)
  } catch (error) {
    if (!(error instanceof StatementError) || !error.message.startsWith("alter: ")) throw error
    const lacks = /^alter: no (?:table|view) /.test(error.message)
      ? "table"
      : error.message.includes(" has no column ")
        ? "column"
        : error.message.startsWith("alter: the name is taken: ")
          ? "duplicate"
          : "other"
    return new SyntaxOrUndefined({
      message: error.message,
      dialect,
      operation: "ddl",
      retryable: false,
      transaction: "alive",
      kind: lacks
    })
  }
}

/** Tables whose foreign keys lead to one, itself among them. */
const referringTo = ({ tables }: Snapshot, name: string): ReadonlyArray<string> =>
  tables
    .filter(({ foreignKeys }) =>
      foreignKeys.some(({ target }) => target.table.toLowerCase() === name.toLowerCase())
    )
    .map((table) => table.name)

const triggers = (file: string, table: string) => {
  const { quote, textLiteral } = dialects.sqlite
  return asking({ text: T.text })(
    unsafeSql(
      `SELECT sql AS text FROM ${quote(file)}.sqlite_schema WHERE type = 'trigger' ` +
        `AND tbl_name = ${textLiteral(table)} COLLATE NOCASE ORDER BY name`
    )
  )
}

const triggersOf = (
  service: EngineKey,
  file: string,
  table: string
): Effect.Effect<ReadonlyArray<string>, DatabaseError> =>
  Effect.map(asked(service, triggers(file, table)), (rows) =>
    // A name in a file that is not the first is found there alone.
    rows.flatMap(({ text }) => (text === null ? [] : inFile(text, file)))
  )

/** CREATE TRIGGER as it was, in the file its table is in. */
const inFile = (text: string, file: string): string =>
  file === "main"
    ? text
    : text.replace(/^(CREATE\s+TRIGGER\s+)/i, `$1${dialects.sqlite.quote(file)}.`)

const broken = asking({ table: T.text })`
  SELECT c."table" AS "table" FROM pragma_database_list AS d, pragma_foreign_key_check AS c
  WHERE c.schema = d.name`

/**
 * On a connection of its own, without foreign keys: SQLite deletes the rows of a table it drops,
 * and what refers to them with them. They are checked before the end.
 */
const apart = (
  service: EngineKey,
  work: Effect.Effect<void, DatabaseError>
): Effect.Effect<void, DatabaseError> =>
  onKnown(service, (engine) =>
    Effect.scoped(
      Effect.flatMap(borrowIn(service, engine), ({ detach, use }) =>
        use(
          Effect.acquireUseRelease(
            Effect.tap(
              Effect.map(asked(service, settings), ([now]) => now!),
              script(service, pragmas({ keys: 0, legacy: 0 }))
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
  )

interface Settings {
  readonly keys: number | null
  readonly legacy: number | null
}

const settings = asking({ keys: T.integer, legacy: T.integer })`
  SELECT k.foreign_keys AS keys, l.legacy_alter_table AS legacy
  FROM pragma_foreign_keys AS k, pragma_legacy_alter_table AS l`

const pragma = (name: string, value: number | null): string =>
  `PRAGMA ${name} = ${value === 1 ? "ON" : "OFF"}`

const pragmas = ({ keys, legacy }: Settings): string =>
  `${pragma("foreign_keys", keys)}; ${pragma("legacy_alter_table", legacy)}`

const checked = (service: EngineKey): Effect.Effect<void, DatabaseError> =>
  Effect.flatMap(asked(service, broken), ([first]) =>
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

/** The foreign keys that a change would leave without what they lead to. */
const bare = (
  snapshot: Snapshot,
  change: Alteration,
  { capabilities }: Engine
): ReadonlyArray<string> =>
  change._tag === "DropPrimaryKey" || change._tag === "DropRule"
    ? leftBare(snapshot, tableIn(snapshot, change), change, capabilities)
    : []

const inside = (table: string, others: ReadonlyArray<string>): Unsupported => {
  const who = others.join(", ")
  const construct = `the table ${table} made anew in a transaction, with ${who} referring to it`
  return new Unsupported({
    message:
      `sqlite cannot do this: ${construct} (alterTable): it deletes the rows of a table it ` +
      "drops, and foreign keys can be turned off outside of transactions only",
    dialect: "sqlite",
    operation: "ddl",
    retryable: false,
    transaction: "alive",
    capability: "alterTable",
    construct
  })
}
