import type { Insert } from "../../src/algebra/Command.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import { type AliasRow, emptyScope, type Env, inside, type TableRow } from "./Meaning.ts"
import { evaluate, holds } from "./scalar.ts"
import { alike, outside, type Value } from "./Value.ts"

/** The alias of the proposed row. */
const excluded = "excluded"

const base = (row: TableRow): AliasRow => ({ _tag: "Base", row })

const keysOf = (table: TableSource): ReadonlyArray<ReadonlyArray<string>> =>
  [table.primaryKey, ...table.uniques().map(({ columns }) => columns)].filter(
    (columns) => columns.length > 0
  )

/** Two rows have one key: NULL is in no key. */
const clash = (a: TableRow, b: TableRow, columns: ReadonlyArray<string>): boolean =>
  columns.every((key) => a[key] !== null && alike(a[key]!, b[key]!))

const targetsOf = ({ conflict, table }: Insert): ReadonlyArray<ReadonlyArray<string>> =>
  conflict === null ? [] : conflict.target.length > 0 ? [conflict.target] : keysOf(table)

const alikeRows = (a: TableRow, b: TableRow): boolean =>
  Object.keys(a).every((key) => alike(a[key]!, b[key]!))

/** The rows of a query come in any order: two of one key mean nothing, save that they are alike. */
export const checkOrder = (node: Insert, row: TableRow, before: ReadonlyArray<TableRow>): void => {
  if (node.rows === null) return
  for (const other of before)
    if (targetsOf(node).some((key) => clash(other, row, key)) && !alikeRows(other, row))
      outside("rows in no order that meet one key")
}

/**
 * Adds a proposed row to `all`, or does with the one that has its key what the insert says. Gives
 * the row that was written, or null. PostgreSQL refuses to write a row twice in one statement.
 */
export const upsertInto = (
  node: Insert,
  all: Array<TableRow>,
  proposed: TableRow,
  written: ReadonlyArray<TableRow>,
  env: Env,
  defaultOf: (key: string) => Value
): TableRow | null => {
  const { conflict, table } = node
  const targets = targetsOf(node)
  const partial = conflict?.partial ?? null
  const within = (row: TableRow): boolean =>
    partial === null ||
    holds(partial, inside(env, { ...emptyScope, rows: new Map([[table.name, base(row)]]) }))
  const at = all.findIndex(
    (row) => targets.some((key) => clash(row, proposed, key)) && within(row) && within(proposed)
  )
  if (at < 0) {
    all.push(proposed)
    return proposed
  }
  if (conflict!.columns.length === 0) return null
  const existing = all[at]!
  if (env.world.dialect === "postgres" && written.includes(existing))
    return outside("a row written twice")
  const rows = new Map([
    [table.name, base(existing)],
    [excluded, base(proposed)]
  ])
  const here = inside(env, { ...emptyScope, rows })
  if (node.condition !== null && !holds(node.condition, here)) return null
  const next = { ...existing }
  conflict!.columns.forEach((key, i) => {
    const change = node.changes[i]!
    next[key] = change._tag === "Default" ? defaultOf(key) : evaluate(change, here)
  })
  all[at] = next
  return next
}
