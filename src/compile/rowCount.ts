import type { Encode } from "./Compiled.ts"
import type { Writer } from "./Dialect.ts"
import { checkedRowCount } from "./internalTypes.ts"
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
  const encode: Encode = (value: number | bigint) => sent(checkedRowCount(value) as number | bigint)
  writer.slot(term, term.origin._tag === "Named" ? term.origin.name : "limit", encode)
}

/** `OFFSET o ROWS FETCH FIRST n ROWS WITH TIES`, as the standard says it. */
export const withTies = (
  writer: Writer,
  limit: Term,
  offset: Term | null,
  count: (term: Term) => void
): void => {
  if (offset !== null) {
    writer.put("OFFSET ")
    count(offset)
    writer.put(" ROWS ")
  }
  writer.put("FETCH FIRST ")
  count(limit)
  writer.put(" ROWS WITH TIES")
}
