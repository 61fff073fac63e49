import type { Catalog } from "../algebra/Catalog.ts"
import type { Capabilities, DialectName, Refusal } from "../algebra/Dialect.ts"
import { capabilities } from "./capabilities.ts"
import { compileStatement } from "./compileStatement.ts"
import { createOrder } from "./schemaOrder.ts"

/**
 * CREATE TABLE and CREATE INDEX for a catalog, as one script.
 *
 * **Shape** what `Database.create` runs, in its order, each statement ended by a semicolon. Nothing
 * is connected to, and no driver is needed.
 * **Errors** a `Refusal` where the dialect has no such column, constraint or index.
 * **Source** SQLAlchemy 2.0 `create_mock_engine`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Table } from "athanor"
 * import { createScript } from "athanor/compile"
 * const users = Table.make("users", { id: Column.integer().primaryKey() })
 * const script = createScript(Catalog.make({ users }), "postgres")
 * typeof script === "string" && script.startsWith("CREATE TABLE users (") // => true
 * ```
 * @category interpreters
 */
export const createScript = (
  catalog: Catalog,
  dialect: DialectName | Capabilities
): string | Refusal => {
  const able = typeof dialect === "string" ? capabilities(dialect) : dialect
  const texts: Array<string> = []
  for (const node of createOrder(catalog.tables, able)) {
    const compiled = compileStatement(node, able, { pretty: true })
    if (compiled._tag === "Refusal") return compiled
    texts.push(`${compiled.text};\n`)
  }
  return texts.join("\n")
}
