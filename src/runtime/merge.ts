import * as Effect from "effect/Effect"
import { isServerSet } from "../algebra/serverMade.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { NotFound, NotNullViolation, type StaleRow } from "../effects/DatabaseError.ts"
import { type AnyEntity, ClassId, type Mapped, type RelationFacts } from "../mapping/EntityClass.ts"
import { lackOf } from "../mapping/EntityDraft.ts"
import { classOf, fits, holdersOf, homeOf, refIn, refsOf, rowsOf } from "../mapping/EntityTables.ts"
import { sameCell } from "../mapping/flush/canonical.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import { makeHere, type Naming, patchesOf, putsOf, removesOf } from "../mapping/graph.ts"
import type { KnownRow } from "../mapping/KnownRows.ts"
import { isOutsideRow, type OutsideEnd, type OutsideRow, outsideRows } from "../mapping/Outside.ts"
import {
  isPromisedCell,
  keyRow,
  type KnownRef,
  ofRow,
  promised,
  promisedCell,
  type Row,
  rowOf,
  type RowRef
} from "../mapping/RowRef.ts"
import { standingOf } from "./edits.ts"
import { staleHere } from "./refusedHere.ts"
import type { FlushError } from "./flush.ts"
import { ownLinks } from "./ownLinks.ts"
import { loadRows, readRows, rowValues } from "./rowValues.ts"
import * as State from "./SessionState.ts"
import { tell } from "./watch.ts"
import { changeIn, flush, namingOf, type Unit } from "./Unit.ts"

/** Merging one graph: its rows, and what the database has of them. */
interface Merging {
  readonly unit: Unit
  readonly naming: Naming
  readonly rows: ReadonlyArray<OutsideRow>
  /** The ref each row goes by. */
  readonly refs: Map<OutsideRow, RowRef>
  /** The rows of relations to many that are given whole, as they are now. */
  readonly members: Map<OutsideRow, Map<RelationFacts, ReadonlyArray<Member>>>
  readonly edits: Array<Edit>
}

/** A row of a relation to many, or its link. */
interface Member {
  readonly ref: KnownRef
  readonly entity: Mapped
}

/** A refusal that data cause: typed, before anything is written. */
type Refused = StaleRow | NotFound | NotNullViolation

const facts = (unit: Unit, message: string) =>
  ({
    message,
    dialect: unit.engine.dialect,
    operation: "flush",
    retryable: false,
    transaction: "alive"
  }) as const

/** The columns that hold a parent's key in the rows of a relation, or of its links. */
const heldBy = ({ related, targetColumns, through }: RelationFacts): ReadonlyArray<Holder> =>
  through === null
    ? holdersOf(related, targetColumns).map((table) => ({ table, columns: targetColumns }))
    : [{ table: through.table, columns: through.near }]

/** Reads who belongs to the relations that are given whole: one query a relation. */
const loadMembers = Effect.fnUntraced(function* (
  unit: Unit,
  rows: ReadonlyArray<OutsideRow>,
  members: Merging["members"]
) {
  const asked = rows.flatMap((row) =>
    [...row.children.keys()].map((relation) => ({ relation, row }))
  )
  for (const [relation, own] of Map.groupBy(asked, ({ relation }) => relation)) {
    const of = new Map<OutsideRow, ReadonlyArray<unknown>>()
    for (const { row } of own) {
      const now = row.ref === null ? null : standingOf(unit.state, row.entity, row.ref)
      if (now?._tag !== "Here") continue
      const key = relation.columns.map((column) => now.row[column])
      if (!key.some((cell) => cell === null || cell === undefined)) of.set(row, key)
    }
    if (of.size === 0) continue
    for (const holder of heldBy(relation)) {
      const read = yield* readRows(unit, holder.table, holder.columns, [...of.values()])
      const found = yield* ownLinks(unit, relation, read)
      for (const [row, key] of of) keepMembers(members, row, relation, holder, key, found)
    }
  }
})

interface Holder {
  readonly table: TableSource
  readonly columns: ReadonlyArray<string>
}

/** Of the rows that were found in one table those that belong to a row. */
const keepMembers = (
  members: Merging["members"],
  row: OutsideRow,
  relation: RelationFacts,
  { columns, table }: Holder,
  key: ReadonlyArray<unknown>,
  found: ReadonlyArray<KnownRow>
): void => {
  const { related, through } = relation
  const isOwn = (one: KnownRow): boolean =>
    (through !== null || fits(related, one.row)) &&
    columns.every((column, at) => sameCell(table.byKey.get(column)!.type, one.row[column], key[at]))
  const lists = members.get(row) ?? new Map<RelationFacts, ReadonlyArray<Member>>()
  const own = found.filter(isOwn).map((one) => ({
    ref: one.ref as KnownRef,
    entity: through === null ? classOf(related, one.row, table) : related
  }))
  members.set(row, lists.set(relation, [...(lists.get(relation) ?? []), ...own]))
}

/** New rows get their keys: those the client makes now, those of the server as promises. */
const named = (merging: Merging): void => {
  const { naming, refs, rows } = merging
  for (const row of rows) {
    const home = homeOf(row.entity)
    if (row.ref === null) makeHere(row.entity, row.cells, naming)
    const ref = row.ref ?? ofRow(home, row.cells) ?? promised(home, naming.nextPromise())
    refs.set(row, ref)
  }
}

const refOfEnd = ({ refs }: Merging, end: OutsideEnd): RowRef =>
  isOutsideRow(end) ? refs.get(end)! : end

/** A column of a row others refer to: what was given, what is known, or the promise of it. */
const cellOf = (merging: Merging, end: OutsideEnd, column: string): unknown => {
  const ref = refOfEnd(merging, end)
  const own = isOutsideRow(end) ? end.cells[column] : undefined
  const cell = own ?? keyRow(ref)[column]
  if (cell !== undefined) return cell
  const now = isOutsideRow(end)
    ? standingOf(merging.unit.state, end.entity, ref)
    : State.standing(merging.unit.state, ref)
  const known = now._tag === "Here" ? now.row[column] : undefined
  if (known !== undefined) return known
  return ref._tag === "Promised"
    ? promisedCell(ref, column)
    : refuse(`merge: "${column}" of "${ref.table.name}" is not known, so nothing can refer to it`)
}

/** A column that a relation gives; given by itself too, it says the same. */
const put = (row: OutsideRow, name: string, column: string, cell: unknown): void => {
  const { label, source } = row.entity
  const before = row.cells[column]
  const isOther =
    before !== undefined &&
    (isPromisedCell(cell)
      ? !(isPromisedCell(before) && before.ref.id === cell.ref.id)
      : isPromisedCell(before) || !sameCell(source.byKey.get(column)!.type, before, cell))
  if (isOther) refuse(`merge: "${column}" of ${label} and its "${name}" lead to two rows`)
  row.cells[column] = cell
}

const linkParents = (merging: Merging): void => {
  for (const row of merging.rows)
    for (const [relation, parent] of row.parents)
      relation.columns.forEach((column, at) => {
        const target = relation.targetColumns[at]!
        put(row, relation.name, column, parent === null ? null : cellOf(merging, parent, target))
      })
}

/** Children get their parent's key; what a relation that is given whole leaves out, leaves it. */
const linkChildren = (merging: Merging): Refused | null => {
  const moved = new Map<RelationFacts, Set<string>>()
  for (const row of merging.rows)
    for (const [relation, list] of row.children) {
      if (relation.through !== null) continue
      const kept = moved.get(relation) ?? new Set()
      moved.set(relation, kept)
      for (const child of list) {
        kept.add(refOfEnd(merging, child).id)
        takeIn(merging, row, relation, child)
      }
    }
  for (const [row, lists] of merging.members)
    for (const [relation, members] of lists) {
      if (relation.through !== null) continue
      for (const member of members) {
        const home = refIn(rowsOf(member.entity), member.ref)
        if (moved.get(relation)?.has(home.id) === true) continue
        const refused = letGo(merging, row, relation, { ...member, ref: home as KnownRef })
        if (refused !== null) return refused
      }
    }
  return null
}

const takeIn = (
  merging: Merging,
  row: OutsideRow,
  relation: RelationFacts,
  child: OutsideEnd
): void => {
  const values = rowOf()
  relation.targetColumns.forEach((column, at) => {
    const cell = cellOf(merging, row, relation.columns[at]!)
    if (isOutsideRow(child)) put(child, relation.inverse ?? relation.name, column, cell)
    else values[column] = cell
  })
  if (!isOutsideRow(child)) merging.edits.push(...patchesOf(relation.related, child, values))
}

const letGo = (
  { edits, rows, unit }: Merging,
  { entity }: OutsideRow,
  { children, name, related, target, targetColumns }: RelationFacts,
  member: Member
): Refused | null => {
  const { ref } = member
  // Another place of the graph says whose it is now.
  const own = rows.find((row) => row.ref?.id === ref.id)
  if (own !== undefined && targetColumns.some((column) => own.cells[column] !== undefined))
    return null
  if (children === "delete") {
    edits.push(...removesOf(member.entity, ref))
    return null
  }
  const fixed = targetColumns.filter((column) => !target.byKey.get(column)!.nullable)
  if (fixed.length === targetColumns.length)
    return new NotNullViolation({
      ...facts(
        unit,
        `"${name}" of ${entity.label} leaves out a ${related.label} that must have one`
      ),
      table: State.nameOf(target),
      column: fixed[0] ?? targetColumns[0]!
    })
  const values = rowOf()
  for (const column of targetColumns) if (!fixed.includes(column)) values[column] = null
  edits.push(...patchesOf(member.entity, ref, values))
  return null
}

/** Link rows that are not there come, those that are not given go. */
const linkMany = (merging: Merging): void => {
  for (const row of merging.rows)
    for (const [relation, list] of row.children) {
      const { through } = relation
      if (through === null) continue
      const left = new Map(
        (merging.members.get(row)?.get(relation) ?? []).map(({ ref }) => [ref.id, ref] as const)
      )
      const linked = new Set<string>()
      for (const child of list) {
        const cells = rowOf()
        through.near.forEach((column, at) => {
          cells[column] = cellOf(merging, row, relation.columns[at]!)
        })
        through.far.forEach((column, at) => {
          cells[column] = cellOf(merging, child, relation.targetColumns[at]!)
        })
        // A child named twice is linked once.
        const { id } = refOfEnd(merging, child)
        if (linked.has(id)) continue
        linked.add(id)
        const ref = ofRow(through.table, cells)
        if (ref !== undefined && left.delete(ref.id)) continue
        merging.edits.push({
          _tag: "Put",
          ref: ref ?? promised(through.table, merging.naming.nextPromise()),
          row: cells
        })
      }
      for (const ref of left.values()) merging.edits.push({ _tag: "Remove", ref })
    }
}

/** What becomes of a row that is not there. */
const insertOf = (
  { naming, unit }: Merging,
  row: OutsideRow,
  ref: RowRef
): ReadonlyArray<Edit> | NotFound => {
  const { entity } = row
  const lack = lackOf(entity, row.cells)
  if (lack === undefined) {
    const cells = rowOf(entity.fixed, row.cells)
    makeHere(entity, cells, naming)
    for (const { columns } of refsOf(entity, ref).map(({ table }) => table))
      for (const column of columns)
        if (column.computed !== null || isServerSet(column, "insert")) delete cells[column.key]
    return putsOf(entity, ref, cells)
  }
  if (row.ref === null) return refuse(`merge: a new ${entity.label} without "${lack}"`)
  return absent(unit, entity, `, and without "${lack}" none can be made`)
}

const absent = (unit: Unit, { label }: Mapped, says: string): NotFound =>
  new NotFound({
    ...facts(unit, `there is no ${label} with this key${says}`),
    subject: label
  })

/** The columns of a row that is there which are given otherwise. */
const updateOf = (
  unit: Unit,
  { cells, entity }: OutsideRow,
  ref: RowRef,
  now: Row
): ReadonlyArray<Edit> | StaleRow | NotFound => {
  const { label, source } = entity
  if (!fits(entity, now)) return absent(unit, entity, ": the row is of another class")
  const values = rowOf()
  for (const [key, cell] of Object.entries(cells)) {
    const column = source.byKey.get(key)!
    const { computed, type, version, writeOnce } = column
    const isMade = computed !== null || isServerSet(column, "update")
    if (ref.table.primaryKey.includes(key) || isMade) continue
    if (!isPromisedCell(cell) && sameCell(type, now[key], cell)) continue
    if (version) return staleHere(unit, ref)
    if (writeOnce) refuse(`merge: "${key}" of ${label} is never changed after insert`)
    values[key] = cell
  }
  return Object.keys(values).length === 0 ? [] : patchesOf(entity, ref, values)
}

/** The edits that make the database's rows those of the graph. */
const edited = (merging: Merging): ReadonlyArray<Edit> | Refused => {
  named(merging)
  linkParents(merging)
  const refused = linkChildren(merging)
  if (refused !== null) return refused
  linkMany(merging)
  const own: Array<Edit> = []
  for (const row of merging.rows) {
    const ref = merging.refs.get(row)!
    const now = standingOf(merging.unit.state, row.entity, ref)
    const edits =
      now._tag === "Here" ? updateOf(merging.unit, row, ref, now.row) : insertOf(merging, row, ref)
    if ("_tag" in edits) return edits
    own.push(...edits)
  }
  return [...own, ...merging.edits]
}

/**
 * Makes the database's rows those of graphs from outside, by their keys; gives the values of the
 * roots.
 *
 * **Shape** what is pending is written first; then one query a table reads the rows that have keys,
 * one a relation its members; then one flush writes what differs. To be run in a savepoint.
 */
export const mergedGraphs: (
  unit: Unit,
  of: AnyEntity,
  graphs: ReadonlyArray<unknown>
) => Effect.Effect<ReadonlyArray<object>, FlushError | Refused> = Effect.fnUntraced(
  function* (unit, of, graphs) {
    const entity = of[ClassId]
    const { roots, rows } = outsideRows(entity, graphs)
    yield* flush(unit)
    yield* loadRows(unit, rows)
    const members: Merging["members"] = new Map()
    yield* loadMembers(unit, rows, members)
    const refs = new Map<OutsideRow, RowRef>()
    yield* Effect.withFiber((fiber) =>
      changeIn(unit, fiber, () => {
        const naming = namingOf(unit, fiber)
        const edits = edited({ unit, naming, rows, refs, members, edits: [] })
        if ("_tag" in edits) return Effect.fail(edits)
        unit.state = State.editAll(unit.state, edits)
        tell(unit, edits)
        return Effect.void
      })
    )
    yield* flush(unit)
    return yield* rowValues(
      unit,
      roots.map((root) => [root.entity, refs.get(root)!] as const)
    )
  }
)
