import type { TableSource } from "../algebra/Source.ts"
import type { PatchOf, RowOf } from "../algebra/schema/Table.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { ColumnsOf } from "../mapping/EntityTypes.ts"
import { type AnyEntity, ClassId } from "../mapping/EntityClass.ts"
import { homeOf } from "../mapping/EntityTables.ts"
import { type Change, type ChangeSet, make } from "../mapping/ChangeSet.ts"
import { isPromisedCell, type Row, rowOf } from "../mapping/RowRef.ts"

type Cells<E extends AnyEntity> = Partial<RowOf<ColumnsOf<E>>>

/**
 * What is done to the changes of an entity before a flush plans them: functions of data to data.
 *
 * **Shape** each gives columns that go over those of the change. What `beforeDelete` gives is
 * written instead of deleting the row; null deletes it. Columns that are not known are not there.
 *
 * @category models
 */
export interface EntityHooks<E extends AnyEntity> {
  readonly beforeInsert?: (row: Cells<E>) => Cells<E>
  readonly beforeUpdate?: (set: Cells<E>, before: Cells<E>) => PatchOf<ColumnsOf<E>>
  readonly beforeDelete?: (before: Cells<E>) => PatchOf<ColumnsOf<E>> | null
}

/**
 * The hooks of one entity, as a value of its session's options.
 *
 * @category models
 */
export interface Hooks {
  readonly table: TableSource
  /** Cells that tell the rows of one class from others of the table. */
  readonly fixed: Row
  readonly beforeInsert: ((row: Row) => Row) | null
  readonly beforeUpdate: ((set: Row, before: Row) => Row) | null
  readonly beforeDelete: ((before: Row) => Row | null) | null
}

/** The hooks of an entity. */
export const hooksOf = <E extends AnyEntity>(entity: E, hooks: EntityHooks<E>): Hooks => {
  const mapped = entity[ClassId]
  if (mapped.tables.length !== 1 || mapped.members !== null)
    refuse(`hooks: the rows of ${mapped.label} are not those of one table`)
  return Object.freeze({
    table: homeOf(mapped),
    fixed: mapped.fixed,
    beforeInsert: (hooks.beforeInsert as Hooks["beforeInsert"] | undefined) ?? null,
    beforeUpdate: (hooks.beforeUpdate as Hooks["beforeUpdate"] | undefined) ?? null,
    beforeDelete: (hooks.beforeDelete as Hooks["beforeDelete"] | undefined) ?? null
  })
}

/** Columns a hook gives: of this table, and none of the key, by which others know the row. */
const checked = (table: TableSource, given: Row): Row => {
  const cells = rowOf()
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (!table.byKey.has(key))
      refuse(`a hook of "${table.name}" gives "${key}", which is no column`)
    if (table.primaryKey.includes(key))
      refuse(`a hook of "${table.name}" changes "${key}" of its key`)
    cells[key] = value
  }
  return cells
}

/** What is known of a row: a key the server has yet to make is not. */
const plain = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([, cell]) => !isPromisedCell(cell)))

const hooked = (change: Change, hooks: Hooks): Change => {
  const { table } = hooks
  if (change._tag === "Insert") {
    if (hooks.beforeInsert === null) return change
    const given = checked(table, hooks.beforeInsert(plain(change.row)))
    return { ...change, row: rowOf(change.row, given) }
  }
  if (change._tag === "Update") {
    if (hooks.beforeUpdate === null) return change
    const given = checked(table, hooks.beforeUpdate(plain(change.set), plain(change.before)))
    return { ...change, set: rowOf(change.set, given) }
  }
  if (hooks.beforeDelete === null || change.isNew === true || change.ref._tag === "Promised")
    return change
  // What the database deletes cannot become anything else.
  if (change.takenBy !== undefined) return change
  const instead = hooks.beforeDelete(plain(change.before))
  if (instead === null) return change
  const { before, ref } = change
  return { _tag: "Update", ref, before, set: checked(table, instead) }
}

/** A row that is to be inserted, as hooks leave it. */
export const inserting = (hooks: ReadonlyArray<Hooks>, table: TableSource, row: Row): Row =>
  hooks.reduce(
    (now, one) =>
      one.table === table && one.beforeInsert !== null && isOf(one, now)
        ? rowOf(now, checked(table, one.beforeInsert(now)))
        : now,
    row
  )

/** Does a hook have a say in what an update of these rows sets? */
export const rewritesUpdates = (hooks: ReadonlyArray<Hooks>, table: TableSource): boolean =>
  hooks.some((one) => one.table === table && one.beforeUpdate !== null)

/** Is a row one of this class? A tag that is not known is nobody else's. */
const isOf = ({ fixed }: Hooks, row: Row): boolean =>
  Object.keys(fixed).every((key) => row[key] === undefined || row[key] === fixed[key])

/** Is a change one of this class's rows? */
const isFor = (hooks: Hooks, change: Change): boolean =>
  change.ref.table === hooks.table &&
  isOf(hooks, change._tag === "Insert" ? change.row : change.before)

/** Changes as hooks leave them, in the order the hooks were given. */
export const applied = (set: ChangeSet, hooks: ReadonlyArray<Hooks>): ChangeSet => {
  if (hooks.length === 0) return set
  return make(
    set.changes.map((change) =>
      hooks.reduce((now, one) => (isFor(one, now) ? hooked(now, one) : now), change)
    )
  )
}
