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
  if (name.includes("\u0000"))
    refuse(`an identifier holds a NUL character: ${JSON.stringify(name)}`)
  if (!name.isWellFormed())
    refuse(`an identifier holds half a surrogate pair: ${JSON.stringify(name)}`)
  const { length, unit } = capabilities.maxIdentifier
  const size = unit === "bytes" ? byteLength(name) : name.length
  if (size > length)
    refuse(
      `the identifier "${name}" is ${size} ${unit} long; ${capabilities.dialect} takes ${length}`
    )
  // MySQL stores identifiers in the three-byte part of Unicode.
  if (unit === "characters" && /[\u{10000}-\u{10ffff}]/u.test(name)) {
    refuse(`${capabilities.dialect} refuses the identifier "${name}": a character beyond U+FFFF`)
  }
  if (unit === "characters" && name.endsWith(" "))
    refuse(`the identifier "${name}" ends in a blank`)
}

/**
 * A generated name that fits: as it is, or its beginning and a hash of the whole.
 *
 * **Laws** L26: the same on every run; names that differ stay different but for a collision of 32
 * bits.
 */
export const fitName = (name: string, capabilities: Capabilities): string => {
  const { length, unit } = capabilities.maxIdentifier
  const size = (text: string): number => (unit === "bytes" ? byteLength(text) : text.length)
  if (size(name) <= length) return name
  let kept = ""
  for (const character of name) {
    if (size(kept + character) > length - 9) break
    kept += character
  }
  return `${kept}_${hash(name)}`
}

/** FNV-1a over UTF-16 units, as eight hexadecimal digits. */
const hash = (text: string): string => {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  return (state >>> 0).toString(16).padStart(8, "0")
}

const byteLength = (text: string): number => {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
