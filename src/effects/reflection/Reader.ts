import type * as Effect from "effect/Effect"
import { raw } from "../../algebra/rawQuery.ts"
import type { Select } from "../../algebra/Select.ts"
import type { Snapshot } from "../../algebra/schema/Snapshot.ts"
import type { Statement } from "../../algebra/Statement.ts"
import type { Type } from "../../algebra/Type.ts"
import type { ReadError } from "../DatabaseError.ts"

/** Asks the server one question. */
export type Ask = <Row>(
  query: Select<Row, never, never>
) => Effect.Effect<ReadonlyArray<Row>, ReadError>

/** Reads one schema; null stands for the one that names without a schema mean. */
export type Reader = (ask: Ask, schema: string | null) => Effect.Effect<Snapshot, ReadError>

/** A question in the server's own words, about its catalogs and not about tables. */
export const asking = <C extends Readonly<Record<string, Type<any>>>>(columns: C) =>
  raw(columns, { tables: [] })

/** The row of a question. */
export type RowOf<Q extends (...parts: never) => unknown> =
  ReturnType<Q> extends Statement<infer Row> ? Row : never

/** Rows by what they are about, in their order. */
export const groups = <Row, K extends keyof Row>(
  rows: ReadonlyArray<Row>,
  key: K
): ReadonlyMap<Row[K], ReadonlyArray<Row>> => {
  const found = new Map<Row[K], Array<Row>>()
  let last: Array<Row> | undefined
  for (const row of rows) {
    const about = row[key]
    // Mostly they come together.
    if (last === undefined || last[0]![key] !== about) last = found.get(about)
    if (last === undefined) found.set(about, (last = [row]))
    else last.push(row)
  }
  return found
}

/**
 * Rows that come one after the other, of which the first alone says what they are about: a name
 * that is sent with each is most of what is read.
 */
export const runs = <Row, K extends keyof Row>(
  rows: ReadonlyArray<Row>,
  key: K
): ((of: Row[K]) => ReadonlyArray<ReadonlyArray<Row>>) => {
  const found = new Map<Row[K], Array<Array<Row>>>()
  let last: Array<Row> = []
  for (const row of rows) {
    const about = row[key]
    if (about === null) {
      last.push(row)
      continue
    }
    last = [row]
    const known = found.get(about)
    if (known === undefined) found.set(about, [last])
    else known.push(last)
  }
  return (of) => found.get(of) ?? []
}

/** The rows that are about something; none where there are none. */
export const groupedBy = <Row, K extends keyof Row>(
  rows: ReadonlyArray<Row>,
  key: K
): ((of: Row[K]) => ReadonlyArray<Row>) => {
  const found = groups(rows, key)
  return (of) => found.get(of) ?? []
}

/** A list of texts as JSON. */
export const texts = (json: string | null): ReadonlyArray<string> =>
  json === null ? [] : (JSON.parse(json) as ReadonlyArray<string>)

/** Rows of the first answer that the last one has too: what was dropped meanwhile is left out. */
export const remaining = <Row, K extends keyof Row>(
  first: ReadonlyArray<Row>,
  last: ReadonlyArray<Pick<Row, K>>,
  key: K
): ReadonlyArray<Row> => {
  const there = new Set(last.map((row) => row[key]))
  return first.filter((row) => there.has(row[key]))
}
