import { type Command, update } from "../algebra/Command.ts"
import type { Capabilities } from "../algebra/Dialect.ts"
import { Keyed, KeyedId } from "../algebra/keyed.ts"
import * as S from "../algebra/Scalar.ts"
import type { TableSource } from "../algebra/Source.ts"
import { boolean } from "../algebra/types.ts"
import { ValueRefused } from "../algebra/Codec.ts"
import { manySets, type ParameterSet, saidTogether } from "../compile/manySets.ts"
import { resolveCell } from "../mapping/flush/settle.ts"
import type { Resolved, Step } from "../mapping/FlushPlan.ts"
import { asStatement } from "./rowsByKey.ts"

/** Updates that read their rows as a list. */
export interface ListedUpdate {
  readonly node: Command
  /** Its text is not known to be one the server takes. */
  readonly isNew: boolean
}

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
): ReadonlyArray<ListedUpdate> | null => {
  const { isFree, rows } = step
  if (!isFree || rows.length < 2) return null
  try {
    return capabilities.dialect === "sqlite"
      ? inTens(step, resolved, capabilities)
      : asNew(inLists(step, resolved, capabilities, 0, rows.length))
  } catch (error) {
    // Run by itself, the row whose value no column can hold is told with its path.
    if (error instanceof ValueRefused) return null
    throw error
  }
}

type Commands = ReadonlyArray<Command> | null

const asNew = (commands: Commands): ReadonlyArray<ListedUpdate> | null =>
  commands?.map((node) => ({ node, isNew: true })) ?? null

const commandOf = ({ columns, keyColumns, table }: Step): Command => {
  const named = (name: string, column: string) => S.named(name, table.byKey.get(column)!.type)
  const own = (column: string) => S.ref(table.name, table, [column], table.byKey.get(column)!.type)
  const keys = keyColumns.map((column, at) =>
    S.compare("eq", own(column), named(`k${at}`, column), boolean)
  )
  return update(
    table,
    table.name,
    columns,
    columns.map((column, at) => named(`c${at}`, column)),
    keys.length === 1 ? keys[0]! : S.and(keys, boolean)
  )
}

/** Some rows of a step in lists. */
const inLists = (
  step: Step,
  resolved: Resolved,
  capabilities: Capabilities,
  from: number,
  to: number
): Commands => {
  const sets = step.rows.slice(from, to).map(({ cells, key }): ParameterSet => {
    const set: Record<string, unknown> = {}
    cells.forEach((cell, at) => (set[`c${at}`] = resolveCell(cell, resolved)))
    key.forEach((cell, at) => (set[`k${at}`] = resolveCell(cell, resolved)))
    return set
  })
  return manySets(commandOf(step), sets, capabilities)?.map(({ node }) => node) ?? null
}

/** Keys of lists that were said before: by table, then by columns and number of rows. */
const known = new WeakMap<TableSource, Map<string, string>>()

/**
 * On SQLite lists are of so many rows each, and those of one number share a text: where it is known
 * no node is made. No two rows of a step are one, so each is as long as it may be.
 */
const inTens = (
  step: Step,
  resolved: Resolved,
  capabilities: Capabilities
): ReadonlyArray<ListedUpdate> | null => {
  const { columns, keyColumns, rows, table } = step
  let keys = known.get(table)
  if (keys === undefined) known.set(table, (keys = new Map()))
  const listed: Array<ListedUpdate> = []
  const shape = `${columns.join()}|${keyColumns.join()}|`
  for (let from = 0; from < rows.length;) {
    const to = from + saidTogether(capabilities.dialect, rows.length - from)
    const values = valuesOf(step, resolved, from, to)
    const key = keys.get(shape + String(to - from))
    if (key === undefined) {
      const made = inLists(step, resolved, capabilities, from, to)
      if (made === null) return null
      for (const node of made) listed.push({ node, isNew: true })
      const [only] = made
      if (made.length === 1 && isOf(only!, values)) keys.set(shape + String(to - from), only!.key)
    } else {
      const [first, last] = [from, to]
      const told = {
        get node() {
          return inLists(step, resolved, capabilities, first, last)![0]!
        },
        [KeyedId]: (): Keyed => new Keyed(key, values, told),
        isNew: false
      }
      listed.push(told)
    }
    from = to
  }
  return listed
}

/** Are these the values of a command, in their order? */
const isOf = ({ binds, ctes }: Command, values: ReadonlyArray<unknown>): boolean =>
  ctes.length === 0 &&
  binds.length === values.length &&
  binds.every((bind, at) => Object.is(bind.value, values[at]))

const valuesOf = (
  { columns, keyColumns, rows }: Step,
  resolved: Resolved,
  from: number,
  to: number
): ReadonlyArray<unknown> => {
  const width = columns.length + keyColumns.length
  const values = new Array<unknown>((to - from) * width)
  let at = 0
  for (let row = from; row < to; row++) {
    const { cells, key } = rows[row]!
    for (let i = 0; i < cells.length; i++) values[at++] = resolveCell(cells[i], resolved)
    for (let i = 0; i < key.length; i++) values[at++] = resolveCell(key[i], resolved)
  }
  return values
}

/** As the verbs of a database take it. */
export const statementOf = (one: ListedUpdate) =>
  one.isNew ? asStatement(one.node) : (one as unknown as ReturnType<typeof asStatement<Command>>)
