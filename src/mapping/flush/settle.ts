import { isServerSet } from "../../algebra/serverMade.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { refuse } from "../../algebra/StatementError.ts"
import type { Change } from "../ChangeSet.ts"
import type { FlushPlan, Resolved } from "../FlushPlan.ts"
import {
  format,
  isPromisedCell,
  type KnownRef,
  ofRow,
  type Row,
  rowOf,
  type RowRef
} from "../RowRef.ts"
import {
  type Holding,
  holdingIn,
  type KnownRows,
  type KnownRow,
  rowIn,
  tablesIn
} from "../KnownRows.ts"
import { type Chain, chainsOf } from "./chains.ts"
import { withKey } from "./expand.ts"
import { tupleOf } from "./tuple.ts"

/** What a finished flush changes in the known rows. */
export interface Settlement {
  /** Rows as they are now, under their known keys. */
  readonly written: ReadonlyArray<KnownRow>
  /** Refs that no longer stand for a row. */
  readonly removed: ReadonlyArray<RowRef>
  /** The key each promised row got, by the id of its promised ref. */
  readonly keys: ReadonlyMap<string, KnownRef>
}

/** A cell with the key it was promised. */
export const resolveCell = (cell: unknown, resolved: Resolved): unknown => {
  if (!isPromisedCell(cell)) return cell
  const value = resolved.get(cell.ref.id)?.[cell.column]
  return value ?? refuse(`the key of ${format(cell.ref)} is not known yet`)
}

const assign = (to: Record<string, unknown>, cells: Row, resolved: Resolved): void => {
  for (const key of Object.keys(cells)) to[key] = resolveCell(cells[key], resolved)
}

/** What the database itself rewrites in known rows when a key changes, by the table of the key. */
const cascading = (before: KnownRows): ReadonlyMap<TableSource, ReadonlyArray<Chain>> =>
  Map.groupBy(
    [...tablesIn(before)].flatMap(chainsOf).filter(({ isCascade }) => isCascade),
    ({ target }) => target
  )

/** A row whose columns are others by now. */
interface Moved {
  readonly ref: RowRef
  readonly before: Row
  readonly set: Row
}

/** Is the row between known? Then what refers to it follows that. */
const isNextKnown = (holding: Holding, { next, owner }: Chain, row: Row): boolean => {
  const tuple = next === null ? null : tupleOf(owner, next.columns, row)
  return tuple !== null && holding(next!.table, next!.targetColumns).has(tuple)
}

/** What follows a row that was changed; one that was led elsewhere itself does not. */
const followersOf = (
  holding: Holding,
  chains: ReadonlyArray<Chain>,
  isLed: (ref: RowRef, columns: ReadonlyArray<string>) => boolean,
  parent: Moved
): ReadonlyArray<Moved> =>
  chains.flatMap((chain) => {
    const { columns, owner, target, targetColumns } = chain
    if (!targetColumns.some((key) => key in parent.set)) return []
    const tuple = tupleOf(target, targetColumns, withKey(parent.ref, parent.before, targetColumns))
    // Nobody refers to what is null.
    const held = tuple === null ? [] : (holding(owner, columns).get(tuple) ?? [])
    return held.flatMap(({ ref, row }): ReadonlyArray<Moved> => {
      if (isLed(ref, columns) || isNextKnown(holding, chain, row)) return []
      const now = columns.map(
        (key, index) => [key, parent.set[targetColumns[index]!] ?? row[key]] as const
      )
      return [{ ref, before: row, set: Object.fromEntries(now) }]
    })
  })

/**
 * The rows whose foreign keys ON UPDATE CASCADE has rewritten, under the refs they had: those that
 * refer to what was changed, and those that refer to them by it.
 */
const rewritten = (before: KnownRows, changes: ReadonlyArray<Change>): ReadonlyArray<KnownRow> => {
  const chains = cascading(before)
  if (chains.size === 0) return []
  const updates = changes.filter((change) => change._tag === "Update")
  const byId = new Map(updates.map((update) => [update.ref.id, update]))
  const isLed = ({ id }: RowRef, columns: ReadonlyArray<string>): boolean => {
    const set = byId.get(id)?.set
    return set !== undefined && columns.some((key) => key in set)
  }
  const moved: Array<Moved> = [...updates]
  const holding = holdingIn(before)
  const carried = new Map<string, KnownRow>()
  const seen = new Set<string>()
  for (const parent of moved)
    for (const one of followersOf(holding, chains.get(parent.ref.table) ?? [], isLed, parent)) {
      const text = `${one.ref.id} ${Object.keys(one.set).join()}`
      if (seen.has(text)) continue
      seen.add(text)
      const row = rowOf(carried.get(one.ref.id)?.row ?? one.before, one.set)
      carried.set(one.ref.id, { ref: one.ref, row })
      moved.push(one)
    }
  return [...carried.values()]
}

interface Rekeyed {
  readonly ref: RowRef
  readonly row: Row
}

/** Whether a row goes by another key than it did. */
const isRekeyed = (change: Exclude<Change, { readonly _tag: "Delete" }>): boolean =>
  change._tag === "Insert"
    ? change.ref._tag === "Promised"
    : change.ref.table.primaryKey.some((key) => change.set[key] !== undefined)

const none: Row = Object.freeze({})

const remade = new WeakMap<TableSource, ReadonlyArray<string>>()

/** The columns a server makes anew with each update of a row. */
const remadeBy = (table: TableSource): ReadonlyArray<string> => {
  let keys = remade.get(table)
  if (keys === undefined) {
    const columns = table.columns.filter(
      (one) => one.computed !== null || one.version === "server" || isServerSet(one, "update")
    )
    remade.set(table, (keys = [...columns, ...table.queried].map(({ key }) => key)))
  }
  return keys
}

const settled = (change: Change, base: Row | undefined, resolved: Resolved): Rekeyed | null => {
  const { ref } = change
  if (change._tag === "Delete") return null
  const row = change._tag === "Insert" ? rowOf() : rowOf(change.before, base ?? none)
  assign(row, change._tag === "Insert" ? change.row : change.set, resolved)
  if (change._tag === "Insert") {
    const made = resolved.get(ref.id)
    if (made !== undefined) for (const key of Object.keys(made)) row[key] = made[key]
  } else for (const key of remadeBy(ref.table)) delete row[key]
  return { ref: isRekeyed(change) ? (ofRow(ref.table, row) ?? ref) : ref, row }
}

/**
 * What the flush of a plan made of the known rows, given what the server made.
 *
 * **Shape** pure, and for the time when every step has succeeded: until then they stand.
 * A column the server made and did not give back is left out of its row: not loaded, not stale;
 * of an updated row, what the server computes of it and a version of its own.
 */
export const settlement = (before: KnownRows, plan: FlushPlan, resolved: Resolved): Settlement => {
  const { changes } = plan.changes
  const carried = rewritten(before, changes)
  return carried.length === 0 && changes.every(isOwnPlace)
    ? settledApart(before, changes, resolved)
    : settledTogether(before, changes, carried, resolved)
}

/** Does a change leave the place of its row to no other, and take none but a new one? */
const isOwnPlace = (change: Change): boolean => change._tag !== "Update" || !isRekeyed(change)

/** Of rows that keep their keys, go, or get keys nobody had. */
const settledApart = (
  before: KnownRows,
  changes: ReadonlyArray<Change>,
  resolved: Resolved
): Settlement => {
  const written: Array<KnownRow> = []
  const removed: Array<RowRef> = []
  const keys = new Map<string, KnownRef>()
  for (const change of changes) {
    const { ref } = change
    const base = change._tag === "Delete" ? undefined : rowIn(before, ref)
    const now = settled(change, change._tag === "Update" ? base : undefined, resolved)
    if (now === null || (base !== undefined && now.ref !== ref)) removed.push(ref)
    if (now === null) continue
    written.push(now)
    if (ref._tag === "Promised" && now.ref._tag === "Known") keys.set(ref.id, now.ref)
  }
  if (removed.length === 0) return { written, removed, keys }
  // A key may be given out again.
  const left = new Set(removed.map(({ id }) => id))
  for (const { ref } of written) left.delete(ref.id)
  return { written, removed: removed.filter(({ id }) => left.has(id)), keys }
}

const settledTogether = (
  before: KnownRows,
  changes: ReadonlyArray<Change>,
  carried: ReadonlyArray<KnownRow>,
  resolved: Resolved
): Settlement => {
  const written = new Map<string, KnownRow>()
  const removed = new Map<string, RowRef>()
  const keys = new Map<string, KnownRef>()
  const patched = new Map(carried.map((one) => [one.ref.id, one]))
  for (const [id, one] of patched) written.set(id, one)
  for (const change of changes) {
    const { ref } = change
    const { id } = ref
    const base = change._tag === "Update" ? (patched.get(id)?.row ?? rowIn(before, ref)) : undefined
    const now = settled(change, base, resolved)
    if (now?.ref.id !== id) {
      removed.set(id, ref)
      written.delete(id)
    }
    if (now === null) continue
    written.set(now.ref.id, now)
    if (ref._tag === "Promised" && now.ref._tag === "Known") keys.set(id, now.ref)
  }
  // What the database carried on may be a key itself.
  for (const id of patched.keys()) {
    const one = written.get(id)
    const now = one === undefined ? undefined : ofRow(one.ref.table, one.row)
    if (now === undefined || now.id === id) continue
    written.delete(id)
    removed.set(id, one!.ref)
    written.set(now.id, { ref: now, row: one!.row })
  }
  if (removed.size > 0) for (const id of written.keys()) removed.delete(id)
  return { written: [...written.values()], removed: [...removed.values()], keys }
}

/** The known rows with a settlement in it. */
export const apply = (before: KnownRows, { removed, written }: Settlement): KnownRows => {
  const now = new Map(before)
  for (const { id } of removed) now.delete(id)
  for (const one of written) now.set(one.ref.id, one)
  return now
}

/** The known rows after the flush of a plan: `apply` of its `settlement`. */
export const settle = (before: KnownRows, plan: FlushPlan, resolved: Resolved): KnownRows =>
  apply(before, settlement(before, plan, resolved))
