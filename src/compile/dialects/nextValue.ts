import type { Sequence } from "../../algebra/schema/sequenceOf.ts"
import type { Writer } from "../Dialect.ts"

/** nextval of a sequence: PostgreSQL is told its name as a text. */
export const sayNext = ({ name, schema }: Sequence, writer: Writer): void => {
  const { name: dialect, quote } = writer.dialect
  const isText = dialect === "postgres"
  const own = quote(name)
  writer.put(isText ? "nextval('" : "nextval(")
  writer.schema(schema, isText ? "quoted" : undefined)
  writer.put(isText ? `${own.replaceAll("'", "''")}')` : `${own})`)
}
