/** Rows a stream fetches at first, where nobody says how many. */
const usual = 500

/** At most: more gain nothing. */
const most = 2_000

/** What is held of rows at once where they are long: a megabyte, in characters or bytes. */
const held = 2 ** 20

/** Rows looked at of each fetch. */
const sampled = 8

type Row = ReadonlyArray<unknown>

/**
 * How many rows to fetch next, from those that were: of short rows more, since each fetch has a
 * cost of its own.
 *
 * **Laws** between 500 and 2,000, and the same for the same rows.
 */
export const nextSize = (rows: ReadonlyArray<Row>): number => {
  if (rows.length === 0) return usual
  const step = Math.max(1, Math.floor(rows.length / sampled))
  let longest = 1
  for (let at = 0; at < rows.length; at += step) longest = Math.max(longest, weightOf(rows[at]!))
  return Math.min(most, Math.max(usual, Math.floor(held / longest)))
}

const weightOf = (row: Row): number => {
  let weight = 0
  for (const value of row)
    weight += typeof value === "string" || value instanceof Uint8Array ? value.length : 8
  return weight
}
