import type { Ddl } from "../../algebra/Ddl.ts"
import type { Capabilities, Refusal } from "../../algebra/Dialect.ts"
import { compileStatement } from "../compileStatement.ts"
import { dialects } from "../dialects.ts"
import type { Writer } from "../Dialect.ts"
import { sayQuery } from "../phases/render/queries.ts"
import { type Context, makeContext } from "../Program.ts"
import { type Schemas, textIn } from "../schemas.ts"
import { makeWriter } from "../Writer.ts"

/** Statements so far, or why there are none. */
export type Said = ReadonlyArray<string> | Refusal

export const isMysql = ({ dialect }: Capabilities): boolean =>
  dialect === "mysql" || dialect === "mariadb"

/** Why a dialect has no statement. */
export const refusedIn = (
  { dialect }: Capabilities,
  capability: string,
  construct: string
): Refusal => Object.freeze({ _tag: "Refusal", dialect, capability, construct })

interface Placed {
  readonly schema: string | null
  readonly name: string
}

/** What alterations are written with: one dialect's words, schemas by the names that are meant. */
export interface AlterWords {
  readonly able: Capabilities
  readonly name: (text: string) => string
  /** A name with its schema before it. */
  readonly placed: (one: Placed) => string
  /** The name of a schema itself. */
  readonly schemaName: (schema: string) => string
  readonly written: (say: (writer: Writer, context: Context) => void) => string | Refusal
  readonly ddl: (...nodes: ReadonlyArray<Ddl>) => Said
}

export const alterWords = (able: Capabilities, schemas: Schemas): AlterWords => {
  const words = dialects[able.dialect]
  const written: AlterWords["written"] = (say) => {
    const context = makeContext(able)
    const { schemas: places, text, writer } = makeWriter(words, context, false, sayQuery)
    say(writer, context)
    return context.refusal() ?? textIn(text(), places, schemas, words, able)
  }
  const plain = (say: (writer: Writer) => void): string => written(say) as string
  return {
    able,
    written,
    name: (text) => plain((writer) => writer.name(text)),
    placed: ({ name, schema }) =>
      plain((writer) => {
        writer.schema(schema)
        writer.name(name)
      }),
    schemaName: (schema) => plain((writer) => writer.schema(schema, "alone")),
    ddl: (...nodes) => {
      const texts: Array<string> = []
      for (const node of nodes) {
        const compiled = compileStatement(node, able)
        if (compiled._tag === "Refusal") return compiled
        texts.push(textIn(compiled.text, compiled.schemas, schemas, words, able))
      }
      return texts
    }
  }
}
