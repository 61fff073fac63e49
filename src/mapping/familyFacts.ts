import type { RowMember, RowMembers } from "../algebra/RowShape.ts"
import { columnLike, overSource } from "../algebra/schema/overSource.ts"
import type { Columns } from "../algebra/schema/Table.ts"
import type { ColumnNode, DerivedSource, Over, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import {
  type AnyEntity,
  ClassId,
  EntityId,
  type EntityFacts,
  type RelationFacts
} from "./EntityClass.ts"
import type { Place } from "./EntityDeclaration.ts"
import { registered } from "./EntityTables.ts"
import { type FamilyRows, familyRows, keysOf, memberRows, tableOf } from "./familyRows.ts"
import { FamilyId, type Spec } from "./familySpec.ts"
import { alike, membersFor } from "./familyRelations.ts"
import { relationNamed } from "./RelationLinks.ts"

export type { Spec } from "./familySpec.ts"

/** What a family is, of its value. */
export const specOf = <A>(family: { readonly [FamilyId]: A }): A =>
  family?.[FamilyId] ?? refuse("this is no family")

/** A column as a member has it: its own is what it says, whatever others have there. */
const columnOf = (spec: Spec, tag: string, key: string): ColumnNode => {
  const { columns, members, on } = spec
  const stored = tableOf(spec, tag, key).byKey.get(key)!
  if (key === on) return columnLike(stored, { writeOnce: true })
  const { facts } = members[tag]![key] ?? columns[key]!
  return columnLike(stored, { nullable: facts.nullable, default: facts.default })
}

/** The tables of a member: that of all rows first. */
const tablesOf = ({ own, table }: Spec, tag: string): ReadonlyArray<TableSource> => {
  const one = own.get(tag)
  return Object.freeze(one === undefined ? [table] : [table, one])
}

/** What the class of a member is over. */
export const memberPlace = (spec: Spec, tag: string): Place => {
  const keys = keysOf(spec, tag)
  const tables = tablesOf(spec, tag)
  let said: DerivedSource | undefined
  const over: Over = {
    // Made when it is asked for: a column's type may come from a table that is not there yet.
    get said() {
      return (said ??= memberRows(spec, tag))
    },
    tables,
    members: null,
    each: null
  }
  return {
    name: tag,
    columns: {},
    declaredKeys: () => spec.declaredKeys(tag),
    tables,
    fixed: Object.freeze({ [spec.on]: tag }),
    heard: (entity) => registered(entity, tables),
    source: ({ prototype, relations, rules }) =>
      overSource({
        name: tag,
        columns: keys.map((key) => columnOf(spec, tag, key)),
        primaryKey: () => spec.table.primaryKey,
        over: Object.freeze(over),
        prototype,
        relations,
        rules
      })
  }
}

type Classes = Readonly<Record<string, AnyEntity>>
type Facts = EntityFacts<string, Columns>

/** Which class a row is of, and which of its columns that has. */
const membersOf = (spec: Spec, rows: FamilyRows, classes: Classes): RowMembers => {
  const shown = rows.columns.filter(({ deferred }) => deferred === null)
  const places = new Map(shown.map(({ key }, at) => [key, at] as const))
  const memberOf = (tag: string, prototype: object): RowMember => {
    const { keys: own, presence } = rows.own.get(tag)!
    const keys = keysOf(spec, tag)
      .map((key) => [key, places.get(own.get(key) ?? key)] as const)
      .filter((one): one is readonly [string, number] => one[1] !== undefined)
    const table = spec.own.get(tag)?.name
    return {
      prototype,
      keys: keys.map(([key]) => key),
      places: keys.map(([, at]) => at),
      kept:
        presence === null
          ? null
          : {
              at: places.get(presence)!,
              expected: `a row in "${table}" for this "${tag}" of "${spec.name}"`,
              of: { entity: spec.name, below: spec.on }
            }
    }
  }
  return {
    by: places.get(spec.on)!,
    classes: new Map(
      Object.entries(classes).map(([tag, { prototype }]) => [tag, memberOf(tag, prototype)])
    )
  }
}

/** The rows of all members. */
const familySource = (
  spec: Spec,
  rows: FamilyRows,
  classes: Classes,
  facts: () => Facts
): TableSource => {
  for (const tag of Object.keys(spec.members)) {
    const own = classes[tag]?.[ClassId]
    if (own?.fixed[spec.on] !== tag || own.tables[0] !== spec.table)
      refuse(`family "${spec.name}": ${own?.label ?? "nothing"} is not its member "${tag}"`)
  }
  const over: Over = {
    get said() {
      return rows.said()
    },
    tables: Object.freeze([spec.table, ...spec.own.values()]),
    members: () => membersOf(spec, rows, classes),
    each: (name) => facts().members!.each(name)
  }
  return overSource({
    name: spec.name,
    columns: rows.columns,
    primaryKey: () => spec.table.primaryKey,
    over: Object.freeze(over),
    prototype: () => facts().prototype,
    relations: () => facts().relations(),
    // Each class has its own.
    rules: () => []
  })
}

/** The relations of all rows: those that every member says alike. */
const agreed = (classes: ReadonlyArray<AnyEntity>, owner: Facts) => {
  const all = classes.map((one) => one[ClassId])
  return new Map(
    [...(all[0]?.relations().keys() ?? [])].flatMap((name) => {
      const one = alike(all, name) === null ? undefined : relationNamed(owner, name)
      return one === undefined ? [] : [[name, one] as const]
    })
  )
}

/** The family as an entity: what its values have in common. */
export const familyFacts = (spec: Spec, classes: Classes, self: () => AnyEntity): Facts => {
  const rows = familyRows(spec)
  const source = familySource(spec, rows, classes, () => facts)
  const prototype: object = Object.defineProperty({}, EntityId, { get: () => facts })
  let found: ReadonlyMap<string, RelationFacts> | undefined
  const relations = () => (found ??= agreed(Object.values(classes), facts))
  const facts: Facts = Object.freeze({
    table: spec.name,
    rows: spec.name,
    source,
    columns: {},
    declaredKeys: () => spec.declaredKeys(null),
    tables: Object.freeze([spec.table]),
    fixed: Object.freeze({}),
    members: membersFor(
      spec.name,
      spec.on,
      classes,
      spec.shared,
      (tag, key) => rows.own.get(tag)?.keys.get(key) ?? key
    ),
    label: spec.name,
    get class() {
      return self()
    },
    prototype,
    relations
  })
  return registered(facts, [spec.table])
}
