import type { Bound, BoundList } from "../../algebra/Scalar.ts"
import type { SchemaPlace, Slot } from "../Compiled.ts"
import type { Dialect, Writer } from "../Dialect.ts"
import { makeWriter } from "../Writer.ts"
import type { Context } from "../Program.ts"
import { isQuery, type Placed } from "../Placed.ts"
import { sayCommand, sayWritten } from "./render/commands.ts"
import { sayNamed, sayQuery } from "./render/queries.ts"

/** A statement's text and its slots. */
export interface Rendered {
  readonly text: string
  readonly slots: ReadonlyArray<Slot>
  readonly schemas: ReadonlyArray<SchemaPlace>
}

/**
 * One walk over the placed statement writes text and slots together.
 *
 * **Laws** L22: placeholders and slots agree in number and order; no value and no user's text but
 * checked identifiers and raw parts is in the text; L26: a function of its arguments.
 */
export const render = (
  placed: Placed,
  dialect: Dialect,
  context: Context,
  pretty: boolean,
  values: ReadonlyArray<Bound | BoundList> | null = null
): Rendered => {
  const written = makeWriter(dialect, context, pretty, sayQuery, values)
  const { writer } = written
  sayWith(placed, writer, context)
  const { root } = placed
  if (isQuery(root)) sayQuery(writer, root)
  else sayCommand(root, writer, context)
  return { text: written.text(), slots: written.slots, schemas: written.schemas }
}

const sayWith = (placed: Placed, writer: Writer, context: Context): void => {
  if (placed.ctes.length === 0) return
  writer.put(placed.ctes.some((cte) => cte.recursive) ? "WITH RECURSIVE " : "WITH ")
  writer.commas(placed.ctes, ({ isDrawn, query, recursive, source }) =>
    isQuery(query)
      ? sayNamed(writer, source.name, query, recursive, isDrawn || source.materialized)
      : sayWritten(writer, source.name, query, context)
  )
  writer.line()
}
