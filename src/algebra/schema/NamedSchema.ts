import { checkName } from "./naming.ts"
import type { NamedSchema } from "./namedSchemaOf.ts"

export type { NamedSchema } from "./namedSchemaOf.ts"

/**
 * A schema as a member of a catalog: created before everything else, dropped after it.
 *
 * **Shape** tables say which schema they live in by its name. With `ifMissing` one that is there is
 * taken as it is. `Database.drop` keeps it where something else is still in it; the text of
 * `dropScript` on MySQL and MariaDB, where a schema is a database, would take all of that with it.
 * **Errors** `StatementError` for an empty or malformed name; `Unsupported` on SQLite
 * (`createSchema`): a schema is a file there, which connections attach.
 * **Source** SQL:2016 part 2, 11.1 schema definition; SQLAlchemy 2.0 `CreateSchema`, `DropSchema`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, NamedSchema, Table } from "athanor"
 * import { createScript } from "athanor/compile"
 * const sales = NamedSchema.make("sales")
 * const bills = Table.make("bills", { id: Column.id() }, undefined, { schema: "sales" })
 * const script = String(createScript(Catalog.make({ bills, sales }), "postgres"))
 * script.split("\n")[0] // => "CREATE SCHEMA sales;"
 * ```
 * @category constructors
 */
export const make = (name: string): NamedSchema =>
  Object.freeze({ _tag: "NamedSchema", name: checkName(name, "schema") })
