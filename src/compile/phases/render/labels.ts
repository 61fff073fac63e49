import { type Block, type From, type Item, labelsOf, type Term } from "../../Placed.ts"

/**
 * The label of what is selected, where ORDER BY may say it: a column says itself, and a constant
 * orders nothing. A label there comes before a column of its name, on every server.
 */
export const labelOf = (items: ReadonlyArray<Item>, term: Term): string | null => {
  if (term._tag === "Column" || term._tag === "Label") return null
  const label = items.find((item) => item.term === term)?.label
  return label === undefined || label === "" ? null : label
}

/** Columns no table declares and servers know all the same. */
const systemColumns: ReadonlyArray<string> = [
  ...["rowid", "_rowid_", "oid"],
  ...["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"]
]

/** The names of the columns in FROM, in lower case; null where they are not known. */
const columnNames = (from: From | null): ReadonlyArray<string> | null => {
  switch (from?._tag) {
    case undefined:
      return systemColumns
    case "TableFrom":
      return [...from.source.columns.map(({ name }) => name), from.flag ?? "", ...systemColumns]
    case "QueryFrom":
      return [...labelsOf(from.query), ...systemColumns]
    case "JoinFrom": {
      const [left, right] = [columnNames(from.left), columnNames(from.right)]
      return left === null || right === null ? null : [...left, ...right]
    }
    default:
      return null
  }
}

/**
 * The label of a key, where GROUP BY may say it: there a column of its name, in FROM or in a query
 * outside, would come before it.
 */
export const groupLabelOf = (block: Block, term: Term): string | null => {
  const label = block.outermost && block.sets === null ? labelOf(block.items, term) : null
  if (label === null) return null
  const name = label.toLowerCase()
  const taken = columnNames(block.from)
  return taken === null || taken.some((one) => one.toLowerCase() === name) ? null : label
}
