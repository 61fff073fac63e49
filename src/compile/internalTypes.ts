import type { Codec, RowCodec } from "../algebra/Codec.ts"
import type { SqlType } from "../algebra/SqlType.ts"
import type { AnyType } from "../algebra/Type.ts"

const asIs: RowCodec<unknown> = Object.freeze({
  decode: (raw: unknown) => raw,
  encode: (value: unknown) => value,
  identity: true
})
const codec: Codec<unknown> = Object.freeze({
  row: Object.freeze({ sqlite: asIs, postgres: asIs, mysql: asIs, mariadb: asIs }),
  json: asIs
})

/** Types of expressions the compiler adds: never decoded, only printed. */
const internal = (name: string, sql: SqlType): AnyType =>
  Object.freeze({ sql: Object.freeze(sql), codec, key: `internal:${name}` })

export const booleanType = internal("boolean", { _tag: "Boolean" })
export const bigintType = internal("bigint", { _tag: "Bigint" })
export const integerType = internal("integer", { _tag: "Integer" })
export const doubleType = internal("double", { _tag: "Double" })
