import type { Capabilities } from "../../algebra/Dialect.ts"
import type { Dialect } from "../../compile/Dialect.ts"
import { compiledIn, type Schemas } from "../../compile/schemas.ts"
import type { Statements } from "../FirstConnect.ts"

/**
 * The same statements in other schemas.
 *
 * **Laws** everybody shares one compiled form: a text is filled when it is asked for, and kept by
 * nobody.
 */
export const inSchemas = (
  statements: Statements,
  schemas: Schemas,
  words: Dialect,
  capabilities: Capabilities
): Statements => ({
  made: statements.made,
  get: (node) => {
    const found = statements.get(node)
    return found._tag === "Refusal"
      ? found
      : { ...found, compiled: compiledIn(found.compiled, schemas, words, capabilities) }
  }
})
