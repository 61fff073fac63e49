import * as R from "../algebra/Relation.ts"
import type { RowMembers } from "../algebra/RowShape.ts"
import * as S from "../algebra/Scalar.ts"
import { columnLike, overSource } from "../algebra/schema/overSource.ts"
import type { Columns } from "../algebra/schema/Table.ts"
import type { ColumnNode, DerivedSource, Over, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import * as T from "../algebra/types.ts"
import { type AnyEntity, ClassId, EntityId, type EntityFacts } from "./EntityClass.ts"
import type { Place } from "./EntityDeclaration.ts"
import { registered } from "./EntityTables.ts"
import { FamilyId, type Spec } from "./familySpec.ts"
import { joinsOf, resolveRelations } from "./RelationLinks.ts"

export type { Spec } from "./familySpec.ts"

/** What a family is, of its value. */
export const specOf = (family: { readonly [FamilyId]: Spec }): Spec =>
  family?.[FamilyId] ?? refuse("this is no family")

const keysOf = ({ members, shared }: Spec, tag: string): ReadonlyArray<string> => [
  ...shared,
  ...Object.keys(members[tag] ?? refuse(`there is no member "${tag}"`))
]

/** The rows of one tag, as a query. */
const rowsOf = ({ name, on, table }: Spec, tag: string, keys: ReadonlyArray<string>) => {
  const at = (key: string): S.Scalar => S.ref(name, table, [key], table.byKey.get(key)!.type)
  const by = at(on)
  const mine = S.compare("eq", by, S.bound(tag, by.type), T.boolean)
  const query = R.project(R.filter(R.table(table, name), mine), keys.map(at), {
    _tag: "Record",
    keys,
    parts: keys.map((_, index) => ({ _tag: "Cell", index }) as const),
    presence: null,
    prototype: null
  })
  return Object.freeze({ _tag: "DerivedSource", query } satisfies DerivedSource)
}

/** A column as a member has it: its own is what it says, whatever others have there. */
const columnOf = ({ columns, members, on, table }: Spec, tag: string, key: string): ColumnNode => {
  const stored = table.byKey.get(key)!
  if (key === on) return columnLike(stored, { writeOnce: true })
  const { facts } = members[tag]![key] ?? columns[key]!
  return columnLike(stored, { nullable: facts.nullable, default: facts.default })
}

/** What the class of a member is over. */
export const memberPlace = (spec: Spec, tag: string): Place => {
  const keys = keysOf(spec, tag)
  const tables = Object.freeze([spec.table])
  let said: DerivedSource | undefined
  const over: Over = {
    // Made when it is asked for: a column's type may come from a table that is not there yet.
    get said() {
      return (said ??= rowsOf(spec, tag, keys))
    },
    tables,
    members: null
  }
  return {
    name: tag,
    columns: {},
    declaredKeys: spec.declaredKeys,
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
const membersOf = (spec: Spec, classes: Classes): RowMembers => {
  const places = new Map(spec.table.whole.map(({ key }, at) => [key, at] as const))
  return {
    by: places.get(spec.on)!,
    classes: new Map(
      Object.entries(classes).map(([tag, { prototype }]) => {
        const keys = keysOf(spec, tag).filter((key) => places.has(key))
        return [tag, { prototype, keys, places: keys.map((key) => places.get(key)!) }] as const
      })
    )
  }
}

/** The rows of all members: those of the table. */
export const familySource = (spec: Spec, classes: Classes, facts: () => Facts): TableSource => {
  for (const tag of Object.keys(spec.members)) {
    const own = classes[tag]?.[ClassId]
    if (own?.fixed[spec.on] !== tag || own.tables[0] !== spec.table)
      refuse(`family "${spec.name}": ${own?.label ?? "nothing"} is not its member "${tag}"`)
  }
  return overSource({
    name: spec.name,
    columns: spec.table.columns,
    primaryKey: () => spec.table.primaryKey,
    over: Object.freeze({
      said: spec.table,
      tables: Object.freeze([spec.table]),
      members: () => membersOf(spec, classes)
    }),
    prototype: () => facts().prototype,
    relations: () => joinsOf(facts()),
    // Each class has its own.
    rules: () => []
  })
}

/** The family as an entity: what its values have in common. */
export const familyFacts = (
  spec: Spec,
  source: TableSource,
  classes: Classes,
  self: () => AnyEntity
): Facts => {
  const prototype: object = Object.defineProperty({}, EntityId, { get: () => facts })
  const facts: Facts = Object.freeze({
    table: spec.name,
    rows: spec.name,
    source,
    columns: {},
    declaredKeys: spec.declaredKeys,
    tables: Object.freeze([spec.table]),
    fixed: Object.freeze({}),
    members: Object.freeze({
      by: spec.on,
      classes: new Map(Object.entries(classes).map(([tag, one]) => [tag, one[ClassId]] as const))
    }),
    label: spec.name,
    get class() {
      return self()
    },
    prototype,
    relations: () => resolveRelations(facts)
  })
  return registered(facts, [spec.table])
}
