import type { Refusal } from "../../algebra/Dialect.ts"
import type { Compiled } from "../../compile/Compiled.ts"
import { type DatabaseError, ReadOnly, TooManyParameters, Unsupported } from "../DatabaseError.ts"
import type { Engine } from "../Engine.ts"
import type { Level } from "../transactions/Level.ts"
import { subjectOf } from "./answerRefused.ts"

/** Why a statement may not run here; null where it may. */
export const refusal = (
  engine: Engine,
  compiled: Compiled,
  level: Level | null
): DatabaseError | null => {
  if (compiled.kind === "query") return null
  if (engine.readOnly) {
    return new ReadOnly({
      message: `this database is for reading only: ${compiled.kind} of ${subjectOf(compiled)}`,
      dialect: compiled.dialect,
      operation: compiled.kind,
      retryable: false,
      transaction: "alive"
    })
  }
  return compiled.kind === "ddl" && level !== null && !engine.capabilities.transactionalDdl
    ? ddlInTransaction(engine)
    : null
}

/** There DDL commits what came before it: better refused than half a transaction kept. */
export const ddlInTransaction = (engine: Engine): Unsupported =>
  new Unsupported({
    message: `${engine.dialect} commits the open transaction before CREATE, ALTER and DROP`,
    dialect: engine.dialect,
    operation: "ddl",
    retryable: false,
    transaction: "alive",
    capability: "transactionalDdl",
    construct: "a schema change inside a transaction"
  })

/** A statement the server's dialect cannot say, or too long a one. */
export const unsupported = (refused: Refusal): Unsupported | TooManyParameters => {
  const { capability, construct, dialect, exceeded, since } = refused
  if (capability === "maxParameters" && exceeded !== undefined)
    return new TooManyParameters({
      message: `${exceeded.count} parameters in one statement: ${dialect} takes ${exceeded.limit}`,
      dialect,
      operation: "compile",
      retryable: false,
      transaction: "alive",
      ...exceeded
    })
  const from = since === undefined ? "" : `, since ${since.join(".")}`
  return new Unsupported({
    message: `${dialect} cannot do this: ${construct} (${capability}${from})`,
    dialect,
    operation: "compile",
    retryable: false,
    transaction: "alive",
    capability,
    construct,
    ...(since === undefined ? {} : { since })
  })
}
