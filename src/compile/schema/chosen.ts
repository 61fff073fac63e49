import type {
  Snapshot,
  SnapshotForeignKey,
  SnapshotTable,
  SnapshotView
} from "../../algebra/schema/Snapshot.ts"

/**
 * What of a schema is asked for; all of it where nothing is said.
 *
 * @category models
 */
export interface SchemaChoice {
  /** Tables and views by name, or those whose name is as asked. */
  readonly tables?: ReadonlyArray<string> | ((name: string) => boolean)
  /** The tables that foreign keys of those lead to come too, and theirs. Default false. */
  readonly follow?: boolean
  readonly kinds?: ReadonlyArray<"table" | "view" | "materialized view">
  /** Of these tables, these columns only; rules over others are left out with them. */
  readonly columns?: Readonly<Record<string, ReadonlyArray<string>>>
}

const everyKind: NonNullable<SchemaChoice["kinds"]> = ["table", "view", "materialized view"]

const placeOf = (schema: string | null, name: string): string => `${schema ?? ""}\u0000${name}`

/** The tables that those lead to by foreign keys, themselves among them. */
const reached = (
  all: ReadonlyArray<SnapshotTable>,
  begin: ReadonlyArray<SnapshotTable>
): ReadonlySet<SnapshotTable> => {
  const byPlace = new Map(all.map((table) => [placeOf(table.schema, table.name), table]))
  const found = new Set(begin)
  for (const { foreignKeys } of found)
    for (const { target } of foreignKeys) {
      const table = byPlace.get(placeOf(target.schema, target.table))
      if (table !== undefined) found.add(table)
    }
  return found
}

const narrowed = (table: SnapshotTable, columns: ReadonlyArray<string>): SnapshotTable => {
  const kept = new Set(columns)
  const isKept = (names: ReadonlyArray<string>): boolean => names.every((name) => kept.has(name))
  const ofColumns = <A extends { readonly columns: ReadonlyArray<string> }>(
    rules: ReadonlyArray<A>
  ): ReadonlyArray<A> => rules.filter((rule) => isKept(rule.columns))
  return {
    ...table,
    columns: table.columns.filter(({ name }) => kept.has(name)),
    primaryKey:
      table.primaryKey !== null && isKept(table.primaryKey.columns) ? table.primaryKey : null,
    uniques: ofColumns(table.uniques),
    foreignKeys: ofColumns<SnapshotForeignKey>(table.foreignKeys),
    // Of which columns a text speaks is not known.
    checks: columns.length < table.columns.length ? [] : table.checks,
    exclusions: columns.length < table.columns.length ? [] : table.exclusions,
    indexes: table.indexes.filter(
      ({ include, parts, where }) =>
        where === null &&
        isKept(include) &&
        parts.every(({ column }) => column !== null && kept.has(column))
    )
  }
}

/**
 * The part of a snapshot that is asked for.
 *
 * **Laws** of each table alone, put together: the whole. A name that is not there chooses nothing.
 */
export const chosen = (
  snapshot: Snapshot,
  { columns = {}, follow = false, kinds = everyKind, tables }: SchemaChoice
): Snapshot => {
  if (tables === undefined && kinds === everyKind && Object.keys(columns).length === 0)
    return snapshot
  const names = Array.isArray(tables) ? new Set<string>(tables) : null
  const isAsked = (name: string): boolean =>
    typeof tables === "function" ? tables(name) : (names?.has(name) ?? true)
  const isOfKind = ({ materialized, name }: SnapshotView): boolean =>
    kinds.includes(materialized ? "materialized view" : "view") && isAsked(name)
  const begin = kinds.includes("table") ? snapshot.tables.filter(({ name }) => isAsked(name)) : []
  const kept = follow ? reached(snapshot.tables, begin) : new Set(begin)
  const narrow = (table: SnapshotTable): SnapshotTable =>
    Object.hasOwn(columns, table.name) ? narrowed(table, columns[table.name]!) : table
  return {
    ...snapshot,
    tables: withoutLost(snapshot.tables.filter((table) => kept.has(table)).map(narrow)),
    views: snapshot.views.filter(isOfKind)
  }
}

/** Without foreign keys to columns of these tables that were left out. */
const withoutLost = (tables: ReadonlyArray<SnapshotTable>): ReadonlyArray<SnapshotTable> => {
  const known = new Map(
    tables.map(({ columns, name, schema }) => [
      placeOf(schema, name),
      new Set(columns.map((column) => column.name))
    ])
  )
  const isThere = ({ target, targetColumns }: SnapshotForeignKey): boolean => {
    const columns = known.get(placeOf(target.schema, target.table))
    return columns === undefined || targetColumns.every((name) => columns.has(name))
  }
  return tables.map((table) => ({ ...table, foreignKeys: table.foreignKeys.filter(isThere) }))
}
