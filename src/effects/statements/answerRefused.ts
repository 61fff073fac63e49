import type { Compiled } from "../../compile/Compiled.ts"
import type { DecodeRefused } from "../../compile/DecodeRefused.ts"
import { DecodeFailed, NotFound, RowCount } from "../DatabaseError.ts"
import { shownText } from "../classify/inStatement.ts"

/** The tables a statement is of. */
export const subjectOf = (compiled: Compiled): string =>
  compiled.writes.join(", ") || compiled.reads.join(", ") || "the query"

export const notFound = (compiled: Compiled): NotFound => {
  const subject = subjectOf(compiled)
  return new NotFound({
    message: `no row of ${subject} where exactly one was asked for, in ${shownText(compiled)}`,
    dialect: compiled.dialect,
    operation: compiled.kind,
    retryable: false,
    transaction: "alive",
    subject
  })
}

/** Other than the one row that was `wanted`. */
export const rowCount = (
  compiled: Compiled,
  actual: number,
  wanted: "at most one" | "exactly one"
): RowCount =>
  new RowCount({
    message:
      `${actual} rows of ${subjectOf(compiled)} where ${wanted} was asked for, in ` +
      shownText(compiled),
    dialect: compiled.dialect,
    operation: compiled.kind,
    retryable: false,
    transaction: "alive",
    expected: 1,
    actual
  })

export const decodeFailed = (compiled: Compiled, refused: DecodeRefused): DecodeFailed =>
  new DecodeFailed({
    message: `${refused.path}: expected ${refused.expected}, in ${shownText(compiled)}`,
    dialect: compiled.dialect,
    operation: "decode",
    retryable: false,
    transaction: "alive",
    path: refused.path,
    expected: refused.expected
  })
