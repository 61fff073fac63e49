import type { Catalog } from "../../algebra/schema/Catalog.ts"
import type { Capabilities, DialectName, Refusal } from "../../algebra/Dialect.ts"
import { capabilities } from "../capabilities.ts"
import { compileStatement } from "../compileStatement.ts"
import { createSteps, dropSteps, type SchemaStep } from "./schemaSteps.ts"

/**
 * How a schema's statements are said.
 *
 * @category models
 */
export interface CreateScriptOptions {
  /** IF NOT EXISTS wherever the dialect has it for what is created. */
  readonly ifMissing?: boolean
}

/**
 * CREATE for everything in a catalog, as one script: types, tables, indexes, views.
 *
 * **Shape** what `Database.create` runs, in its order, each statement ended by a semicolon. Nothing
 * is connected to, and no driver is needed.
 * **Errors** a `Refusal` where the dialect has no such column, constraint, index or view, or no IF
 * NOT EXISTS for it.
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
  dialect: DialectName | Capabilities,
  { ifMissing = false }: CreateScriptOptions = {}
): string | Refusal => {
  const able = ableOf(dialect)
  return scriptOf(createSteps(catalog, able, ifMissing), able)
}

/**
 * How what drops a schema is said.
 *
 * @category models
 */
export interface DropScriptOptions {
  /** Without IF EXISTS where false. Default true. */
  readonly ifExists?: boolean
}

/**
 * DROP for everything in a catalog, as one script.
 *
 * **Shape** what `Database.drop` runs, in its order: each object before what it needs.
 * **Errors** a `Refusal` where the dialect has no such thing.
 * **Source** SQLAlchemy 2.0 `create_mock_engine`, `MetaData.drop_all`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Table } from "athanor"
 * import { dropScript } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id() })
 * dropScript(Catalog.make({ users }), "sqlite") // => "DROP TABLE IF EXISTS users;\n"
 * ```
 * @category interpreters
 */
export const dropScript = (
  catalog: Catalog,
  dialect: DialectName | Capabilities,
  { ifExists = true }: DropScriptOptions = {}
): string | Refusal => {
  const able = ableOf(dialect)
  return scriptOf(dropSteps(catalog, able, ifExists), able)
}

const ableOf = (dialect: DialectName | Capabilities): Capabilities =>
  typeof dialect === "string" ? capabilities(dialect) : dialect

const scriptOf = (steps: ReadonlyArray<SchemaStep>, able: Capabilities): string | Refusal => {
  const texts: Array<string> = []
  for (const node of steps.flatMap(({ nodes }) => nodes)) {
    const compiled = compileStatement(node, able, { pretty: true })
    if (compiled._tag === "Refusal") return compiled
    texts.push(`${compiled.text};\n`)
  }
  return texts.join("\n")
}
