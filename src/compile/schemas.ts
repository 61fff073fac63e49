import type { Capabilities } from "../algebra/Dialect.ts"
import type { Compiled, SchemaPlace } from "./Compiled.ts"
import type { Dialect } from "./Dialect.ts"
import { refuse } from "../algebra/StatementError.ts"
import { identifier } from "./identifiers.ts"

/** Schemas by the name tables are written with: "" is that of a table that names none. */
export type Schemas = Readonly<Record<string, string>>

/** What a schema is called when a statement runs; null: the connection's own. */
export const schemaIn = (schemas: Schemas | undefined, schema: string | null): string | null => {
  const written = schema ?? ""
  if (schemas === undefined || !Object.hasOwn(schemas, written)) return schema
  const meant = schemas[written]!
  return meant === "" ? null : meant
}

/** A schema as it stands in a statement: before a name, alone, or in a text. */
export const schemaText = (name: string, as: SchemaPlace["as"]): string => {
  if (as === "alone") return name
  return `${as === "quoted" ? name.replaceAll("'", "''") : name}.`
}

/** A text with other schemas in its places. */
export const textIn = (
  text: string,
  places: ReadonlyArray<SchemaPlace>,
  schemas: Schemas,
  words: Dialect,
  capabilities: Capabilities
): string => {
  let said = ""
  let at = 0
  for (const { as, end, schema, start } of places) {
    const meant = schemaIn(schemas, schema)
    said += text.slice(at, start)
    if (meant !== null) said += schemaText(identifier(meant, words, capabilities), as)
    else if (as === "alone")
      refuse(`schemas: "${schema}" stands for none, which is neither made nor dropped`)
    at = end
  }
  return said + text.slice(at)
}

/** A statement in other schemas: all but its text is the same, and shared. */
export const compiledIn = (
  compiled: Compiled,
  schemas: Schemas,
  words: Dialect,
  capabilities: Capabilities
): Compiled => {
  const { schemas: places } = compiled
  if (places.every(({ schema }) => schemaIn(schemas, schema) === schema)) return compiled
  return Object.freeze<Compiled>({
    ...compiled,
    text: textIn(compiled.text, places, schemas, words, capabilities),
    // It is said of a table that names no schema.
    rowKey: null,
    schemas: [],
    get decode() {
      return compiled.decode
    }
  })
}
