import { refuse as refuseStatement } from "../../../algebra/StatementError.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import type { Writer } from "../../Dialect.ts"
import { aroundWritten } from "../../wrapped.ts"
import { literalText } from "../../literalText.ts"

/** A value as the dialect writes it into a text. */
export const sayLiteral = (value: unknown, type: AnyType, writer: Writer): void => {
  if (value === null) return writer.put("NULL")
  const { dialect, refuse } = writer
  const sent = encoded(value, type, dialect.name)
  const [before, after] = aroundWritten(type.sql, dialect.name) ?? ["", ""]
  writer.put(before + literalText(sent, type, dialect, refuse) + after)
}

/** A literal is a part of the statement: what its column cannot hold is the statement's fault. */
const encoded = (value: unknown, type: AnyType, dialect: Writer["dialect"]["name"]): unknown => {
  try {
    return (type.codec.row[dialect].encode as (one: unknown) => unknown)(value)
  } catch (error) {
    return refuseStatement(`a literal: ${error instanceof Error ? error.message : "no value"}`)
  }
}
