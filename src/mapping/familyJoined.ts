import type { Columns } from "../algebra/schema/Table.ts"
import { snakeCase } from "../algebra/schema/naming.ts"
import { relationKey } from "../algebra/schema/tableRules.ts"
import type { ForeignKey, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import {
  type Facts,
  FamilyId,
  familyTable,
  isThere,
  keysSaid,
  sharedColumns,
  type Spec
} from "./familySpec.ts"

/** The names of members' tables, where they are not those of the family and the tag. */
export type TableNames = Readonly<Record<string, string | undefined>>

/** A column of the key of all rows, as a member's table repeats it: the row is made elsewhere. */
const asKey = ({ facts }: Facts): Facts => ({
  facts: {
    ...facts,
    identity: false,
    counted: null,
    default: null,
    serverDefault: null,
    onUpdate: null,
    references: null,
    comment: null
  }
})

const ownColumns = (
  place: string,
  columns: Columns,
  own: Columns,
  key: ReadonlyArray<string>
): Readonly<Record<string, Facts>> => {
  const stored: Record<string, Facts> = Object.fromEntries(
    key.map((one) => [one, asKey(columns[one]!)])
  )
  for (const [name, column] of Object.entries(own)) {
    if (Object.hasOwn(columns, name)) isThere(`${place}: "${name}"`)
    const { primaryKey, references, version } = column.facts
    if (primaryKey || version !== false)
      refuse(`${place}: "${name}" is of all rows: put it among the shared`)
    // The database deletes what this table has of a row, and of it nobody would be told.
    if (references?.onDelete === "cascade")
      refuse(
        `${place}: ON DELETE CASCADE of "${name}" would leave what all rows have: put it among ` +
          'the shared, or give the relation { children: "delete" }'
      )
    stored[name] = column
  }
  return stored
}

/**
 * A family in a table of all rows, and one for what each member has of its own under their key.
 *
 * **Shape** the row of a member's table goes with that of all: ON DELETE CASCADE, for without it
 * there is no row.
 */
export const joined = (
  name: string,
  on: string,
  columns: Columns,
  members: Readonly<Record<string, Columns>>,
  names: TableNames
): { readonly [FamilyId]: Spec } => {
  const stored = sharedColumns(name, on, columns, Object.keys(members))
  const table = familyTable(name, stored)
  const { primaryKey } = table
  if (primaryKey.length === 0)
    refuse(`family "${name}": it has no primary key, by which a row of two tables is one`)
  const strange = Object.keys(names).find((tag) => !Object.hasOwn(members, tag))
  if (strange !== undefined) refuse(`family "${name}": there is no member "${strange}"`)
  const used = new Set([name])
  const own = new Map<string, TableSource>()
  const keys = new Map<string | null, () => ReadonlyArray<ForeignKey>>()
  const sharedKeys = keysSaid(table, stored)
  keys.set(null, sharedKeys)
  for (const [tag, columnsOf] of Object.entries(members)) {
    const place = `family "${name}": ${tag}`
    const tableName = names[tag] ?? `${name}_${snakeCase(tag)}`
    if (used.has(tableName)) refuse(`${place}: the table "${tableName}" is another's`)
    used.add(tableName)
    const kept = ownColumns(place, columns, columnsOf, primaryKey)
    const one = familyTable(tableName, kept, (from) => [
      relationKey(from, {
        columns: primaryKey,
        target: table,
        targetColumns: primaryKey,
        onDelete: "cascade"
      })
    ])
    own.set(tag, one)
    const said = keysSaid(one, kept)
    keys.set(tag, () => [...sharedKeys(), ...said()])
  }
  const spec: Spec = {
    name,
    on,
    shared: Object.keys(columns),
    columns,
    members,
    table,
    own,
    declaredKeys: (tag) => keys.get(tag)!()
  }
  return { [FamilyId]: Object.freeze(spec) }
}
