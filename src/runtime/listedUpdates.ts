import { type Command, update } from "../algebra/Command.ts"
import type { Capabilities } from "../algebra/Dialect.ts"
import * as S from "../algebra/Scalar.ts"
import { boolean } from "../algebra/types.ts"
import { ValueRefused } from "../algebra/Codec.ts"
import { manySets } from "../compile/manySets.ts"
import { resolveCell } from "../mapping/flush/settle.ts"
import type { Resolved, Step } from "../mapping/FlushPlan.ts"

/**
 * Updates of a step as few statements that read their rows as a list; null where they are to be run
 * one by one.
 *
 * **Laws** the same rows written and matched as one after the other.
 */
export const listedUpdates = (
  step: Step,
  resolved: Resolved,
  capabilities: Capabilities
): ReadonlyArray<Command> | null => {
  const { columns, isFree, keyColumns, rows, table } = step
  if (!isFree || rows.length < 2) return null
  const named = (name: string, column: string) => S.named(name, table.byKey.get(column)!.type)
  const own = (column: string) => S.ref(table.name, table, [column], table.byKey.get(column)!.type)
  const keys = keyColumns.map((column, at) =>
    S.compare("eq", own(column), named(`k${at}`, column), boolean)
  )
  const node = update(
    table,
    table.name,
    columns,
    columns.map((column, at) => named(`c${at}`, column)),
    keys.length === 1 ? keys[0]! : S.and(keys, boolean)
  )
  const sets = rows.map(({ cells, key }) => {
    const set: Record<string, unknown> = {}
    cells.forEach((cell, at) => (set[`c${at}`] = resolveCell(cell, resolved)))
    key.forEach((cell, at) => (set[`k${at}`] = resolveCell(cell, resolved)))
    return set
  })
  try {
    return manySets(node, sets, capabilities)?.map((one) => one.node) ?? null
  } catch (error) {
    // Run by itself, the row whose value no column can hold is told with its path.
    if (error instanceof ValueRefused) return null
    throw error
  }
}
