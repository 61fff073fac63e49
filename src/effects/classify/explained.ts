import type { StatementNode } from "../../algebra/Statement.ts"
import type { Compiled } from "../../compile/Compiled.ts"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Connection } from "../Driver.ts"
import { inRow } from "../drivers/rowPlace.ts"
import type { Engine } from "../Engine.ts"
import { controlRequest } from "../statements/send.ts"
import { describe } from "./describe.ts"
import { inStatement } from "./inStatement.ts"
import type { Probe } from "./missingParent.ts"
import { rowStored } from "./rowStored.ts"

/** What a failure of SQLite is of: it is asked for what it did not say. */
export const explained = (
  node: StatementNode,
  { policies }: Pick<Engine, "policies">,
  compiled: Compiled,
  failure: DatabaseError,
  connection: Connection
): DatabaseError => {
  const probe = connection.sendNow === null ? null : probeOf(connection)
  const told = describe(failure, node, policies, probe)
  const row = probe === null || node._tag !== "Insert" ? null : rowStored(told, node, probe)
  if (row !== null) inRow(told.driverError, row + 1)
  return inStatement(told, compiled)
}

/** Asks SQLite, on the connection of the statement that failed, before anybody else uses it. */
const probeOf =
  (connection: Connection): Probe =>
  (text, parameters) =>
    connection.sendNow!({ ...controlRequest(text, false), parameters, single: true }).affected > 0
