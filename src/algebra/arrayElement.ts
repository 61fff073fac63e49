import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import { elementOf } from "./types/array.ts"

/** The type of an array; another is refused. */
export const listType = (type: AnyType, asked: string): AnyType =>
  elementOf(type) === null ? refuse(`${asked}: ${type.key} is no array`) : type

/** The element at a place of each dimension. */
export const elementAt = (
  node: S.Scalar,
  places: ReadonlyArray<S.Scalar>,
  asked: string
): S.Scalar => {
  const { sql } = listType(node.type, asked)
  const dimensions = sql._tag === "Array" ? sql.dimensions : 0
  if (places.length !== dimensions)
    return refuse(`${asked}: ${places.length} places in an array of ${dimensions} dimensions`)
  let type = node.type
  for (let next = elementOf(type); next !== null; next = elementOf(type)) type = next
  return S.call("arrayElement", [node, ...places], type)
}
