import type { DialectName } from "../../../src/algebra/Dialect.ts"
import type { StatementNode } from "../../../src/algebra/Statement.ts"
import { capabilities } from "../../../src/compile/capabilities.ts"
import { compile, type CompileOptions } from "../../../src/compile/compileStatement.ts"
import type { Compiled } from "../../../src/compile/Compiled.ts"
import { createOrder } from "../../../src/compile/schema/schemaOrder.ts"
import { connections } from "../../properties/support/connections.ts"
import { fill } from "../../properties/support/fill.ts"
import type { Connection } from "../../properties/support/Runner.ts"
import { Post, sourceOf, User } from "./schema.ts"

/** Anything with a node. */
export interface Said {
  readonly node: StatementNode
}

/** One text per dialect: leaving one out is a type error. */
export type Texts = Readonly<Record<DialectName, string>>

/** The compiled statement; a refusal fails the test. */
export const compiled = (
  statement: Said,
  dialect: DialectName,
  options: CompileOptions = {}
): Compiled => {
  const found = compile(statement, dialect, { verify: true, ...options })
  if (found._tag === "Refusal") throw new Error(`${dialect} refuses ${found.construct}`)
  return found
}

/** What each dialect says. */
export const textsOf = (statement: Said): Texts => ({
  sqlite: compiled(statement, "sqlite").text,
  postgres: compiled(statement, "postgres").text,
  mysql: compiled(statement, "mysql").text,
  mariadb: compiled(statement, "mariadb").text
})

/** Runs a statement through the raw driver; gives its decoded rows. */
export const run = async (
  connection: Connection,
  statement: Said,
  parameters: Readonly<Record<string, unknown>> = {}
): Promise<ReadonlyArray<unknown>> => {
  const { bigints, decode, slots, text } = compiled(statement, connection.dialect)
  const sent = fill({ slots } as Compiled, statement.node, parameters)
  const { rows } = await connection.send(text, sent, bigints)
  return decode === null ? [] : rows.map(decode)
}

/** The three servers tests can run, each with the schema. */
export const openServers = async (): Promise<ReadonlyArray<Connection>> => {
  const servers = [
    await connections.sqlite(),
    await connections.postgres(),
    await connections.mariadb()
  ]
  for (const server of servers) {
    const tables = [sourceOf(User), sourceOf(Post)]
    for (const node of createOrder(tables, capabilities(server.dialect))) {
      await server.script(compiled({ node }, server.dialect).text)
    }
  }
  return servers
}
