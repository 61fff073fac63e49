/**
 * The server's own error of a packet it does not take, before it is sent; null where it takes it.
 *
 * **Shape** a server that is sent one reads no further and closes the connection, whose reset may
 * come before what it says. The bytes are those of the text and of its parameters: a packet that
 * is too large by what stands around these is still the server's to refuse.
 * **Source** MariaDB manual, "max_allowed_packet"; error 1153 (08S01).
 */
export const tooLarge = (
  most: number,
  text: string,
  parameters: ReadonlyArray<unknown>
): Error | null => {
  // A unit of UTF-16 is three bytes at most: few statements are looked at more closely.
  if (sizeBy(unitsOf, text, parameters) < most || sizeBy(bytesOf, text, parameters) < most)
    return null
  const words = `Got a packet bigger than 'max_allowed_packet' bytes: the server takes ${most}`
  return Object.assign(new Error(words), { errno: 1153, sqlState: "08S01", sqlMessage: words })
}

type Size = (text: string) => number
const unitsOf: Size = (text) => text.length * 3
const bytesOf: Size = (text) => Buffer.byteLength(text)

/** The text is one packet, to be prepared; its parameters are another. */
const sizeBy = (size: Size, text: string, parameters: ReadonlyArray<unknown>): number => {
  let sum = 0
  for (const value of parameters) {
    if (typeof value === "string") sum += size(value)
    else if (value instanceof Uint8Array) sum += value.length
  }
  return Math.max(sum, size(text))
}
