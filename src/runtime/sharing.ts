import type { TableSource } from "../algebra/Source.ts"
import type { RelationFacts } from "../mapping/EntityClass.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import type { LinkMark } from "../mapping/linkMark.ts"
import type { Level } from "../mapping/PlanAttach.ts"
import type { RowKey } from "../mapping/RowRef.ts"
import type { SessionState } from "./SessionState.ts"
import { touched } from "./Unit.ts"

/** How long what was found for the members of a cohort is what they lead to: docs/adr/0122. */

/** What was found for some members of a cohort, as long as nothing was written that it reads. */
export interface Shared {
  readonly level: Level
  /** The links that were asked for: a member may lead elsewhere by now. */
  readonly asked: ReadonlySet<LinkMark>
  readonly state: SessionState
  /** How much of its log had been looked through. */
  seen: number
  /** For how many members it was asked. */
  readonly width: number
  /** The members that have not asked yet: who asks again wants to know anew. */
  readonly left: Set<RowKey>
}

/** Was nothing written between two states, by edits, by a flush, or past the session? */
const isUnwritten = (before: SessionState, now: SessionState): boolean =>
  before.edition === now.edition && before.outdated === now.outdated

/** What edits must leave alone for what was found of a relation to stay as it is. */
interface Read {
  readonly tables: ReadonlySet<TableSource>
  /** The columns that say which row belongs where; null where any may. */
  readonly linking: ReadonlySet<string> | null
}

const reads = new WeakMap<RelationFacts, Read | null>()

/** Null where a relation may read whatever there is. */
const readOf = (facts: RelationFacts): Read | null => {
  let read = reads.get(facts)
  if (read === undefined) reads.set(facts, (read = makeRead(facts)))
  return read
}

const makeRead = ({ on, order, related, targetColumns, through }: RelationFacts): Read | null => {
  const { fixed, members, source, tables } = related
  if (on !== null || source.over !== null) return null
  const all = members === null ? [] : [...members.classes.values()]
  const own = [source, ...tables, ...all.flatMap((one) => one.tables)]
  const isPlain = all.length === 0 && order.length === 0 && new Set(own).size === 1
  return {
    tables: new Set(through === null ? own : [...own, through.table]),
    linking: isPlain ? new Set([...targetColumns, ...Object.keys(fixed)]) : null
  }
}

/**
 * Was what a relation leads to read of the state there is now?
 *
 * **Shape** what was pending of its tables before was flushed, once, before it was read.
 */
export const isOfNow = (facts: RelationFacts, before: SessionState, now: SessionState): boolean => {
  if (isUnwritten(before, now)) return true
  const read = readOf(facts)
  const isFlushed = now.flushes === before.flushes + 1 && now.log.length === 0
  if (read === null || !isFlushed || before.outdated !== now.outdated) return false
  return [...touched(before)].some((table) => read.tables.has(table))
}

/**
 * Does what was found still say which rows there are?
 *
 * **Shape** what is pending of their other columns is laid over them by who gives them.
 */
export const stands = (facts: RelationFacts, shared: Shared, now: SessionState): boolean => {
  if (isUnwritten(shared.state, now)) return true
  const { log, outdated } = shared.state
  const read = readOf(facts)
  if (read === null || now.log !== log || now.outdated !== outdated) return false
  for (; shared.seen < log.length; shared.seen++)
    if (moves(facts, read, log[shared.seen]!)) return false
  return true
}

const moves = (facts: RelationFacts, { linking, tables }: Read, edit: Edit): boolean => {
  // What goes takes others with it.
  if (edit._tag === "Remove") return true
  const { table } = edit.ref
  if (!tables.has(table)) return false
  if (edit._tag === "Put" || table !== facts.related.source || linking === null) return true
  return Object.keys(edit.values).some((key) => linking.has(key))
}
