import { type Expr, expr } from "../Expression.ts"
import * as S from "../Scalar.ts"
import type { AnyType } from "../Type.ts"

/** A function that PostgreSQL alone has, in its words around and between the operands. */
export const postgresOnly = (
  name: string,
  operands: ReadonlyArray<S.Scalar>,
  words: ReadonlyArray<string>,
  type: AnyType
): Expr<never, never> =>
  expr(
    S.customScalar(
      name,
      operands,
      { sqlite: null, postgres: Object.freeze([...words]), mysql: null, mariadb: null },
      type,
      "call"
    )
  )
