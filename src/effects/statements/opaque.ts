import * as Effect from "effect/Effect"
import {
  type DatabaseError,
  ReadOnly,
  TransactionDoomed,
  UnexpectedDriverError,
  Unsupported
} from "../DatabaseError.ts"
import type { Connection } from "../Driver.ts"
import { codeOf, splitScript } from "../drivers/splitScript.ts"
import type { Engine } from "../Engine.ts"
import type { Gate } from "../pool/Gate.ts"
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
 * What begins or ends a transaction. MySQL and MariaDB commit the open one at BEGIN, and behind
 * AND CHAIN another is open at once: what became of the first could not be seen afterwards. END is
 * left out: bodies of functions end with it too.
 */
const bounds = new RegExp(
  String.raw`^\s*(?:begin(?!\s+not\b)|start\s+transaction|commit|abort|prepare\s+transaction|` +
    String.raw`rollback(?!(?:\s+(?:work|transaction))?\s+to\b))\b`,
  "i"
)

const boundsTransactions = ({ dialect }: Engine, text: string): boolean =>
  splitScript(text, dialect).some((statement) => bounds.test(codeOf(statement, dialect)))

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
  if (level === null) return null
  if (boundsTransactions(engine, text)) return boundInside(engine, what)
  return !mayCommit && !engine.capabilities.transactionalDdl && changesSchema.test(text)
    ? ddlInTransaction(engine)
    : null
}

/** Such a text may commit by END, or in a function: what follows must not run as if it had not. */
export const noteEnd = (engine: Engine, level: Level): void => {
  if (level.root.lease.connection.transaction() !== "none") return
  level.failed(doomed(engine, "the statement ended the transaction it ran in", "COMMIT"))
}

/**
 * Sends such a text on a connection that is its own no longer than it takes.
 *
 * **Errors** what it began and left open is nobody's to commit: it is rolled back with the
 * connection, and that is no success.
 */
export const sendAlone = <A, E>(
  engine: Engine,
  send: (gate: Gate) => Effect.Effect<A, E>
): Effect.Effect<A, E | TransactionDoomed> =>
  Effect.suspend(() => {
    let isOpen = false
    const { gate: own } = engine
    const gate: Gate = {
      ...own,
      leave: (lease, reason) => {
        isOpen = own === engine.pool && isInTransaction(lease.connection)
        own.leave(lease, reason)
      }
    }
    return Effect.flatMap(send(gate), (sent) =>
      isOpen ? Effect.fail(leftOpen(engine)) : Effect.succeed(sent)
    )
  })

/** Is a transaction open on it, as far as its protocol tells? */
export const isInTransaction = (connection: Connection): boolean =>
  (connection.transaction() ?? "none") !== "none"

/** What a text began, and nobody committed while its session lasted. */
export const leftOpen = (engine: Engine): TransactionDoomed =>
  doomed(engine, "a transaction was begun and left open: it is rolled back", "BEGIN")

const doomed = (
  { dialect }: Engine,
  message: string,
  code: "BEGIN" | "COMMIT"
): TransactionDoomed => {
  const facts = { dialect, message, operation: "script", retryable: false } as const
  const reason = new UnexpectedDriverError({ ...facts, transaction: "ended", code })
  return new TransactionDoomed({ ...facts, transaction: "ended", reason })
}

const boundInside = ({ dialect }: Engine, what: string): Unsupported => {
  const construct = `${what} that begins or ends a transaction inside another`
  return new Unsupported({
    message: `${dialect} cannot run ${construct}: that one's rows would be kept, or lost, with it`,
    dialect,
    operation: "script",
    retryable: false,
    transaction: "alive",
    capability: "transactionBounds",
    construct
  })
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
