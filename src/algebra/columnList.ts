import { quoted } from "./carried.ts"
import type { TableSource } from "./Source.ts"

/** One step of a list of columns: what the list is that ends here, and where it may go on. */
interface Step {
  list: ReadonlyArray<string> | null
  readonly next: Map<string, Step>
}

const firsts = new WeakMap<TableSource, Step>()
const texts = new WeakMap<ReadonlyArray<string>, string>()

/** Who may choose the columns may choose their order: what is remembered is bounded. */
const most = 10_000
let remembered = 0

const makeStep = (): Step => ({ list: null, next: new Map() })

const listAt = (first: Step, keys: ReadonlyArray<string>): ReadonlyArray<string> => {
  let step = first
  for (const key of keys) {
    let next = step.next.get(key)
    if (next === undefined) {
      if (remembered >= most) return keys
      remembered++
      step.next.set(key, (next = makeStep()))
    }
    step = next
  }
  if (step.list === null) {
    step.list = Object.freeze([...keys])
    texts.set(step.list, keys.map(quoted).join())
  }
  return step.list
}

/**
 * Column keys as a list that is the same value for the same keys: commands that are built again and
 * again quote their columns once.
 */
export const columnList = (
  table: TableSource,
  keys: ReadonlyArray<string>
): ReadonlyArray<string> => {
  let first = firsts.get(table)
  if (first === undefined) firsts.set(table, (first = makeStep()))
  return listAt(first, keys)
}

/** A list of column keys inside a statement's key. */
export const columnsKey = (keys: ReadonlyArray<string>): string =>
  texts.get(keys) ?? keys.map(quoted).join()

/** Whether two lists hold the same keys in the same order. */
export const sameKeys = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
