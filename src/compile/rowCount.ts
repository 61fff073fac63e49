import { refused } from "../algebra/types/make.ts"
import type { Encode } from "./Compiled.ts"
import type { Writer } from "./Dialect.ts"
import { levels } from "./levels.ts"
import type { Term } from "./Placed.ts"

/**
 * A term of LIMIT or OFFSET. A negative number means "no limit" to SQLite and an error elsewhere,
 * so
 * the slot refuses it; `sent` gives the form the driver must send.
 */
export const sayRowCount = (
  term: Term,
  writer: Writer,
  sent: (count: number | bigint) => unknown
): void => {
  if (term._tag !== "Parameter") return writer.term(term, levels.primary)
  const encode: Encode = (value: number | bigint) => {
    const whole = typeof value === "bigint" || Number.isSafeInteger(value)
    if (!whole || value < 0) return refused("a number of rows, 0 or more")
    return sent(value)
  }
  writer.slot(term, term.origin._tag === "Named" ? term.origin.name : "limit", encode)
}
