import type { Capabilities } from "../algebra/Dialect.ts"
import type { TableSource } from "../algebra/Source.ts"
import { type LinkMark, markIn } from "./linkMark.ts"

type Cells = Readonly<Record<string, unknown>>

/**
 * The values by which related rows are found: key after key, each of as many as its columns.
 *
 * **Shape** one list for all: thousands of keys are no thousands of lists.
 */
export interface LinkKeys {
  readonly width: number
  readonly values: ReadonlyArray<unknown>
}

/** Some keys, each a list of its own. */
export const linkKeys = (width: number, keys: ReadonlyArray<ReadonlyArray<unknown>>): LinkKeys => ({
  width,
  values: keys.flat()
})

/** What rows hold in some columns, each once; none where a part is null. */
export const rowKeys = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  rows: ReadonlyArray<object>
): LinkKeys => {
  const markOf = markIn(table, columns)
  const known = new Set<LinkMark>()
  const values: Array<unknown> = []
  for (const row of rows as ReadonlyArray<Cells>) {
    const mark = markOf(row)
    if (mark === undefined || known.has(mark)) continue
    known.add(mark)
    for (const column of columns) values.push(row[column])
  }
  return { width: columns.length, values }
}

/** How many keys one query takes. Lists are padded to powers of two where they are expanded. */
const chunkSize = (width: number, capabilities: Capabilities): number => {
  if (width > 1) return Math.max(1, Math.min(128, Math.floor(capabilities.maxParameters / width)))
  return capabilities.listParameter === "expand"
    ? 2 ** Math.floor(Math.log2(capabilities.maxParameters))
    : 100_000
}

/** The keys of each query. */
export const chunksOf = (keys: LinkKeys, capabilities: Capabilities): ReadonlyArray<LinkKeys> => {
  const { values, width } = keys
  if (values.length === 0) return []
  const size = chunkSize(width, capabilities) * width
  if (values.length <= size) return [keys]
  return Array.from({ length: Math.ceil(values.length / size) }, (_, at) => ({
    width,
    values: values.slice(at * size, (at + 1) * size)
  }))
}
