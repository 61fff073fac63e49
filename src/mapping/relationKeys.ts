import type { Columns } from "../algebra/schema/Table.ts"
import { tableKeys } from "../algebra/schema/tableKeys.ts"
import type { ForeignKey, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { EntityFacts, Mapped, RelationSpec } from "./EntityClass.ts"
import { holdersOf } from "./EntityTables.ts"

/**
 * The columns that make a relation true: those that are given, those of its name, else those of the
 * only foreign key between its tables. None and several are refused, by their names.
 */

export type Keys = ReadonlyArray<string>
type Facts = EntityFacts<string, Columns>

export const same = (a: Keys, b: Keys): boolean =>
  a.length === b.length && a.every((key, i) => key === b[i])

/** A relation by its class and name, for what is refused of it. */
export const place = (owner: Mapped, name: string): string => `${owner.label}.${name}`

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Lists of columns, for people: `fromId or toId`. */
export const named = (keys: ReadonlyArray<Keys>): string =>
  keys.map((one) => one.join("+")).join(" or ")

const between = (keys: ReadonlyArray<ForeignKey>, { tables }: Mapped): ReadonlyArray<ForeignKey> =>
  keys.filter((key) => tables.includes(key.target))

/** The columns of a relation that holds its key, and those they refer to. */
export const belongingKeys = (
  owner: Facts,
  name: string,
  { key }: RelationSpec,
  related: Mapped
): readonly [own: Keys, target: Keys] => {
  const { primaryKey } = related.source
  const columns = key ?? keyByName(owner, name, related)
  if (columns === null) {
    const [{ columns: own, targetColumns }] = soleKey(owner, name, related)
    return [own, targetColumns]
  }
  const target = referenced(owner, name, columns, related) ?? primaryKey
  return [checkedKeys(owner, name, owner.source, columns, target), target]
}

/** `author` is held by `authorId`; a key of other names by `author` + each of them. */
const keyByName = (owner: Mapped, name: string, related: Mapped): Keys | null => {
  const { primaryKey } = related.source
  const long = primaryKey.map((key) => `${name}${capital(key)}`)
  const short = primaryKey.length === 1 ? [`${name}Id`] : long
  const isThere = (keys: Keys): boolean => keys.every((key) => owner.source.byKey.has(key))
  return [short, long].find(isThere) ?? null
}

const soleKey = (owner: Facts, name: string, related: Mapped): readonly [ForeignKey] => {
  const found = between(owner.declaredKeys(), related)
  const [only] = found
  if (only !== undefined && found.length === 1) return [only]
  if (only !== undefined) {
    const keys = named(found.map(({ columns }) => columns))
    return refuse(
      `${place(owner, name)}: ${owner.label} refers to ${related.label} by ${keys}: give { key }`
    )
  }
  const { primaryKey } = related.source
  const looked =
    primaryKey.length === 1 ? [`${name}Id`] : primaryKey.map((key) => `${name}${capital(key)}`)
  return refuse(
    `${place(owner, name)}: there is no column "${looked.join('", "')}" and no foreign key to ` +
      `"${related.table}": name its columns by { key }`
  )
}

/** What columns say of themselves by a foreign key; null where they say nothing. */
const referenced = (owner: Facts, name: string, keys: Keys, related: Mapped): Keys | null => {
  const declared = owner.declaredKeys().filter(({ columns }) => same(columns, keys))
  if (declared.length === 0) return null
  const [found] = between(declared, related)
  return found === undefined
    ? refuse(
        `${place(owner, name)}: "${keys.join('", "')}" refers to another table than ` +
          `"${related.table}"`
      )
    : found.targetColumns
}

export const checkedKeys = (
  owner: Mapped,
  name: string,
  table: TableSource,
  keys: Keys,
  other: Keys
): Keys => {
  for (const key of keys) {
    if (!table.byKey.has(key))
      refuse(`${place(owner, name)}: "${table.name}" has no column "${key}"`)
    if (table.byKey.get(key)!.deferred !== null)
      refuse(`${place(owner, name)}: "${key}" of "${table.name}" links rows: it is never deferred`)
  }
  return keys.length === other.length && keys.length > 0
    ? keys
    : refuse(`${place(owner, name)}: ${keys.length} columns hold a key of ${other.length}`)
}

/** The columns of a target that does not say that it belongs, and those they refer to. */
export const heldKeys = (
  owner: Mapped,
  name: string,
  { key }: RelationSpec,
  related: Facts
): readonly [held: Keys, own: Keys] => {
  const found = between(related.declaredKeys(), owner).filter(
    ({ columns }) => key === null || same(columns, key)
  )
  const [only] = found
  if (only !== undefined && found.length === 1) return [only.columns, only.targetColumns]
  if (key !== null) {
    const { primaryKey } = owner.source
    return [checkedKeys(owner, name, related.source, key, primaryKey), primaryKey]
  }
  const says =
    only === undefined
      ? `${related.label} does not belong to ${owner.label}: give { key }`
      : `${related.label} refers to ${owner.label} by ` +
        `${named(found.map(({ columns }) => columns))}: give { key }`
  return refuse(`${place(owner, name)}: ${says}`)
}

/** No two rows may hold one key of a relation to one. */
export const refuseShared = (owner: Mapped, name: string, related: Mapped, keys: Keys): void => {
  const holders = holdersOf(related, keys)
  for (const table of holders.length === 0 ? [related.source] : holders) {
    const isUnique = tableKeys(table).some(({ columns }) =>
      columns.every((column) => keys.includes(column))
    )
    if (!isUnique)
      refuse(
        `${place(owner, name)}: "${keys.join('", "')}" of "${table.name}" is not unique: several ` +
          "rows may belong to one"
      )
  }
}

/** The columns of a link table that refer to a table, and the columns they refer to. */
export const linkKey = (
  owner: Mapped,
  name: string,
  link: TableSource,
  given: Keys | null,
  entity: Mapped,
  side: "near" | "far"
): readonly [Keys, Keys] => {
  const target = entity.source
  const keys = between(link.foreignKeys(), entity).filter(
    ({ columns }) => given === null || same(columns, given)
  )
  if (keys.length === 1) return [keys[0]!.columns, keys[0]!.targetColumns]
  if (given !== null)
    return [checkedKeys(owner, name, link, given, target.primaryKey), target.primaryKey]
  const found =
    keys.length === 0
      ? "no foreign key"
      : `${keys.length} foreign keys, ${named(keys.map(({ columns }) => columns))},`
  return refuse(
    `${place(owner, name)}: "${link.name}" has ${found} to "${target.name}": give { ${side} }`
  )
}
