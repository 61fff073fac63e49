import type { Codec, RowCodec } from "../Codec.ts"
import type { SqlType } from "../SqlType.ts"
import type { AnyType } from "../Type.ts"
import { arrayText, arrayTexts } from "./arrayText.ts"
import { makeCodec, refused } from "./make.ts"

/** The type of an array, which knows what its elements are. */
export interface ElementType {
  readonly of: AnyType
  readonly nulls: boolean
}

type List = ReadonlyArray<unknown>

/** The lengths of a list's dimensions; what is no list, or not as long everywhere, is refused. */
const lengthsOf = (list: unknown, dimensions: number, expected: string): ReadonlyArray<number> => {
  if (!Array.isArray(list)) return refused(expected)
  if (dimensions === 1) return [list.length]
  const inner = (list as List).map((one) => lengthsOf(one, dimensions - 1, expected))
  const first = inner[0]
  if (first === undefined) return [0]
  const alike = inner.every((lengths) => lengths.every((length, i) => length === first[i]))
  // The server keeps no list of empty lists: it would come back as an empty one.
  return alike && !first.includes(0) ? [list.length, ...first] : refused(expected)
}

/**
 * Arrays of one element type, of one dimension or of so many as their elements are nested: then all
 * lists of a level have one length, as the server keeps them.
 *
 * **Shape** the server's text carries the text of each element; JSON a list of its JSON values.
 */
export const arrayCodec = (
  element: AnyType,
  dimensions: number,
  nulls: boolean
): Codec<ReadonlyArray<unknown>> => {
  const expected =
    `a list of ${element.key}${dimensions > 1 ? `, ${dimensions} levels of equal lengths` : ""}` +
    (nulls ? "" : " without NULL")
  const each =
    (convert: (value: never) => unknown) =>
    (value: unknown): unknown =>
      value === null ? (nulls ? null : refused(expected)) : convert(value as never)
  const deep = (list: List, level: number, one: (value: unknown) => unknown): List =>
    Object.freeze(
      Array.from(list, (value) =>
        level === 1
          ? one(value)
          : Array.isArray(value)
            ? deep(value, level - 1, one)
            : refused(expected)
      )
    )
  const row = element.codec.row.postgres
  const read = each(row.decode as (raw: unknown) => unknown)
  const write = each(row.encode)
  const readJson = each(element.codec.json.decode as (raw: unknown) => unknown)
  const writeJson = each(element.codec.json.encode)
  const checked = (list: unknown): List => {
    lengthsOf(list, dimensions, expected)
    return list as List
  }
  const postgres: RowCodec<List> = {
    decode: (raw) => deep(checked(arrayTexts(raw)), dimensions, read),
    encode: (value) => arrayText(deep(checked(value), dimensions, write))
  }
  const nowhere: RowCodec<List> = {
    decode: () => refused("nothing: there are no arrays"),
    encode: () => refused("nothing: there are no arrays")
  }
  return makeCodec<List>({
    sqlite: nowhere,
    postgres,
    mysql: nowhere,
    json: {
      decode: (raw) => deep(checked(raw), dimensions, readJson),
      encode: (value) => deep(checked(value), dimensions, writeJson)
    }
  })
}

/** The SQL type of arrays of a type: of arrays they are one dimension more. */
export const arraySql = ({ sql }: AnyType): Extract<SqlType, { readonly _tag: "Array" }> =>
  Object.freeze(
    sql._tag === "Array"
      ? { _tag: "Array", of: sql.of, dimensions: sql.dimensions + 1 }
      : { _tag: "Array", of: sql, dimensions: 1 }
  )

/** What the elements of an array type are; null for what is no array. */
export const elementOf = (type: AnyType): AnyType | null =>
  type.sql._tag === "Array" && "of" in type ? (type as AnyType & ElementType).of : null
