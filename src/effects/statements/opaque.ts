import {
  type DatabaseError,
  ReadOnly,
  TransactionDoomed,
  UnexpectedDriverError,
  Unsupported
} from "../DatabaseError.ts"
import type { Engine } from "../Engine.ts"
import { ddlInTransaction } from "./statementRefused.ts"
import type { Level } from "../transactions/Level.ts"

/** Texts of which nothing is known: scripts, and statements of other libraries. */

/**
 * What commits the open transaction on servers without transactional DDL; temporary tables do not.
 * Source: MariaDB manual, "SQL statements that cause an implicit commit".
 */
export const changesSchema = new RegExp(
  String.raw`^\s*(?:create(?!\s+(?:or\s+replace\s+)?temporary\s+table\b)|` +
    String.raw`drop(?!\s+temporary\s+table\b)|alter|truncate|rename)\b`,
  "im"
)

/**
 * Why such a text may not run here; null where it may. `mayCommit`: whoever asks knows that a
 * change of the schema commits.
 */
export const opaqueRefusal = (
  engine: Engine,
  level: Level | null,
  text: string,
  what: string,
  mayCommit = false
): DatabaseError | null => {
  if (engine.readOnly) return mayWrite(engine, what)
  if (engine.policies.length > 0) return unpoliced(engine, what)
  return level !== null &&
    !mayCommit &&
    !engine.capabilities.transactionalDdl &&
    changesSchema.test(text)
    ? ddlInTransaction(engine)
    : null
}

/** Such a text may be a COMMIT: what follows must not run as if the transaction were open. */
export const noteEnd = (engine: Engine, level: Level): void => {
  if (level.root.lease.connection.transaction() !== "none") return
  const facts = {
    dialect: engine.dialect,
    operation: "script" as const,
    retryable: false,
    transaction: "ended" as const
  }
  const reason = new UnexpectedDriverError({
    ...facts,
    message: "the statement ended the transaction it ran in",
    code: "COMMIT"
  })
  level.failed(new TransactionDoomed({ ...facts, message: reason.message, reason }))
}

const mayWrite = (engine: Engine, what: string): ReadOnly =>
  new ReadOnly({
    message: `this database is for reading only: ${what} may write`,
    dialect: engine.dialect,
    operation: "script",
    retryable: false,
    transaction: "alive"
  })

const unpoliced = (engine: Engine, what: string): Unsupported => {
  const construct = `${what} under a policy: nothing is known of its tables`
  return new Unsupported({
    message: `${engine.dialect} cannot run ${construct}`,
    dialect: engine.dialect,
    operation: "script",
    retryable: false,
    transaction: "alive",
    capability: "policy",
    construct
  })
}
