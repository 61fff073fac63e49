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

/** A name as a dialect says it: quoted where it must be. */
export const identifier = (
  name: string,
  dialect: { readonly quote: (name: string) => string },
  capabilities: Capabilities
): string => {
  checkIdentifier(name, capabilities)
  return isPlain(name) ? name : dialect.quote(name)
}

/**
 * A generated name that fits: as it is, or its beginning and a hash of the whole.
 *
 * **Laws** L26: the same on every run; names that differ stay different but for a collision of 64
 * bits.
 */
export const fitName = (name: string, capabilities: Capabilities): string => {
  const { length, unit } = capabilities.maxIdentifier
  const size = (text: string): number => (unit === "bytes" ? byteLength(text) : text.length)
  if (size(name) <= length) return name
  let kept = 0
  let room = length - hashed - 1
  for (const character of name) {
    room -= size(character)
    if (room < 0) break
    kept += character.length
  }
  return `${name.slice(0, kept)}_${hash(name)}`
}

/** Digits of a hash: 64 bits to the base of 36. */
const hashed = 13

/** FNV-1a of 64 bits over UTF-16 units. */
const hash = (text: string): string => {
  let state = 0xcbf29ce484222325n
  for (let i = 0; i < text.length; i++)
    state = BigInt.asUintN(64, (state ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n)
  return state.toString(36).padStart(hashed, "0")
}

const byteLength = (text: string): number => {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
