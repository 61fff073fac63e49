import type { ColumnNode, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { EntityId, type Mapped, type OneOf, type RelationFacts } from "./EntityClass.ts"
import { type DraftFacts, DraftId } from "./EntityDraft.ts"
import { isRef } from "./EntityRef.ts"
import { givenText, sameCell } from "./flush/canonical.ts"
import { cellsIn, homeOf, refIn, refsOf, rowsOf } from "./EntityTables.ts"
import type { Edit } from "./flush/diff.ts"
import {
  isBare,
  isPromisedCell,
  keyRow,
  known,
  ofRow,
  type PromisedCell,
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

/** A row to be, as far as it is known. */
interface Fresh {
  readonly draft: AnyDraft
  /** Filled from its parents and whoever has it as a child; till then the draft's own. */
  row: Row
  isOwn: boolean
  /** Its parents have given it their keys, or are about to. */
  isFilled: boolean
  /** Null until the row is named: its key may be one that a parent gives. */
  ref: RowRef | null
  /** The promise that was asked for last: children of one row share it. */
  promise: PromisedCell | null
}

/** The row to be filled. */
const filling = (fresh: Fresh): Record<string, unknown> => {
  if (!fresh.isOwn) {
    fresh.row = rowOf(fresh.row)
    fresh.isOwn = true
  }
  return fresh.row
}

interface Growing {
  readonly naming: Naming
  readonly edits: Array<Edit>
  /** New rows by draft, in their order. */
  readonly rows: Map<object, Fresh>
  readonly all: Array<Fresh>
  /** Links by their text: what both sides name, or one of them twice, is linked once. */
  links: Set<string> | null
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
    const draft = queue[at]!
    if (!isDraft(draft) || growing.rows.has(draft) || growing.naming.refOf(draft) !== undefined)
      continue
    const { children, entity, parents, values } = draft[DraftId]
    const isOwn = !isBare(values) || !isComplete(entity)
    const row = isOwn ? rowOf(entity.fixed, values) : values
    if (isOwn) makeHere(entity, row, growing.naming)
    const fresh: Fresh = { draft, row, isOwn, isFilled: false, ref: null, promise: null }
    growing.rows.set(draft, fresh)
    growing.all.push(fresh)
    if (parents.size > 0)
      parents.forEach((parent) => {
        if (parent !== null) queue.push(parent)
      })
    if (children.size > 0) for (const list of children.values()) queue.push(...list)
  }
}

/** Gives a new row what is made for it before anything is planned. */
export const makeHere = (entity: Mapped, row: Record<string, unknown>, naming: Naming): void => {
  for (const column of columnsMadeHere(entity)) {
    if (row[column.key] !== undefined) continue
    const made = naming.makeKey(column)
    if (made !== undefined) row[column.key] = made
  }
}

/** Is there nothing to add to what is said of a new row? */
const isComplete = (entity: Mapped): boolean =>
  columnsMadeHere(entity).length === 0 && Object.keys(entity.fixed).length === 0

const madeHere = new WeakMap<Mapped, ReadonlyArray<ColumnNode>>()

const columnsMadeHere = (entity: Mapped): ReadonlyArray<ColumnNode> => {
  let columns = madeHere.get(entity)
  if (columns === undefined) {
    columns = entity.source.columns.filter((column) => isMadeHere(entity, column))
    madeHere.set(entity, columns)
  }
  return columns
}

/** The key, and what the table of several classes does not fill, since only one of them has it. */
const isMadeHere = ({ source, tables }: Mapped, { default: made, key }: ColumnNode): boolean =>
  made !== null &&
  (source.primaryKey.includes(key) ||
    (source.over !== null && tables.every(({ byKey }) => !byKey.get(key)?.default)))

/** A new row's ref: known where it has its whole key by now. */
const named = (fresh: Fresh, { naming }: Growing): RowRef => {
  if (fresh.ref !== null) return fresh.ref
  const { draft, row } = fresh
  const home = homeOf(draft[DraftId].entity)
  const ref = ofRow(home, row) ?? promised(home, naming.nextPromise())
  naming.register(draft, ref)
  return (fresh.ref = ref)
}

const cellOf = (handle: OneOf<string>, column: string, growing: Growing): unknown => {
  if (!isDraft(handle)) {
    const at = rowsOf(handle[EntityId]).primaryKey.indexOf(column)
    const value = isRef(handle) ? handle.key[at] : (handle as unknown as Row)[column]
    // What may change may be another by now than when the value was read.
    const now = at >= 0 ? value : growing.naming.cellOf(refOf(handle, growing.naming)!, column)
    return (
      now ??
      value ??
      refuse(`${handle[EntityId].label}: its "${column}" is not known, so nothing can refer to it`)
    )
  }
  const fresh = growing.rows.get(handle)
  if (fresh === undefined) return growing.naming.cellOf(growing.naming.refOf(handle)!, column)
  if (fresh.row[column] !== undefined) return fresh.row[column]
  fillParents(fresh, growing)
  if (fresh.row[column] !== undefined) return fresh.row[column]
  const ref = named(fresh, growing)
  if (ref._tag === "Known")
    return refuse(`${handle[EntityId].label}: its "${column}" is not known yet`)
  return fresh.promise?.column === column
    ? fresh.promise
    : (fresh.promise = promisedCell(ref, column))
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

/** Does a new row get some of its key from a parent? Then it is known by it once that is known. */
const isNamedLate = ({ draft, row }: Fresh): boolean => {
  const { entity } = draft[DraftId]
  const columns = keysOfParents(entity)
  return (
    columns.size > 0 &&
    homeOf(entity).primaryKey.some((key) => row[key] === undefined && columns.has(key))
  )
}

const parentKeys = new WeakMap<Mapped, ReadonlySet<string>>()

/** The columns of an entity's key that lead to parents. */
const keysOfParents = (entity: Mapped): ReadonlySet<string> => {
  let columns = parentKeys.get(entity)
  if (columns === undefined) {
    const { primaryKey } = homeOf(entity)
    const held = [...entity.relations().values()]
      .filter(({ kind }) => kind === "belongsTo")
      .flatMap((relation) => relation.columns)
    columns = new Set(held.filter((column) => primaryKey.includes(column)))
    parentKeys.set(entity, columns)
  }
  return columns
}

const fillParents = (fresh: Fresh, growing: Growing): void => {
  const { entity, parents } = fresh.draft[DraftId]
  if (parents.size === 0 || fresh.isFilled) return
  fresh.isFilled = true
  const relations = entity.relations()
  const row = filling(fresh)
  parents.forEach((parent, name) => {
    if (parent === null) return
    const { columns, targetColumns } = relations.get(name)!
    columns.forEach((column, i) =>
      give(row, entity, column, cellOf(parent, targetColumns[i]!, growing))
    )
  })
  parents.forEach((parent, name) => {
    if (parent !== null) return
    // What another parent says of a column they share stays.
    const { columns } = relations.get(name)!
    const free = columns.filter(
      (column) => row[column] === undefined && entity.source.byKey.get(column)!.nullable
    )
    if (free.length === 0 && columns.every((column) => row[column] !== null))
      refuse(`${entity.label}: its "${name}" is null, and "${columns.join('", "')}" are given`)
    for (const column of free) row[column] = null
  })
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
  growing.links ??= new Set()
  if (growing.links.has(text)) return
  growing.links.add(text)
  const key = through.table.primaryKey.map((column) => row[column])
  const isWhole = key.length > 0 && key.every((cell) => cell !== undefined && !isPromisedCell(cell))
  const ref = isWhole
    ? known(through.table, key)
    : promised(through.table, growing.naming.nextPromise())
  growing.edits.push({ _tag: "Put", ref, row })
}

const fillChildren = ({ draft }: Fresh, growing: Growing): void => {
  const { children, entity } = draft[DraftId]
  if (children.size === 0) return
  for (const [name, list] of children) {
    const relation = entity.relations().get(name)!
    for (const [at, child] of list.entries()) {
      if (relation.through !== null) {
        link(draft, child, relation, growing)
        continue
      }
      const values = keyFrom(draft, relation, growing)
      if (relation.position !== null) values[relation.position] = at
      const fresh = growing.rows.get(child)
      if (fresh === undefined)
        growing.edits.push(...patchesOf(child[EntityId], refOf(child, growing.naming)!, values))
      else
        for (const [column, cell] of Object.entries(values))
          give(filling(fresh), relation.related, column, cell)
    }
  }
}

/** A new row in each of its tables: below the first it has the first one's key. */
export const putsOf = ({ source, tables }: Mapped, ref: RowRef, row: Row): ReadonlyArray<Edit> => {
  if (source.over === null) return [{ _tag: "Put", ref, row }]
  const whole = { ...keyRow(ref), ...row }
  return tables.map((table, at) => ({
    _tag: "Put",
    ref: refIn(table, ref),
    row: cellsIn(table, at === 0 ? row : whole)
  }))
}

/** A row goes, in each of its tables. */
export const removesOf = (entity: Mapped, ref: RowRef): ReadonlyArray<Edit> =>
  refsOf(entity, ref).map((one) => ({ _tag: "Remove", ref: one }))

/** What is said of a row's columns, in each of the tables that keep some of them. */
export const patchesOf = (
  entity: Mapped,
  ref: RowRef,
  values: Row,
  isForced = false
): ReadonlyArray<Edit> => {
  const { source, tables } = entity
  const patch = (table: TableSource, cells: Row): Edit =>
    isForced
      ? { _tag: "Patch", ref: refIn(table, ref), values: cells, isForced }
      : { _tag: "Patch", ref: refIn(table, ref), values: cells }
  if (source.over === null) return [patch(source, values)]
  for (const key of Object.keys(values))
    if (!tables.some(({ byKey }) => byKey.has(key)))
      refuse(
        `"${key}" is kept with the rows of one member of ${entity.label}: name it by its class`
      )
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
  const growing: Growing = { naming, edits: [], rows: new Map(), all: [], links: null }
  collect(roots, growing)
  const { all } = growing
  all.forEach((fresh) => {
    if (!isNamedLate(fresh)) named(fresh, growing)
  })
  all.forEach((fresh) => fillParents(fresh, growing))
  all.forEach((fresh) => fillChildren(fresh, growing))
  all.forEach((fresh) => named(fresh, growing))
  const puts: Array<Edit> = []
  all.forEach(({ draft, ref, row }) => {
    const entity = draft[EntityId]
    if (entity.source.over === null) puts.push({ _tag: "Put", ref: ref!, row })
    else puts.push(...putsOf(entity, ref!, row))
  })
  return growing.edits.length === 0 ? puts : [...puts, ...growing.edits]
}
