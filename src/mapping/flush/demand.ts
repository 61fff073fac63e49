import type { TableSource } from "../../algebra/Source.ts"
import { type ChangeSet, type Delete, make, type Update } from "../ChangeSet.ts"
import {
  byTable,
  type ConstraintModel,
  type ReferenceFacts,
  type TableFacts
} from "../ConstraintModel.ts"
import { isPromisedCell } from "../RowRef.ts"
import type { KnownRows } from "../KnownRows.ts"
import { cellText } from "./canonical.ts"
import { diffRows, type Edit } from "./diff.ts"
import { detachable, expand, withKey, written } from "./expand.ts"

/** Rows to load before planning: all of `table` whose `columns` equal one of the `keys`. */
export interface LoadRequest {
  readonly table: TableSource
  readonly columns: ReadonlyArray<string>
  readonly keys: ReadonlyArray<ReadonlyArray<unknown>>
  /** One id a key: what is loaded, for `demand`'s next round. */
  readonly ids: ReadonlyArray<string>
}

/** The id of "all rows of a table with this key": who has loaded them says so by this id. */
export const loadId = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  key: ReadonlyArray<unknown>
): string => keyId(`${table.id}(${columns.join()})`, table, columns, key)

const keyId = (
  name: string,
  table: TableSource,
  columns: ReadonlyArray<string>,
  key: ReadonlyArray<unknown>
): string => {
  const textOf = (cell: unknown, at: number): string =>
    cellText(table.byKey.get(columns[at]!)!.type, cell)
  return `${name}=${key.length === 1 ? textOf(key[0], 0) : key.map(textOf).join()}`
}

/** Collects keys by table and columns, each once. */
interface Asking {
  readonly model: ConstraintModel
  readonly loaded: ReadonlySet<string>
  readonly groups: Map<
    string,
    {
      readonly table: TableSource
      readonly columns: ReadonlyArray<string>
      readonly keys: Map<string, ReadonlyArray<unknown>>
    }
  >
}

const ask = (
  { groups, loaded }: Asking,
  table: TableSource,
  columns: ReadonlyArray<string>,
  key: ReadonlyArray<unknown>
): void => {
  const name = `${table.id}(${columns.join()})`
  const id = keyId(name, table, columns, key)
  if (loaded.has(id)) return
  const group = groups.get(name) ?? { table, columns, keys: new Map() }
  groups.set(name, group)
  group.keys.set(id, key)
}

const askRow = (asking: Asking, { ref }: Delete | Update): void => {
  if (ref._tag === "Known") ask(asking, ref.table, ref.table.primaryKey, ref.key)
}

/** The children that refer to a row's key; the row itself where that key is not known. */
const askChildren = (asking: Asking, change: Delete | Update, reference: ReferenceFacts): void => {
  const { targetColumns } = reference.foreignKey
  const row = withKey(change.ref, change.before, targetColumns)
  const key = targetColumns.map((column) => row[column])
  if (key.includes(undefined)) askRow(asking, change)
  else if (!key.some((cell) => cell === null || isPromisedCell(cell))) {
    ask(asking, reference.owner, reference.columns, key)
  }
}

/** Must the mapper see the children before their parent goes, or does the database see to them? */
const mustSee = (reference: ReferenceFacts): boolean =>
  reference.children === "delete" ||
  (reference.children === "detach" &&
    reference.foreignKey.onDelete !== "set null" &&
    detachable(reference).length > 0)

const touches = (change: Delete | Update, columns: ReadonlyArray<string>): boolean =>
  change._tag === "Delete" || columns.some((key) => change.set[key] !== undefined)

const isUnknown = ({ before }: Delete | Update, columns: ReadonlyArray<string>): boolean => {
  for (let at = 0; at < columns.length; at++) if (before[columns[at]!] === undefined) return true
  return false
}

/** Are some of these columns set, and others not known? */
const isPart = ({ before, set }: Update, columns: ReadonlyArray<string>): boolean =>
  columns.some((key) => set[key] === undefined && before[key] === undefined)

/**
 * A row changed without being read may hold what another change waits for: a unique value, a
 * reference to a row that goes, a key that others are said to refer to. Only then it is read.
 */
const collides = (facts: TableFacts, change: Delete | Update, { changes }: ChangeSet): boolean => {
  const isBlindIn = ({ columns }: { readonly columns: ReadonlyArray<string> }): boolean =>
    isUnknown(change, columns) && touches(change, columns)
  if (!facts.references.some(isBlindIn) && !facts.keys.some(isBlindIn)) return false
  const references = facts.references.filter(isBlindIn)
  const keys = facts.keys.filter(isBlindIn)
  const mayLeave = (other: ChangeSet["changes"][number]): boolean =>
    other._tag !== "Insert" &&
    references.some(
      ({ foreignKey }) =>
        foreignKey.target === other.ref.table && touches(other, foreignKey.targetColumns)
    )
  const mayTake = (other: ChangeSet["changes"][number]): boolean =>
    other.ref.table === change.ref.table &&
    other._tag !== "Delete" &&
    keys.some(({ columns }) => other._tag === "Insert" || touches(other, columns))
  const followed = facts.referrers.filter(({ foreignKey }) =>
    isBlindIn({ columns: foreignKey.targetColumns })
  )
  const mayFollow = (other: ChangeSet["changes"][number]): boolean =>
    change._tag === "Update" &&
    other._tag !== "Delete" &&
    followed.some(
      ({ columns, owner }) =>
        owner === other.ref.table && (other._tag === "Insert" || touches(other, columns))
    )
  // What it comes to is not known either, where only some columns of a key are set.
  const parts =
    change._tag === "Update" ? keys.filter(({ columns }) => isPart(change, columns)) : []
  const mayGive = (other: ChangeSet["changes"][number]): boolean =>
    other.ref.table === change.ref.table &&
    other._tag !== "Insert" &&
    parts.some(({ columns }) => touches(other, columns))
  return changes.some(
    (other) =>
      other !== change && (mayLeave(other) || mayTake(other) || mayFollow(other) || mayGive(other))
  )
}

/** Only who was a child can be nobody's by now: a row that never was one stays. */
const mayBeOrphan = ({ references }: TableFacts, change: Delete | Update): boolean =>
  change._tag === "Update" &&
  references.some(
    ({ children, columns }) =>
      children === "delete" &&
      columns.some((key) => change.set[key] === null) &&
      isUnknown(change, columns)
  )

/** A row goes of which nobody knows whether it has a rest that others wait for. */
const isOfUnknownKind = (
  { model }: Asking,
  facts: TableFacts,
  { _tag, before }: Delete | Update
): boolean =>
  _tag === "Delete" &&
  facts.referrers.some(({ owner, rest }) => {
    if (rest === null || before[rest.by] !== undefined) return false
    const { references, referrers } = model.of(owner)
    return references.length > 1 || referrers.length > 0
  })

const isBlind = (
  asking: Asking,
  facts: TableFacts,
  change: Delete | Update,
  set: ChangeSet
): boolean => {
  const { table, version } = facts
  const isKeyChange = change._tag === "Update" && touches(change, table.primaryKey)
  return (
    (change._tag === "Update" && version !== null && isUnknown(change, [version.key])) ||
    mayBeOrphan(facts, change) ||
    (isKeyChange &&
      isUnknown(
        change,
        table.columns.map(({ key }) => key)
      )) ||
    isOfUnknownKind(asking, facts, change) ||
    collides(facts, change, set)
  )
}

const requestsOf = ({ groups }: Asking): ReadonlyArray<LoadRequest> =>
  [...groups.values()].map(({ columns, keys, table }) => ({
    table,
    columns,
    keys: [...keys.values()],
    ids: [...keys.keys()]
  }))

/**
 * What must be loaded before these changes can be planned: children that rules reach, referrers of
 * changed keys, rows that are changed without being known.
 *
 * **Shape** empty when nothing is missing. Else load each request, add its rows to those known and
 * its ids to `loaded`, and ask again: what was loaded may have children of its own. `changes` are
 * those of `diff`, `expanded` with what they entail.
 */
const demand = (
  model: ConstraintModel,
  changes: ChangeSet,
  expanded: ChangeSet,
  loaded: ReadonlySet<string>
): ReadonlyArray<LoadRequest> => {
  const asking: Asking = { model, loaded, groups: new Map() }
  const factsOf = byTable(model)
  for (const change of changes.changes) {
    if (change._tag !== "Update") continue
    for (const reference of factsOf(change.ref.table).referrers) {
      const { onUpdate, targetColumns } = reference.foreignKey
      const isFollowed = onUpdate !== "cascade" && touches(change, targetColumns)
      if (isFollowed) askChildren(asking, change, reference)
    }
  }
  for (const change of expanded.changes) {
    if (change._tag === "Insert") continue
    const facts = factsOf(change.ref.table)
    if (isBlind(asking, facts, change, expanded)) askRow(asking, change)
    if (change._tag === "Update" && change.instead === undefined) continue
    for (const reference of facts.referrers) {
      if (mustSee(reference)) askChildren(asking, change, reference)
    }
  }
  return requestsOf(asking)
}

/** What changes entail, and what must be loaded before that is all of it. */
export interface Survey {
  readonly changes: ChangeSet
  readonly requests: ReadonlyArray<LoadRequest>
}

/** Changes into changes, before they are planned: pure. */
export type Rewrite = (set: ChangeSet) => ChangeSet

/** The changes of some edits, before those they entail are known. */
export const rewritten = (set: ChangeSet, rewrite: Rewrite | undefined): ChangeSet =>
  rewrite === undefined ? set : rewrite(set)

/**
 * `diff`, `demand` and `expand` in one: the changes are complete when nothing is requested.
 *
 * **Shape** every change is rewritten once: those that were made, then those they entail.
 */
export const survey = (
  model: ConstraintModel,
  before: KnownRows,
  edits: Iterable<Edit>,
  loaded: ReadonlySet<string>,
  rewrite?: Rewrite
): Survey => {
  const made = diffRows(before, Map.groupBy(edits, ({ ref }) => ref.id).values())
  return surveyOf(model, before, rewritten(made, rewrite), loaded, rewrite)
}

/** The same of changes that were made, and rewritten, before. */
export const surveyOf = (
  model: ConstraintModel,
  before: KnownRows,
  made: ChangeSet,
  loaded: ReadonlySet<string>,
  rewrite?: Rewrite
): Survey => {
  const expanded = expand(model, before, made)
  return {
    changes: written(rewrite === undefined ? expanded : entailed(made, expanded, rewrite)),
    requests: demand(model, made, expanded, loaded)
  }
}

/** What was not among the changes that were made is rewritten too. */
const entailed = (made: ChangeSet, all: ChangeSet, rewrite: Rewrite): ChangeSet => {
  const known = new Set(made.changes.map(({ ref }) => ref.id))
  const others = all.changes.filter(({ ref }) => !known.has(ref.id))
  const same = all.changes.filter(({ ref }) => known.has(ref.id))
  return make([...same, ...rewrite({ changes: others }).changes])
}
