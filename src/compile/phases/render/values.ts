import type { AnyType } from "../../../algebra/Type.ts"
import type { Writer } from "../../Dialect.ts"
import { isNumber } from "../../sqlTypes.ts"

const plainNumber = /^-?[0-9]+(\.[0-9]+)?$/

/** A value as the dialect writes it into a text. */
export const sayLiteral = (value: unknown, type: AnyType, writer: Writer): void => {
  if (value === null) return writer.put("NULL")
  const { encode } = type.codec.row[writer.dialect.name]
  const sent: unknown = (encode as (one: unknown) => unknown)(value)
  if (typeof sent === "number" || typeof sent === "bigint") return writer.put(String(sent))
  if (typeof sent === "boolean") return writer.put(sent ? "TRUE" : "FALSE")
  if (sent instanceof Uint8Array)
    return writer.put(writer.dialect.bytesLiteral(Buffer.from(sent).toString("hex")))
  const text = String(sent)
  if (text.includes("\u0000"))
    return writer.refuse("literal", "a literal that holds a NUL character")
  writer.put(isNumber(type.sql) && plainNumber.test(text) ? text : writer.dialect.textLiteral(text))
}
