import type { RowCodec } from "../Codec.ts"
import { makeCodec, refused } from "./make.ts"

/** Nothing reads or sends a tuple as a whole; beside another it is itself alone. */
const form: RowCodec<unknown> = {
  decode: () => refused("values side by side are compared, never read"),
  encode: (value) => value
}

export const tupleCodec = makeCodec<unknown>({
  sqlite: form,
  postgres: form,
  mysql: form,
  json: form
})
