import type { ColumnNode, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { EntityId, type Mapped, type OneOf, type RelationFacts } from "./EntityClass.ts"
import { type DraftFacts, DraftId } from "./EntityDraft.ts"
import { isRef } from "./EntityRef.ts"
import { givenText, sameCell } from "./flush/canonical.ts"
import { cellsIn, homeOf, refIn, rowsOf } from "./EntityTables.ts"
import type { Edit } from "./flush/diff.ts"
import {
  isPromisedCell,
  keyRow,
  known,
  promised,
  promisedCell,
  type Row,
  rowOf,
  type RowRef
} from "./RowRef.ts"

/** How a graph of drafts gets the names of its rows. */
export interface Naming {
  /** The ref a draft got when it was added; undefined for one that is new. */
  readonly refOf: (draft: object) => RowRef | undefined
  readonly register: (draft: object, ref: RowRef) => void
  readonly nextPromise: () => number
  /** A key made by the client, before the row is added; undefined where the client makes none. */
  readonly makeKey: (column: ColumnNode) => unknown
  /** A column of a row that is named but not new: its value, or the promise of it. */
  readonly cellOf: (ref: RowRef, column: string) => unknown
}

interface Growing {
  readonly naming: Naming
  readonly edits: Array<Edit>
  /**
   * Cells of new rows by draft: filled from the draft, its parents, and whoever has it as a child.
   */
  readonly rows: Map<object, Record<string, unknown>>
  readonly order: Array<object>
  /** Links by their text: what both sides name, or one of them twice, is linked once. */
  readonly links: Set<string>
}

interface AnyDraft extends OneOf<string> {
  readonly [DraftId]: DraftFacts
}

const isDraft = (handle: OneOf<string>): handle is AnyDraft => DraftId in handle

/** The ref of anything that stands for a row. */
export const refOf = (handle: OneOf<string>, naming: Naming): RowRef | undefined => {
  if (isDraft(handle)) return naming.refOf(handle)
  if (isRef(handle)) return handle
  const entity = handle[EntityId]
  const home = rowsOf(entity)
  const key = home.primaryKey.map((column) => (handle as unknown as Row)[column])
  if (key.length === 0)
    refuse(`${entity.label} has no primary key: a session cannot follow its rows`)
  return known(home, key)
}

/** Finds every new draft within reach, and fills in what it says itself. */
const collect = (roots: ReadonlyArray<OneOf<string>>, growing: Growing): void => {
  const queue = [...roots]
  for (let at = 0; at < queue.length; at++) {
    const handle = queue[at]!
    if (!isDraft(handle) || growing.rows.has(handle) || growing.naming.refOf(handle) !== undefined)
      continue
    const { children, entity, parents, values } = handle[DraftId]
    const row = rowOf(entity.fixed, values)
    for (const column of entity.source.columns) {
      if (row[column.key] !== undefined || !isMadeHere(entity, column)) continue
      const made = growing.naming.makeKey(column)
      if (made !== undefined) row[column.key] = made
    }
    growing.rows.set(handle, row)
    growing.order.push(handle)
    for (const parent of parents.values()) if (parent !== null) queue.push(parent)
    for (const list of children.values()) queue.push(...list)
  }
}

/** The key, and what the table of several classes does not fill, since only one of them has it. */
const isMadeHere = ({ source, tables }: Mapped, { default: made, key }: ColumnNode): boolean =>
  source.primaryKey.includes(key) ||
  (source.over !== null && made !== null && tables.every(({ byKey }) => !byKey.get(key)?.default))

/** A draft's ref: known where it has its whole key by now. */
const nameDraft = (draft: AnyDraft, growing: Growing): RowRef => {
  const before = growing.naming.refOf(draft)
  if (before !== undefined) return before
  const home = homeOf(draft[DraftId].entity)
  const row = growing.rows.get(draft)!
  const key = home.primaryKey.map((column) => row[column])
  const isWhole =
    key.length > 0 &&
    key.every((cell) => cell !== undefined && cell !== null && !isPromisedCell(cell))
  const ref = isWhole ? known(home, key) : promised(home, growing.naming.nextPromise())
  growing.naming.register(draft, ref)
  return ref
}

const cellOf = (handle: OneOf<string>, column: string, growing: Growing): unknown => {
  if (!isDraft(handle)) {
    const value = isRef(handle)
      ? handle.table.primaryKey.includes(column)
        ? handle.key[handle.table.primaryKey.indexOf(column)]
        : undefined
      : (handle as unknown as Row)[column]
    return (
      value ??
      refuse(`${handle[EntityId].label}: its "${column}" is not known, so nothing can refer to it`)
    )
  }
  const row = growing.rows.get(handle)
  if (row?.[column] !== undefined) return row[column]
  const ref = nameDraft(handle, growing)
  return row === undefined
    ? growing.naming.cellOf(ref, column)
    : ref._tag === "Promised"
      ? promisedCell(ref, column)
      : refuse(`${handle[EntityId].label}: its "${column}" is not known yet`)
}

/** One more thing that says what a column holds: the same as those before, or it is refused. */
const give = (
  row: Record<string, unknown>,
  entity: Mapped,
  column: string,
  cell: unknown
): void => {
  const before = row[column]
  if (before !== undefined && !sameCell(entity.source.byKey.get(column)!.type, before, cell))
    refuse(`${entity.label}: its "${column}" is given twice, and not the same`)
  row[column] = cell
}

const fillParents = (draft: AnyDraft, growing: Growing): void => {
  const { entity, parents } = draft[DraftId]
  const row = growing.rows.get(draft)!
  const relations = entity.relations()
  for (const [name, parent] of parents) {
    if (parent === null) continue
    const { columns, targetColumns } = relations.get(name)!
    columns.forEach((column, i) =>
      give(row, entity, column, cellOf(parent, targetColumns[i]!, growing))
    )
  }
  for (const [name, parent] of parents) {
    if (parent !== null) continue
    // What another parent says of a column they share stays.
    const { columns } = relations.get(name)!
    const free = columns.filter(
      (column) => row[column] === undefined && entity.source.byKey.get(column)!.nullable
    )
    if (free.length === 0 && columns.every((column) => row[column] !== null))
      refuse(`${entity.label}: its "${name}" is null, and "${columns.join('", "')}" are given`)
    for (const column of free) row[column] = null
  }
}

/** The foreign key a child gets from its parent. */
const keyFrom = (
  parent: AnyDraft,
  relation: RelationFacts,
  growing: Growing
): Record<string, unknown> => {
  const values: Record<string, unknown> = {}
  relation.targetColumns.forEach((column, i) => {
    values[column] = cellOf(parent, relation.columns[i]!, growing)
  })
  return values
}

/** What a row of a link table links: equal texts, one link. */
export const linkedText = ({ far, near, table }: Through, row: Row): string =>
  [...near, ...far].reduce(
    (text, key) => `${text}${givenText(table.byKey.get(key)!.type, row[key])};`,
    `${table.id}:`
  )

type Through = NonNullable<RelationFacts["through"]>

const link = (
  parent: AnyDraft,
  child: OneOf<string>,
  relation: RelationFacts,
  growing: Growing
): void => {
  const through = relation.through!
  const row: Record<string, unknown> = {}
  through.near.forEach((column, i) => {
    row[column] = cellOf(parent, relation.columns[i]!, growing)
  })
  through.far.forEach((column, i) => {
    row[column] = cellOf(child, relation.targetColumns[i]!, growing)
  })
  const text = linkedText(through, row)
  if (growing.links.has(text)) return
  growing.links.add(text)
  const key = through.table.primaryKey.map((column) => row[column])
  const isWhole = key.length > 0 && key.every((cell) => cell !== undefined && !isPromisedCell(cell))
  const ref = isWhole
    ? known(through.table, key)
    : promised(through.table, growing.naming.nextPromise())
  growing.edits.push({ _tag: "Put", ref, row })
}

const fillChildren = (draft: AnyDraft, growing: Growing): void => {
  const { children, entity } = draft[DraftId]
  for (const [name, list] of children) {
    const relation = entity.relations().get(name)!
    for (const [at, child] of list.entries()) {
      if (relation.through !== null) {
        link(draft, child, relation, growing)
        continue
      }
      const values = keyFrom(draft, relation, growing)
      if (relation.position !== null) values[relation.position] = at
      const row = growing.rows.get(child)
      if (row === undefined)
        growing.edits.push(...patchesOf(child[EntityId], refOf(child, growing.naming)!, values))
      else
        for (const [column, cell] of Object.entries(values))
          give(row, relation.related, column, cell)
    }
  }
}

/** A new row in each of its tables: below the first it has the first one's key. */
const putsOf = ({ source, tables }: Mapped, ref: RowRef, row: Row): ReadonlyArray<Edit> => {
  if (source.over === null) return [{ _tag: "Put", ref, row }]
  const whole = { ...keyRow(ref), ...row }
  return tables.map((table, at) => ({
    _tag: "Put",
    ref: refIn(table, ref),
    row: cellsIn(table, at === 0 ? row : whole)
  }))
}

/** What is said of a row's columns, in each of the tables that keep some of them. */
export const patchesOf = (
  { source, tables }: Mapped,
  ref: RowRef,
  values: Row,
  isForced = false
): ReadonlyArray<Edit> => {
  const patch = (table: TableSource, cells: Row): Edit => ({
    _tag: "Patch",
    ref: refIn(table, ref),
    values: cells,
    ...(isForced ? { isForced } : {})
  })
  if (source.over === null) return [patch(source, values)]
  return tables.flatMap((table) => {
    const cells = cellsIn(table, values)
    return Object.keys(cells).length === 0 ? [] : [patch(table, cells)]
  })
}

/**
 * The edits that add drafts with everything that hangs on them, each row once.
 *
 * **Shape** parents and children within reach are added too; a draft that was added before stands
 * for
 * its row. Keys the client makes are made now; keys the server makes are promised.
 * **Errors** `StatementError` for a parent whose key is not known.
 */
export const graphEdits = (
  roots: ReadonlyArray<OneOf<string>>,
  naming: Naming
): ReadonlyArray<Edit> => {
  const growing: Growing = { naming, edits: [], rows: new Map(), order: [], links: new Set() }
  collect(roots, growing)
  for (const draft of growing.order) nameDraft(draft as AnyDraft, growing)
  for (const draft of growing.order) fillParents(draft as AnyDraft, growing)
  for (const draft of growing.order) fillChildren(draft as AnyDraft, growing)
  const puts = growing.order.flatMap((draft) =>
    putsOf((draft as AnyDraft)[EntityId], naming.refOf(draft)!, growing.rows.get(draft)!)
  )
  return [...puts, ...growing.edits]
}
