import { isExpr } from "./Expression.ts"
import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import * as T from "./types.ts"

/** A count of rows, as LIMIT takes it. */
export const countOf = (count: unknown, clause: string): S.Scalar => {
  if (isExpr(count)) return count.node
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) {
    return refuse(
      `${clause}: ${typeof count === "number" ? count : typeof count} is not a count of rows`
    )
  }
  return S.bound(count, T.count)
}

/** A part in hundredths: a whole one is reckoned exactly, another one as a double. */
export const shareOf = (count: unknown): S.Scalar => {
  if (isExpr(count)) return count.node
  if (typeof count !== "number" || !(count >= 0 && count <= 100))
    return refuse(`limit: ${typeof count === "number" ? count : typeof count} is no percentage`)
  return S.bound(count, Number.isInteger(count) ? T.integer : T.double)
}
