import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { EntityId, isOfEntity, type Mapped } from "./EntityClass.ts"
import { known, promised, type Row, rowOf, type RowRef } from "./RowRef.ts"

/**
 * Which tables keep the rows of an entity: its own, one that is there, those of its family.
 *
 * The first of them tells rows apart: a row is one row for all classes over it. Others hold more of
 * its columns under the same key.
 */

const classes = new WeakMap<TableSource, Set<Mapped>>()

let registrations = 0

/** How many classes over tables are known: what was concluded from fewer may be wrong. */
export const entitiesKnown = (): number => registrations

/** Makes a class over tables that are not its own known to them: for as long as they are held. */
export const registered = <M extends Mapped>(entity: M, tables: ReadonlyArray<TableSource>): M => {
  registrations++
  for (const table of tables) {
    const others = classes.get(table)
    if (others === undefined) classes.set(table, new Set([entity]))
    else others.add(entity)
  }
  return entity
}

/** The classes whose rows a table keeps. */
export const entitiesOf = (table: TableSource): ReadonlyArray<Mapped> => {
  const { prototype } = table
  const own = prototype !== null && isOfEntity(prototype) ? [prototype[EntityId]] : []
  return [...own, ...(classes.get(table) ?? [])]
}

/** The table whose key tells the rows of an entity apart. */
export const homeOf = (entity: Mapped): TableSource =>
  entity.tables[0] ?? refuse(`${entity.label} is only read: nothing says where its rows are kept`)

/** What the refs of an entity's rows are of: its first table, or itself where it is only read. */
export const rowsOf = ({ source, tables }: Mapped): TableSource => tables[0] ?? source

/** The table foreign keys to an entity refer to; null where there is none. */
export const keyTableOf = ({ tables }: Mapped): TableSource | null => tables.at(-1) ?? null

/** Are rows of one entity rows of the other? */
export const shareRows = (one: Mapped, other: Mapped): boolean =>
  one === other || one.tables.some((table) => other.tables.includes(table))

/** Are the rows of one entity rows of the wanted one: the same class, a member, over one table? */
export const isA = (one: Mapped, wanted: Mapped): boolean => {
  if (one === wanted) return true
  if (wanted.members !== null) return [...wanted.members.classes.values()].includes(one)
  const isSame = one.tables.length > 0 && one.tables[0] === wanted.tables[0]
  const tags = Object.keys(wanted.fixed)
  return isSame && tags.every((key) => one.fixed[key] === wanted.fixed[key])
}

/** Are the rows of a family kept in tables of each member? A key alone is no row of it. */
export const isApart = ({ members, tables }: Mapped): boolean =>
  members !== null && tables.length === 0

/** The class of a row: a family's is told by its tag, or by the table that keeps it. */
export const classOf = (entity: Mapped, row: Row, table?: TableSource): Mapped => {
  const { members } = entity
  if (members === null) return entity
  const tagged = members.classes.get(row[members.by])
  if (tagged !== undefined || table === undefined || !isApart(entity)) return tagged ?? entity
  return [...members.classes.values()].find(({ tables }) => tables[0] === table) ?? entity
}

/** Has a row the tag of this entity? One that is not known to have it may. */
export const fits = ({ fixed, tables }: Mapped, row: Row): boolean =>
  Object.keys(fixed).every(
    (key) => row[key] === undefined || row[key] === fixed[key] || !tables[0]!.byKey.has(key)
  )

/** A row's ref in another of the tables it is kept in. */
export const refIn = (table: TableSource, ref: RowRef): RowRef => {
  if (ref.table === table) return ref
  return ref._tag === "Known" ? known(table, ref.key) : promised(table, ref.promise)
}

/** A row's refs in all of the tables it is kept in: that which tells it apart first. */
export const refsOf = ({ source, tables }: Mapped, ref: RowRef): ReadonlyArray<RowRef> =>
  source.over === null || tables.length === 0 ? [ref] : tables.map((table) => refIn(table, ref))

/** Does a row of this table say when or how often it was changed? */
export const isCounted = ({ columns }: TableSource): boolean =>
  columns.some(({ onUpdate, version }) => onUpdate !== null || version !== false)

/** The cells of a row that a table keeps. */
export const cellsIn = (table: TableSource, row: Row): Row => {
  const cells = rowOf()
  for (const key of Object.keys(row)) if (table.byKey.has(key)) cells[key] = row[key]
  return cells
}

/** Is every column of an entity known of a row? */
export const isWholeOf = ({ fixed, source }: Mapped, row: Row): boolean =>
  source.whole.every(({ key }) => row[key] !== undefined || key in fixed)

/**
 * The tables that keep these columns of an entity's rows: of a family, those of its members.
 *
 * **Shape** the first of an entity's own has its key for all of them.
 */
export const holdersOf = (
  { members, tables }: Mapped,
  columns: ReadonlyArray<string>
): ReadonlyArray<TableSource> => {
  const holds = ({ byKey }: TableSource): boolean => columns.every((key) => byKey.has(key))
  const [home] = tables
  if (home !== undefined && holds(home)) return [home]
  const all = members === null ? [] : [...members.classes.values()].flatMap((one) => one.tables)
  return [...new Set([...tables, ...all])].filter(holds)
}
