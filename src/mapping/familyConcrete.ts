import * as R from "../algebra/Relation.ts"
import type { RowMember, RowMembers } from "../algebra/RowShape.ts"
import * as S from "../algebra/Scalar.ts"
import { columnLike, overSource } from "../algebra/schema/overSource.ts"
import { snakeCase } from "../algebra/schema/naming.ts"
import type { Columns } from "../algebra/schema/Table.ts"
import { foreignKeys } from "../algebra/schema/tableRules.ts"
import { tableSource } from "../algebra/schema/tableSource.ts"
import type { ColumnNode, DerivedSource, ForeignKey, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import * as T from "../algebra/types.ts"
import { tagged } from "../algebra/types/tagged.ts"
import {
  type AnyEntity,
  ClassId,
  EntityId,
  type EntityFacts,
  type RelationFacts
} from "./EntityClass.ts"
import type { Place } from "./EntityDeclaration.ts"
import { registered } from "./EntityTables.ts"
import { FamilyId, relationKeys } from "./familySpec.ts"
import { alike, membersFor } from "./familyRelations.ts"
import { readColumn } from "./readColumn.ts"

/** A family whose members have tables of their own, each whole. */
export interface ConcreteSpec {
  readonly _tag: "Concrete"
  readonly name: string
  /** What tells the members apart: no table keeps it. */
  readonly tag: ColumnNode
  /** Keys of the columns that every member has. */
  readonly shared: ReadonlyArray<string>
  readonly members: ReadonlyMap<string, Kept>
}

/** Has each member of a family a table of its own? */
export const isConcrete = (spec: object): spec is ConcreteSpec =>
  "_tag" in spec && spec._tag === "Concrete"

/** A member's table, and which of its columns the others have not. */
interface Kept {
  readonly table: TableSource
  readonly own: ReadonlyArray<string>
  readonly declaredKeys: () => ReadonlyArray<ForeignKey>
}

type Classes = Readonly<Record<string, AnyEntity>>
type Facts = EntityFacts<string, Columns>

const kept = (family: string, tag: string, name: string, columns: Columns, own: Columns): Kept => {
  for (const [key, { facts }] of Object.entries(own)) {
    const place = `family "${family}": "${key}" of ${tag}`
    if (Object.hasOwn(columns, key)) refuse(`${place} is there already: every member has it`)
    if (facts.primaryKey) refuse(`${place} is a part of its key: put it among the shared ones`)
  }
  const all = { ...columns, ...own }
  let keys: ReadonlyArray<ForeignKey> | undefined
  const table: TableSource = tableSource({
    name,
    columns: all,
    exact: false,
    options: {},
    prototype: null,
    items: () => [],
    extraReferences: () => relationKeys(table)
  })
  return Object.freeze({
    table,
    own: Object.keys(own),
    declaredKeys: () => (keys ??= foreignKeys(all, table, [], []))
  })
}

/** A family of tables. */
export const concrete = (
  name: string,
  on: string,
  columns: Columns,
  members: Readonly<Record<string, Columns>>,
  tables: Readonly<Record<string, string | undefined>>
): { readonly [FamilyId]: ConcreteSpec } => {
  const tags = Object.keys(members)
  for (const one of [columns, ...Object.values(members)])
    if (Object.hasOwn(one, on)) refuse(`family "${name}": no table keeps "${on}", leave it out`)
  const type = tagged(T.text, name, tags)
  const spec: ConcreteSpec = Object.freeze({
    _tag: "Concrete",
    name,
    tag: columnLike(readColumn(on, type), { nullable: false }),
    shared: Object.keys(columns),
    members: new Map(
      Object.entries(members).map(([tag, own]) => {
        const called = tables[tag] ?? `${name}_${snakeCase(tag)}`
        return [tag, kept(name, tag, called, columns, own)] as const
      })
    )
  })
  return { [FamilyId]: spec }
}

const memberOf = ({ members }: ConcreteSpec, tag: string): Kept =>
  members.get(tag) ?? refuse(`there is no member "${tag}"`)

/** A member's rows under these keys, each the column or nothing: its tag comes first. */
const rowsOf = (
  spec: ConcreteSpec,
  tag: string,
  cells: ReadonlyArray<readonly [key: string, column: ColumnNode, isThere: boolean]>
): R.Project => {
  const { table } = memberOf(spec, tag)
  const keys = [spec.tag.key, ...cells.map(([key]) => key)]
  const fields = cells.map(([, { key, type }, isThere]) =>
    isThere ? S.ref(table.name, table, [key], type) : S.constant(null, type)
  )
  return R.project(R.table(table, table.name), [S.bound(tag, spec.tag.type), ...fields], {
    _tag: "Record",
    keys,
    parts: keys.map((_, index) => ({ _tag: "Cell", index }) as const),
    presence: null,
    prototype: null
  })
}

/** What is made when it is asked for: a column's type may come from a table that is not there. */
const late = (tables: ReadonlyArray<TableSource>, query: () => R.Relation) => {
  let said: DerivedSource | undefined
  return {
    get said() {
      return (said ??= Object.freeze({ _tag: "DerivedSource", query: query() }))
    },
    tables
  }
}

/** What the class of a member is over. */
export const concretePlace = (spec: ConcreteSpec, tag: string): Place => {
  const { declaredKeys, table } = memberOf(spec, tag)
  const tables = Object.freeze([table])
  const { columns } = table
  const query = () =>
    rowsOf(
      spec,
      tag,
      columns.map((column) => [column.key, column, true])
    )
  return {
    name: tag,
    columns: {},
    declaredKeys,
    tables,
    fixed: Object.freeze({ [spec.tag.key]: tag }),
    heard: (entity) => registered(entity, tables),
    source: ({ prototype, relations, rules }) =>
      overSource({
        name: tag,
        columns: [spec.tag, ...columns],
        primaryKey: () => table.primaryKey,
        over: Object.freeze(Object.assign(late(tables, query), { members: null, each: null })),
        prototype,
        relations,
        rules
      })
  }
}

/** Under which key the family has a member's column: of two members' own, each is told by it. */
const keyIn = ({ members }: ConcreteSpec, tag: string, key: string): string =>
  members.get(tag)!.own.includes(key) &&
  [...members].some(([other, { own }]) => other !== tag && own.includes(key))
    ? `${tag} ${key}`
    : key

interface Held {
  readonly tag: string
  readonly column: ColumnNode
  readonly as: string
}

/** The columns that some member has and others have not. */
const ownOf = (spec: ConcreteSpec): ReadonlyArray<Held> =>
  [...spec.members].flatMap(([tag, { own, table }]) =>
    own.map((key) => ({ tag, column: table.byKey.get(key)!, as: keyIn(spec, tag, key) }))
  )

/** The rows of all members, each of its own table: one UNION ALL. */
const familySource = (
  spec: ConcreteSpec,
  classes: Classes,
  facts: () => Facts,
  relations: () => ReadonlyMap<string, RelationFacts>
): TableSource => {
  const [first] = spec.members.values()
  const tables = [...spec.members.values()].map(({ table }) => table)
  const own = ownOf(spec)
  const shared = spec.shared.map((key) => first!.table.byKey.get(key)!)
  const columns = [
    spec.tag,
    ...shared,
    ...own.map(({ as, column }) => columnLike(column, { key: as, name: as, nullable: true }))
  ]
  const query = () => {
    const parts = [...spec.members.keys()].map((member) =>
      rowsOf(spec, member, [
        ...shared.map((column) => [column.key, column, true] as const),
        ...own.map(({ as, column, tag }) => [as, column, tag === member] as const)
      ])
    )
    return parts.length === 1 ? parts[0]! : R.combine("unionAll", parts)
  }
  const membersOf = (): RowMembers => ({
    by: source.whole.findIndex(({ key }) => key === spec.tag.key),
    classes: new Map([...spec.members.keys()].map((tag) => [tag, rowMember(tag)] as const))
  })
  const rowMember = (tag: string): RowMember => {
    const keys = classes[tag]![ClassId].source.whole.map(({ key }) => key)
    const place = (key: string) =>
      source.whole.findIndex((column) => column.key === keyIn(spec, tag, key))
    return { prototype: classes[tag]!.prototype, keys, places: keys.map(place), kept: null }
  }
  const source = overSource({
    name: spec.name,
    columns,
    // A key is that of one row of each member.
    primaryKey: () => [spec.tag.key, ...first!.table.primaryKey],
    over: Object.freeze(
      Object.assign(late(tables, query), {
        members: membersOf,
        each: (name: string) => facts().members!.each(name)
      })
    ),
    prototype: () => facts().prototype,
    relations,
    rules: () => []
  })
  return source
}

/**
 * The relations of all rows: those that hold a key in columns of all. A key that others hold is
 * that of one row of each member: there each has a relation of its own.
 */
const agreed = (spec: ConcreteSpec, classes: Classes, owner: Facts) => {
  const all = [...spec.members.keys()].map((tag) => classes[tag]![ClassId])
  return new Map(
    [...all[0]!.relations().keys()].flatMap((name) => {
      const one = alike(all, name)
      return one?.kind === "belongsTo" && one.columns.every((key) => spec.shared.includes(key))
        ? [[name, Object.freeze({ ...one, owner })] as const]
        : []
    })
  )
}

/** The family as an entity: no table is that of its rows, each member's is of its own. */
export const concreteFacts = (
  spec: ConcreteSpec,
  classes: Classes,
  self: () => AnyEntity
): Facts => {
  for (const [tag, { table }] of spec.members) {
    const own = classes[tag]?.[ClassId]
    if (own?.fixed[spec.tag.key] !== tag || own.tables[0] !== table)
      refuse(`family "${spec.name}": ${own?.label ?? "nothing"} is not its member "${tag}"`)
  }
  if (spec.members.size === 0) refuse(`family "${spec.name}" has no members`)
  let found: ReadonlyMap<string, RelationFacts> | undefined
  const relations = () => (found ??= agreed(spec, classes, facts))
  const prototype: object = Object.defineProperty({}, EntityId, { get: () => facts })
  const [first] = spec.members.values()
  const facts: Facts = Object.freeze({
    table: spec.name,
    rows: spec.name,
    source: familySource(spec, classes, () => facts, relations),
    columns: {},
    declaredKeys: first!.declaredKeys,
    tables: Object.freeze([]),
    fixed: Object.freeze({}),
    members: membersFor(
      spec.name,
      spec.tag.key,
      classes,
      [spec.tag.key, ...spec.shared],
      (tag, key) => keyIn(spec, tag, key)
    ),
    label: spec.name,
    get class() {
      return self()
    },
    prototype,
    relations
  })
  return facts
}
