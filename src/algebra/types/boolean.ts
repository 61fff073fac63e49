import type { Codec } from "../Codec.ts"
import { makeCodec, refused } from "./make.ts"

const expected = "a boolean"

const checked = (value: unknown): boolean =>
  typeof value === "boolean" ? value : refused(expected)

/**
 * Truth values: 0 and 1 on SQLite, MySQL and MariaDB, `t` and `f` on PostgreSQL.
 *
 * **Shape** any other stored number is refused: SQL's 2 is true as a condition, not as a value.
 */
export const booleanCodec: Codec<boolean> = makeCodec<boolean>({
  sqlite: {
    decode: (raw) => {
      if (raw === 1 || raw === 1n) return true
      return raw === 0 || raw === 0n ? false : refused(expected)
    },
    encode: (value) => (checked(value) ? 1n : 0n)
  },
  postgres: {
    decode: (raw) => {
      if (raw === "t") return true
      return raw === "f" ? false : refused(expected)
    },
    encode: (value) => (checked(value) ? "t" : "f")
  },
  mysql: {
    decode: (raw) => {
      if (raw === 1 || raw === "1") return true
      return raw === 0 || raw === "0" ? false : refused(expected)
    },
    encode: (value) => (checked(value) ? 1 : 0)
  },
  json: {
    decode: (raw) => {
      if (raw === true || raw === 1) return true
      return raw === false || raw === 0 ? false : refused(expected)
    },
    encode: checked
  }
})
