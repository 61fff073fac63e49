import type { AnyType } from "../../../algebra/Type.ts"
import type { Writer } from "../../Dialect.ts"
import { aroundWritten } from "../../wrapped.ts"
import { literalText } from "../../literalText.ts"

/** A value as the dialect writes it into a text. */
export const sayLiteral = (value: unknown, type: AnyType, writer: Writer): void => {
  if (value === null) return writer.put("NULL")
  const { dialect, refuse } = writer
  const { encode } = type.codec.row[dialect.name]
  const sent: unknown = (encode as (one: unknown) => unknown)(value)
  const [before, after] = aroundWritten(type.sql, dialect.name) ?? ["", ""]
  writer.put(before + literalText(sent, type, dialect, refuse) + after)
}
