import type { AnyType } from "../algebra/Type.ts"
import type { Dialect } from "./Dialect.ts"
import { isNumber } from "./sqlTypes.ts"

const plainNumber = /^-?[0-9]+(\.[0-9]+)?$/

type Refuse = (capability: string, construct: string) => void

/** A value as the driver is given it, as a literal by the dialect's own rules. */
export const literalText = (
  sent: unknown,
  { sql }: AnyType,
  dialect: Dialect,
  refuse: Refuse
): string => {
  if (sent === null) return "NULL"
  if (typeof sent === "number" || typeof sent === "bigint") return String(sent)
  if (typeof sent === "boolean") return sent ? "TRUE" : "FALSE"
  if (sent instanceof Uint8Array) return dialect.bytesLiteral(Buffer.from(sent).toString("hex"))
  const text = String(sent)
  if (text.includes("\u0000")) refuse("literal", "a literal that holds a NUL character")
  return isNumber(sql) && plainNumber.test(text) ? text : dialect.textLiteral(text)
}

/** The same where a placeholder stood: a whole double stays one, a sign binds before `::`. */
export const closedLiteral = (
  sent: unknown,
  type: AnyType,
  dialect: Dialect,
  refuse: Refuse
): string => {
  const text = literalText(sent, type, dialect, refuse)
  const whole = typeof sent === "number" && type.sql._tag === "Double" && /^-?[0-9]+$/.test(text)
  const digits = whole ? `${text}.0` : text
  return digits.startsWith("-") ? `(${digits})` : digits
}
