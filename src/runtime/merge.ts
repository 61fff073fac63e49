import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { isServerSet } from "../algebra/serverMade.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { NotFound, NotNullViolation, StaleRow } from "../effects/DatabaseError.ts"
import { type AnyEntity, ClassId, type Mapped, type RelationFacts } from "../mapping/EntityClass.ts"
import { hasFiller } from "../mapping/EntityDraft.ts"
import { sameCell } from "../mapping/flush/canonical.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import type { Naming } from "../mapping/graph.ts"
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
import { valueOver } from "./edits.ts"
import type { FlushError } from "./flush.ts"
import { rowsByKey } from "./rowsByKey.ts"
import * as State from "./SessionState.ts"
import { tell } from "./watch.ts"
import { change, flush, inside, learning, namingOf, type Unit } from "./Unit.ts"

/** Merging one graph: its rows, and what the database has of them. */
interface Merging {
  readonly unit: Unit
  readonly naming: Naming
  readonly rows: ReadonlyArray<OutsideRow>
  /** The ref each row goes by. */
  readonly refs: Map<OutsideRow, RowRef>
  /** The rows of relations to many that are given whole, as they are now. */
  readonly members: Map<OutsideRow, Map<RelationFacts, ReadonlyArray<KnownRef>>>
  readonly edits: Array<Edit>
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

const read = (unit: Unit, table: TableSource, columns: ReadonlyArray<string>, keys: Keys) =>
  Effect.suspend(() => {
    const heard = learning(unit)
    return Effect.map(inside(unit, rowsByKey(unit.engine, { table, columns, keys })), (rows) => {
      heard(rows)
      return rows
    })
  })
type Keys = ReadonlyArray<ReadonlyArray<unknown>>

/** Reads the rows of the graph that have keys: one query a table. */
const loadRows = (unit: Unit, rows: ReadonlyArray<OutsideRow>) =>
  Effect.forEach(
    Map.groupBy(rows, ({ entity }) => entity.source),
    ([table, own]) => {
      const keys = own.flatMap(({ ref }) => {
        const now = ref === null ? null : State.standing(unit.state, ref)
        const isKnown = now === null || (now._tag === "Here" && now.isWhole)
        return isKnown ? [] : [ref!.key]
      })
      return keys.length === 0 ? Effect.void : read(unit, table, table.primaryKey, keys)
    }
  )

/** The columns that hold a parent's key in the rows of a relation, or of its links. */
const heldBy = ({ target, targetColumns, through }: RelationFacts) =>
  through === null
    ? { table: target, columns: targetColumns }
    : { table: through.table, columns: through.near }

/** Reads who belongs to the relations that are given whole: one query a relation. */
const loadMembers = (unit: Unit, rows: ReadonlyArray<OutsideRow>, members: Merging["members"]) => {
  const asked = rows.flatMap((row) =>
    [...row.children.keys()].map((relation) => ({ relation, row }))
  )
  return Effect.forEach(
    Map.groupBy(asked, ({ relation }) => relation),
    ([relation, own]) =>
      Effect.gen(function* () {
        const { columns, table } = heldBy(relation)
        const of = new Map<OutsideRow, ReadonlyArray<unknown>>()
        for (const { row } of own) {
          const now = row.ref === null ? null : State.standing(unit.state, row.ref)
          if (now?._tag !== "Here") continue
          const key = relation.columns.map((column) => now.row[column])
          if (!key.some((cell) => cell === null || cell === undefined)) of.set(row, key)
        }
        if (of.size === 0) return
        const found = yield* read(unit, table, columns, [...of.values()])
        for (const [row, key] of of) {
          const belong = found.filter((one) =>
            columns.every((column, at) =>
              sameCell(table.byKey.get(column)!.type, one.row[column], key[at])
            )
          )
          const lists = members.get(row) ?? new Map<RelationFacts, ReadonlyArray<KnownRef>>()
          members.set(
            row,
            lists.set(
              relation,
              belong.map(({ ref }) => ref as KnownRef)
            )
          )
        }
      })
  )
}

/** New rows get their keys: those the client makes now, those of the server as promises. */
const named = (merging: Merging): void => {
  const { naming, refs, rows } = merging
  for (const row of rows) {
    const { source } = row.entity
    for (const key of source.primaryKey) {
      if (row.ref !== null || row.cells[key] !== undefined) continue
      const made = naming.makeKey(source.byKey.get(key)!)
      if (made !== undefined) row.cells[key] = made
    }
    const ref = row.ref ?? ofRow(source, row.cells) ?? promised(source, naming.nextPromise())
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
  const now = State.standing(merging.unit.state, ref)
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
    for (const [relation, refs] of lists) {
      if (relation.through !== null) continue
      for (const ref of refs) {
        if (moved.get(relation)?.has(ref.id) === true) continue
        const refused = letGo(merging, row, relation, ref)
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
  if (!isOutsideRow(child)) merging.edits.push({ _tag: "Patch", ref: child, values })
}

const letGo = (
  { edits, rows, unit }: Merging,
  { entity }: OutsideRow,
  { children, name, related, target, targetColumns }: RelationFacts,
  ref: KnownRef
): Refused | null => {
  // Another place of the graph says whose it is now.
  const own = rows.find((row) => row.ref?.id === ref.id)
  if (own !== undefined && targetColumns.some((column) => own.cells[column] !== undefined))
    return null
  if (children === "delete") {
    edits.push({ _tag: "Remove", ref })
    return null
  }
  const fixed = targetColumns.filter((column) => !target.byKey.get(column)!.nullable)
  if (children !== "detach" || fixed.length === targetColumns.length)
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
  edits.push({ _tag: "Patch", ref, values })
  return null
}

/** Link rows that are not there come, those that are not given go. */
const linkMany = (merging: Merging): void => {
  for (const row of merging.rows)
    for (const [relation, list] of row.children) {
      const { through } = relation
      if (through === null) continue
      const left = new Map(
        (merging.members.get(row)?.get(relation) ?? []).map((ref) => [ref.id, ref] as const)
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

/** What must be there for a new row and is not. */
const lackOf = ({ entity, cells }: OutsideRow): string | undefined =>
  entity.source.columns.find(
    ({ key, nullable }) => !nullable && cells[key] === undefined && !hasFiller(entity, key)
  )?.key

const insertOf = (unit: Unit, row: OutsideRow, ref: RowRef): Edit | NotFound => {
  const { label, source } = row.entity
  const lack = lackOf(row)
  if (lack === undefined) {
    const cells = rowOf(row.cells)
    for (const column of source.columns)
      if (column.computed !== null || isServerSet(column, "insert")) delete cells[column.key]
    return { _tag: "Put", ref, row: cells }
  }
  if (row.ref === null) return refuse(`merge: a new ${label} without "${lack}"`)
  return new NotFound({
    ...facts(unit, `there is no ${label} with this key, and without "${lack}" none can be made`),
    subject: label
  })
}

/** The columns of a row that is there which are given otherwise. */
const updateOf = (
  unit: Unit,
  { cells, entity }: OutsideRow,
  ref: RowRef,
  now: Row
): Edit | StaleRow | null => {
  const { label, source } = entity
  const values = rowOf()
  for (const [key, cell] of Object.entries(cells)) {
    const column = source.byKey.get(key)!
    const { computed, type, version, writeOnce } = column
    const isMade = computed !== null || isServerSet(column, "update")
    if (source.primaryKey.includes(key) || isMade) continue
    if (!isPromisedCell(cell) && sameCell(type, now[key], cell)) continue
    if (version)
      return new StaleRow({
        ...facts(unit, `a row of "${source.name}" is of another version than the one given`),
        table: source.name,
        key: ref.id.slice(ref.id.indexOf(":") + 1)
      })
    if (writeOnce) refuse(`merge: "${key}" of ${label} is never changed after insert`)
    values[key] = cell
  }
  return Object.keys(values).length === 0 ? null : { _tag: "Patch", ref, values }
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
    const now = State.standing(merging.unit.state, ref)
    const edit =
      now._tag === "Here"
        ? updateOf(merging.unit, row, ref, now.row)
        : insertOf(merging.unit, row, ref)
    if (edit === null) continue
    if (edit._tag === "StaleRow" || edit._tag === "NotFound") return edit
    own.push(edit)
  }
  return [...own, ...merging.edits]
}

/** The newest value of each root: what the server made of a new row is read. */
const valuesOf = (unit: Unit, entity: Mapped, refs: ReadonlyArray<RowRef>) =>
  Effect.gen(function* () {
    const now = refs.map((ref) => State.resolve(unit.state, ref) as KnownRef)
    const isWhole = (ref: KnownRef): boolean => {
      const standing = State.standing(unit.state, ref)
      return standing._tag === "Here" && standing.isWhole
    }
    const keys = now.filter((ref) => !isWhole(ref)).map(({ key }) => key)
    if (keys.length > 0) yield* read(unit, entity.source, entity.source.primaryKey, keys)
    return now.map((ref) => {
      const standing = State.standing(unit.state, ref)
      return valueOver(entity, standing._tag === "Here" ? standing.row : keyRow(ref), null)
    })
  })

/**
 * Makes the database's rows those of graphs from outside, by their keys; gives the values of the
 * roots.
 *
 * **Shape** what is pending is written first; then one query a table reads the rows that have keys,
 * one a relation its members; then one flush writes what differs. To be run in a savepoint.
 */
export const mergedGraphs = (
  unit: Unit,
  of: AnyEntity,
  graphs: ReadonlyArray<unknown>
): Effect.Effect<ReadonlyArray<object>, FlushError | Refused> =>
  Effect.gen(function* () {
    const entity = of[ClassId]
    const { roots, rows } = outsideRows(entity, graphs)
    yield* flush(unit)
    yield* loadRows(unit, rows)
    const members: Merging["members"] = new Map()
    yield* loadMembers(unit, rows, members)
    const clock = yield* Clock.Clock
    const random = yield* Random.Random
    const refs = new Map<OutsideRow, RowRef>()
    const refused = yield* change(unit, () => {
      const now = clock.currentTimeMillisUnsafe()
      const naming = namingOf(unit, now, () => random.nextDoubleUnsafe())
      const edits = edited({ unit, naming, rows, refs, members, edits: [] })
      if ("_tag" in edits) return edits
      for (const edit of edits) unit.state = State.edit(unit.state, edit)
      tell(unit, edits)
      return null
    })
    if (refused !== null) return yield* Effect.fail(refused)
    yield* flush(unit)
    return yield* valuesOf(
      unit,
      entity,
      roots.map((root) => refs.get(root)!)
    )
  })
