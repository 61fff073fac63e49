import type * as Fiber from "effect/Fiber"
import { ValueRefused } from "../../algebra/Codec.ts"
import type { Insert } from "../../algebra/Command.ts"
import { isValueList, listsOf, type ValueList } from "../../algebra/rowLists.ts"
import type { Compiled } from "../../compile/Compiled.ts"
import type { StatementNode } from "../../algebra/Statement.ts"
import type { StatementCache } from "../../compile/StatementCache.ts"
import { bind, type Named } from "./bind.ts"

/** The values of an insert, encoded; null where its statement is another, or refuses a value. */
type Binder = (node: Insert) => ReadonlyArray<unknown> | null

/** Where a place of a text finds its value among lists, and how that is encoded. */
interface Place {
  readonly list: number
  readonly row: number
  readonly encode: (value: unknown) => unknown
}

/**
 * Binds inserts that share the text of a first one, without asking for it again.
 *
 * **Shape** of rows that are lists no cell is made. Whoever gets null asks for the statement by
 * itself, and is told what is wrong with it.
 */
export const binderOf = (
  compiled: Compiled,
  first: Insert,
  fiber: Fiber.Fiber<unknown, unknown>
): Binder => {
  if (compiled.fixed.length > 0 || compiled.agree.length > 0 || first.ctes.length > 0) return never
  if (listsOf(first) !== null) return ofLists(compiled, first)
  // One row, each cell of it a column.
  const isListed = first.rowCount === 1 && first.cells.every(({ _tag }) => _tag === "BoundList")
  if (!isListed) return never
  return (node) => {
    if (node.key !== first.key) return null
    const bound = bind(compiled, node.binds, undefined, fiber)
    return Array.isArray(bound) ? bound : null
  }
}

const never: Binder = () => null

const ofLists = (compiled: Compiled, { rowCount }: Insert): Binder => {
  return (node) => (node.rowCount === rowCount ? bindLists(compiled, node) : null)
}

const known = new WeakMap<Compiled, ReadonlyArray<Place> | null>()

/** The values of an insert that is lists, by the text of another of its key: see `binderOf`. */
const bindLists = (compiled: Compiled, node: Insert): ReadonlyArray<unknown> | null => {
  const given = listsOf(node)
  if (given === null || !given.lists.every(isValueList)) return null
  let places = known.get(compiled)
  if (places === undefined) {
    places = placesOf(compiled, node.columns.length)
    known.set(compiled, places)
  }
  return places === null ? null : encoded(places, given.lists)
}

/** An insert of lists whose text is known: of its values no node is made. Null for others. */
export const boundLists = (
  { named, node }: { readonly named: Named | undefined; readonly node: StatementNode },
  statements: { readonly known?: StatementCache["known"] }
): { readonly compiled: Compiled; readonly parameters: ReadonlyArray<unknown> } | null => {
  if (node._tag !== "Insert" || named !== undefined || listsOf(node) === null) return null
  const compiled = statements.known?.(node.key) ?? null
  const parameters = compiled === null ? null : bindLists(compiled, node)
  return parameters === null ? null : { compiled: compiled!, parameters }
}

const placesOf = ({ slots }: Compiled, width: number): ReadonlyArray<Place> | null => {
  const places: Array<Place> = []
  for (const slot of slots) {
    if (slot._tag !== "Bound") return null
    const list = slot.index % width
    const row = (slot.index - list) / width
    places.push({ list, row, encode: slot.encode as Place["encode"] })
  }
  return places
}

const encoded = (
  places: ReadonlyArray<Place>,
  lists: ReadonlyArray<ValueList>
): ReadonlyArray<unknown> | null => {
  const bound = new Array<unknown>(places.length)
  try {
    for (let at = 0; at < places.length; at++) {
      const { encode, list, row } = places[at]!
      const value = lists[list]![row]
      if (value === undefined) return null
      bound[at] = value === null ? null : encode(value)
    }
  } catch (error) {
    if (error instanceof ValueRefused) return null
    throw error
  }
  return bound
}
