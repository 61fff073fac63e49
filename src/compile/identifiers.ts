import { refuse } from "../algebra/StatementError.ts"
import type { Capabilities } from "../algebra/Dialect.ts"
import { reserved } from "./reserved.ts"

/** A name every server reads the same without quotes. */
const ordinary = /^[a-z_][a-z0-9_]*$/

/** Whether a name means itself without quotes, on every dialect. */
export const isPlain = (name: string): boolean => ordinary.test(name) && !reserved.has(name)

/**
 * Refuses a name no server could hold as it is.
 *
 * **Laws** L26: names are printed injectively: two names never give one text.
 */
export const checkIdentifier = (name: string, capabilities: Capabilities): void => {
  if (name === "") refuse("an identifier is empty")
  if (name.includes("\u0000")) refuse(`an identifier holds a NUL character: ${JSON.stringify(name)}`)
  if (!name.isWellFormed()) refuse(`an identifier holds half a surrogate pair: ${JSON.stringify(name)}`)
  const { length, unit } = capabilities.maxIdentifier
  const size = unit === "bytes" ? byteLength(name) : name.length
  if (size > length) refuse(`the identifier "${name}" is ${size} ${unit} long; ${capabilities.dialect} takes ${length}`)
  // MySQL stores identifiers in the three-byte part of Unicode.
  if (unit === "characters" && /[\u{10000}-\u{10ffff}]/u.test(name)) {
    refuse(`the identifier "${name}" holds a character outside the basic plane, which ${capabilities.dialect} refuses`)
  }
  if (unit === "characters" && name.endsWith(" ")) refuse(`the identifier "${name}" ends in a blank`)
}

const byteLength = (text: string): number => {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
