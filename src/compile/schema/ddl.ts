import { type Ddl, tablesOf } from "../../algebra/Ddl.ts"
import type { Compiled } from "../Compiled.ts"
import type { Dialect } from "../Dialect.ts"
import type { Context } from "../Program.ts"
import { tableName } from "../audit.ts"
import { sayDdl } from "../phases/render/ddl.ts"
import { sayQuery } from "../phases/render/queries.ts"
import { makeWriter } from "../Writer.ts"

/** A schema statement: text only, without values and without rows. */
export const compileDdl = (
  node: Ddl,
  dialect: Dialect,
  context: Context,
  pretty: boolean
): Compiled => {
  const written = makeWriter(dialect, context, pretty, sayQuery)
  sayDdl(node, written.writer, context)
  if (written.slots.length > 0) context.refuse("parameters", "a schema statement with parameters")
  return Object.freeze<Compiled>({
    _tag: "Compiled",
    dialect: dialect.name,
    text: written.text(),
    slots: Object.freeze([]),
    decode: null,
    bigints: false,
    counting: "matched",
    kind: "ddl",
    reads: Object.freeze([]),
    writes: Object.freeze(tablesOf(node).map(tableName)),
    names: Object.freeze([]),
    agree: Object.freeze([]),
    rowKey: null,
    fixed: Object.freeze([]),
    warnings: Object.freeze([]),
    byHand: null,
    within: Object.freeze([]),
    schemas: Object.freeze(written.schemas)
  })
}
