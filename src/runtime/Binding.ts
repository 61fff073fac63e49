import { type From, FromId } from "../algebra/From.ts"
import type { RowOf } from "../algebra/schema/Table.ts"
import { asTable, type TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { type AnyEntity, ClassId } from "../mapping/EntityClass.ts"
import type { ColumnsOf } from "../mapping/EntityTypes.ts"
import type { Row } from "../mapping/RowRef.ts"

/**
 * Where the rows of one table stand: in one database, or in several by a chooser.
 *
 * @category models
 */
export interface Binding<out Name extends string> {
  /** All that keep a part of the rows: they stand together. */
  readonly tables: ReadonlyArray<TableSource>
  readonly names: ReadonlyArray<Name>
  readonly choose: ((cells: Row) => string | null) | null
}

/** What is bound where; a table of which nothing is said stands in the first database. */
export interface Bindings {
  readonly names: ReadonlyArray<string>
  readonly byTable: ReadonlyMap<TableSource, Binding<string>>
}

/** The binding of a table or an entity to one database. */
export const bind = <const Name extends string>(
  of: From<string, unknown>,
  name: Name
): Binding<Name> => Object.freeze({ tables: tablesIn(of), names: [name], choose: null })

/** The binding of an entity to several databases. */
export const shard = <E extends AnyEntity, const Name extends string>(
  entity: E,
  names: ReadonlyArray<Name>,
  choose: (row: Partial<RowOf<ColumnsOf<E>>>) => Name | null
): Binding<Name> =>
  Object.freeze({
    tables: tablesIn(entity as unknown as From<string, unknown>),
    names,
    choose: choose as Binding<Name>["choose"]
  })

/** The tables that are bound with a table or a class: a family is bound with all of its members. */
const tablesIn = (of: From<string, unknown>): ReadonlyArray<TableSource> => {
  if (!(ClassId in of)) return [asTable(of[FromId].source, "bind")]
  const { label, source } = (of as unknown as AnyEntity)[ClassId]
  const tables = source.over?.tables ?? [source]
  return tables.length > 0 ? tables : refuse(`bind: ${label} is only read: bind what it reads`)
}

/** The tables that tell where rows stand: a class's first; of a family of tables those of each. */
const keptIn = (table: TableSource): ReadonlyArray<TableSource> => {
  const { over, primaryKey } = table
  const [first] = over?.tables ?? [table]
  if (first === undefined) return [table]
  // No table keeps the tag that is in the key of a family of tables.
  const isApart = over !== null && over.members !== null && !first.byKey.has(primaryKey[0] ?? "")
  return isApart ? over.tables : [first]
}

/** The bindings of these databases. **Errors** `StatementError` for a table bound twice. */
export const bindingsOf = (
  names: ReadonlyArray<string>,
  bindings: ReadonlyArray<Binding<string>>
): Bindings => {
  const byTable = new Map<TableSource, Binding<string>>()
  for (const one of bindings) {
    for (const table of one.tables) {
      if (byTable.has(table)) refuse(`databases: "${table.name}" is bound twice`)
      const strange = one.names.find((name) => !names.includes(name))
      if (strange !== undefined) refuse(`databases: "${table.name}" is bound to "${strange}"`)
      byTable.set(table, one)
    }
  }
  if (names.length === 0) refuse("databases: none is given")
  return { names, byTable }
}

/** The databases that may hold rows of a table. */
export const namesOf = (
  { byTable, names }: Bindings,
  table: TableSource
): ReadonlyArray<string> => {
  const [first, ...others] = keptIn(table).map(
    (one) => byTable.get(one)?.names ?? names.slice(0, 1)
  )
  if (others.some((other) => other.toSorted().join() !== first!.toSorted().join()))
    refuse(`databases: members of "${table.name}" are in different ones: ask for each`)
  return first!
}

/** The database of one row by what is known of it; null where that does not tell. */
export const chosen = (bindings: Bindings, table: TableSource, cells: Row): string | null => {
  const [binding, ...others] = keptIn(table).map((one) => bindings.byTable.get(one))
  if (others.some((other) => other !== binding))
    refuse(`databases: members of "${table.name}" are bound one by one: ask for each`)
  if (binding === undefined) return bindings.names[0]!
  if (binding.choose === null) return binding.names[0]!
  const name = binding.choose(cells)
  if (name !== null && !binding.names.includes(name))
    refuse(`databases: "${table.name}" is chosen into "${name}", to which it is not bound`)
  return name
}
