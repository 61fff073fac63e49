import type { Codec, RowCodec } from "../Codec.ts"
import { makeCodec, refused } from "./make.ts"

const expected = "bytes as a Uint8Array"
const expectedHex = "bytes as hexadecimal digits"

/** Buffers lend a slice of a driver's memory: rows get an array of their own. */
const copied = (raw: unknown): Uint8Array =>
  raw instanceof Uint8Array ? new Uint8Array(raw) : refused(expected)

/** The same memory as a Buffer: mysql2 would write any other view as JSON. */
const lent = (value: unknown): Buffer =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : refused(expected)

const bytesOfHex = (text: string): Uint8Array => {
  const bytes = Buffer.from(text, "hex")
  return bytes.length * 2 === text.length ? new Uint8Array(bytes) : refused(expectedHex)
}

const buffers: RowCodec<Uint8Array> = { decode: copied, encode: lent }

/**
 * Bytes as `Uint8Array`.
 *
 * **Shape** PostgreSQL writes `\x` and hexadecimal digits. JSON carries hexadecimal digits of
 * either case, the one form all servers print.
 */
export const bytesCodec: Codec<Uint8Array> = makeCodec<Uint8Array>({
  sqlite: buffers,
  postgres: {
    decode: (raw) =>
      typeof raw === "string" && raw.startsWith("\\x")
        ? bytesOfHex(raw.slice(2))
        : refused(expectedHex),
    encode: lent
  },
  mysql: { decode: copied, encode: lent },
  json: {
    decode: (raw) => {
      if (typeof raw !== "string") return refused(expectedHex)
      return bytesOfHex(raw.startsWith("\\x") ? raw.slice(2) : raw)
    },
    encode: (value) => lent(value).toString("hex")
  }
})
