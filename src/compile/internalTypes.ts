import type { Codec, RowCodec } from "../algebra/Codec.ts"
import type { SqlType } from "../algebra/SqlType.ts"
import { refused } from "../algebra/types/make.ts"
import type { AnyType } from "../algebra/Type.ts"

/** A number of rows as it is sent; what is none is refused. */
export const checkedRowCount = (count: unknown): unknown => {
  const whole = typeof count === "bigint" || Number.isSafeInteger(count)
  return whole && (count as number | bigint) >= 0 ? count : refused("a number of rows, 0 or more")
}

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
const internal = (name: string, sql: SqlType, how = codec): AnyType =>
  Object.freeze({ sql: Object.freeze(sql), codec: how, key: `internal:${name}` })

const counted: RowCodec<unknown> = Object.freeze({ ...asIs, encode: checkedRowCount })
const countCodec: Codec<unknown> = Object.freeze({
  row: Object.freeze({ sqlite: counted, postgres: counted, mysql: counted, mariadb: counted }),
  json: counted
})

export const booleanType = internal("boolean", { _tag: "Boolean" })
export const bigintType = internal("bigint", { _tag: "Bigint" })
/** A number of rows that is compared with others. */
export const rowCountType = internal("rows", { _tag: "Bigint" }, countCodec)
export const integerType = internal("integer", { _tag: "Integer" })
export const textType = internal("text", { _tag: "Text" })
export const doubleType = internal("double", { _tag: "Double" })
