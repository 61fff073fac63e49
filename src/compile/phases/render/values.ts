import type { AnyType } from "../../../algebra/Type.ts"
import type { Writer } from "../../Dialect.ts"
import { literalText } from "../../literalText.ts"

/** A value as the dialect writes it into a text. */
export const sayLiteral = (value: unknown, type: AnyType, writer: Writer): void => {
  if (value === null) return writer.put("NULL")
  const { encode } = type.codec.row[writer.dialect.name]
  const sent: unknown = (encode as (one: unknown) => unknown)(value)
  writer.put(literalText(sent, type, writer.dialect, writer.refuse))
}
