import * as Effect from "effect/Effect"
import { heard } from "../effects/observability/heard.ts"
import {
  keyRow,
  type KnownRef,
  placeOfId,
  refUnder,
  type Row,
  type RowRef
} from "../mapping/RowRef.ts"
import { stateOfRow } from "./rowState.ts"
import type { EntityState } from "./SessionReports.ts"
import { nameOf, resolve, type SessionState } from "./SessionState.ts"

/**
 * A row of a session came to another state.
 *
 * **Shape** `key` is null while the server has yet to make it.
 *
 * @category models
 */
export interface StateChange {
  readonly table: string
  readonly key: Row | null
  readonly from: EntityState
  readonly to: EntityState
}

/**
 * Hears of every change of state of a session's rows, once each, when it has happened.
 *
 * @category models
 */
export type StateListener = (change: StateChange) => void

/** Who hears of states, and what was told last of each row that is not unknown. */
export interface Watch {
  readonly listeners: ReadonlyArray<StateListener>
  readonly told: Map<string, { readonly ref: RowRef; readonly state: EntityState }>
}

/** A unit of work, as far as it is watched. */
export interface Watched {
  readonly state: SessionState
  readonly watch: Watch | null
}

const log = (line: string): void => void Effect.runFork(Effect.logWarning(line))

interface Told {
  readonly ref: RowRef
}

/** Tells what became of rows: nothing where they stand as they did. */
export const tell = ({ state, watch }: Watched, rows: Iterable<Told>): void => {
  if (watch === null) return
  for (const given of rows) {
    const ref = resolve(state, given.ref)
    const from = watch.told.get(ref.id)?.state ?? "unknown"
    const to = stateOfRow(state, ref)
    if (from === to) continue
    if (to === "unknown") watch.told.delete(ref.id)
    else watch.told.set(ref.id, { ref, state: to })
    const key = ref._tag === "Known" ? { ...keyRow(ref) } : null
    const change = Object.freeze({ table: nameOf(ref.table), key, from, to })
    for (const listener of watch.listeners)
      heard(listener, change, "the listener of a session's states", log)
  }
}

/** Tells what became of every row that was told of. */
export const tellAll = (unit: Watched): void => {
  if (unit.watch !== null) tell(unit, [...unit.watch.told.values()])
}

/** Rows that have got their keys are the rows they were. */
export const rename = ({ watch }: Watched, keys: ReadonlyMap<string, KnownRef>): void => {
  if (watch === null) return
  for (const [id, ref] of keys) {
    const before = watch.told.get(id)
    if (before === undefined) continue
    watch.told.delete(id)
    watch.told.set(ref.id, { ref, state: before.state })
  }
}

/** After a rollback: keys that were taken back are promises again. */
export const tellBack = (unit: Watched, before: SessionState): void => {
  const { state, watch } = unit
  if (watch === null) return
  for (const [id, known] of before.keys) {
    const told = watch.told.get(known.id)
    if (told === undefined || state.keys.has(id)) continue
    watch.told.delete(known.id)
    watch.told.set(id, { ref: refUnder(known.table, placeOfId(id).key, {}), state: told.state })
  }
  const edited = [...state.edits.values()].flatMap(([first]) =>
    first === undefined ? [] : [first]
  )
  tellAll(unit)
  tell(unit, edited)
  tell(unit, [...state.rows.values()])
}
