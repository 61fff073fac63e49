import { isExpr } from "../algebra/Expression.ts"
import { type From, FromId } from "../algebra/From.ts"
import type { Columns } from "../algebra/schema/Table.ts"
import { isServerMade } from "../algebra/serverMade.ts"
import { asTable, type ColumnNode, type QueriedColumn } from "../algebra/Source.ts"
import { StatementError } from "../algebra/StatementError.ts"
import type { ChildrenRule } from "./ConstraintModel.ts"
import {
  type AnyEntity,
  ClassId,
  type EntityFacts,
  type Mapped,
  type RelationFacts,
  RelationId
} from "./EntityClass.ts"
import type { RelationNames } from "./EntityTypes.ts"
import { isRelation, type Kind } from "./Relation.ts"
import { relationNamed } from "./RelationLinks.ts"

export { over, type OverKey, overQuery, type OverWrites, type ReadClass } from "./Over.ts"

/**
 * Entities by the name the program gives them.
 *
 * @category models
 */
export type Entities = Readonly<Record<string, AnyEntity>>

/**
 * What is wrong with a mapping: of which class, in which of its statics, and why.
 *
 * @category models
 */
export interface Fault {
  readonly entity: string
  /** The static; null where the class itself is at fault. */
  readonly member: string | null
  readonly says: string
}

type Facts = EntityFacts<string, Columns>

/** The words of what is refused; null where nothing is. */
const refusal = (work: () => unknown): string | null => {
  try {
    work()
    return null
  } catch (error) {
    if (error instanceof StatementError) return error.message
    throw error
  }
}

/** A family has what its members say: each of its own, or all alike. */
const relationsOf = (facts: Facts, name: string): unknown =>
  facts.members === null
    ? relationNamed(facts, name)
    : [facts.relations().get(name), facts.members.each(name)]

const memberFaults = (facts: Facts): ReadonlyArray<Fault> =>
  Object.entries(facts.class).flatMap(([member, value]) => {
    const says = isRelation(value)
      ? refusal(() => relationsOf(facts, member))
      : isExpr(value)
        ? refusal(() => value.node)
        : null
    return says === null ? [] : [{ entity: facts.label, member, says }]
  })

const ruleFaults = ({ label, relations, source }: Facts): ReadonlyArray<Fault> => {
  const rules = [
    () =>
      source.columns.map(({ computed, serverDefault, type }) => [computed, serverDefault, type]),
    () => source.primaryKey,
    source.foreignKeys,
    source.uniques,
    source.indexes,
    source.checks,
    source.exclusions,
    source.rules,
    () => source.queried.map(({ of }) => of(source.name)),
    relations
  ]
  return rules.flatMap((rule) => {
    const says = refusal(rule)
    return says === null ? [] : [{ entity: label, member: null, says }]
  })
}

/** Classes of one name over one table: a module that was loaded twice makes two of each. */
const twins = (all: ReadonlyArray<Facts>): ReadonlyArray<Fault> => {
  const seen = new Map<string, Facts>()
  return all.flatMap((facts) => {
    const { label, source, table } = facts
    const place = JSON.stringify([label, source.schema, table])
    const other = seen.get(place)
    seen.set(place, facts)
    if (other === undefined || other === facts) return []
    const says = `two classes ${label} map "${table}": is their module loaded twice?`
    return [{ entity: label, member: null, says }]
  })
}

/** Relations to classes that are not among those that are checked. */
const strangers = (all: ReadonlyArray<Facts>): ReadonlyArray<Fault> =>
  all.flatMap(({ class: entity, label }) =>
    Object.entries(entity).flatMap(([member, value]) => {
      const target = isRelation(value) ? value[RelationId].target()?.[ClassId] : undefined
      if (target === undefined || all.includes(target)) return []
      const says = `${label}.${member}: ${target.label} is not among the entities`
      return [{ entity: label, member, says }]
    })
  )

/**
 * Everything that is wrong with a mapping, at once: each relation without clear columns, each
 * hybrid that has no one meaning, each key and rule that does not hold together, classes of one
 * name over one table, relations to a class that is not among them.
 *
 * **Shape** a fault says what its first use would have refused. No database is asked.
 * **Laws** a mapping without faults refuses none of its relations, rules and hybrids when used.
 * **Source** SQLAlchemy 2.0 `configure_mappers`, which stops at the first.
 *
 * @example
 * ```ts
 * import { Column, Entity, Mapping } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id() }) {
 *   static readonly boss = this.belongsTo(() => User)
 * }
 * Mapping.faults({ User }).map(({ member }) => member) // => ["boss"]
 * ```
 * @category checks
 */
export const faults = (entities: Entities): ReadonlyArray<Fault> => {
  const all = Object.values(entities).map((entity) => entity[ClassId])
  const found = [all.flatMap(memberFaults), all.flatMap(ruleFaults), strangers(all), twins(all)]
  // A foreign key fails with the relation it follows from, and so does the other side.
  const isFirst = ({ says }: Fault, at: number, faulty: ReadonlyArray<Fault>): boolean =>
    faulty.findIndex((one) => one.says === says) === at
  return Object.freeze(found.flat().filter(isFirst))
}

/**
 * A column as plain data.
 *
 * @category models
 */
export interface ColumnDescription {
  /** Its name in the database. */
  readonly name: string
  /** The identity of its type: `varchar(50)`. */
  readonly type: string
  readonly nullable: boolean
  /** Who makes the value an insert leaves out. */
  readonly filledBy: "client" | "server" | null
  readonly computed: boolean
  /** The client makes a value where an update leaves it out. */
  readonly onUpdate: boolean
  readonly writeOnce: boolean
  readonly version: boolean
  readonly comment: string | null
}

/**
 * A relation as plain data.
 *
 * @category models
 */
export interface RelationDescription {
  readonly kind: Kind
  /** The class it leads to; those of a family's members, where each leads to its own. */
  readonly target: string
  readonly columns: ReadonlyArray<string>
  readonly targetColumns: ReadonlyArray<string>
  /** Its link table. */
  readonly through: string | null
  readonly nullable: boolean
  readonly children: ChildrenRule | null
}

/**
 * A key of another table.
 *
 * @category models
 */
export interface ForeignKeyDescription {
  readonly columns: ReadonlyArray<string>
  readonly table: string
  readonly targetColumns: ReadonlyArray<string>
}

/**
 * An entity or a table as plain data: `C` are its columns, `R` its relations.
 *
 * @category models
 */
export interface Description<C extends string, R extends string> {
  /** Name of the class; null for a table. */
  readonly entity: string | null
  readonly table: string
  readonly schema: string | null
  readonly comment: string | null
  readonly columns: { readonly [K in C]: ColumnDescription }
  readonly primaryKey: ReadonlyArray<C>
  readonly foreignKeys: ReadonlyArray<ForeignKeyDescription>
  readonly uniques: ReadonlyArray<{
    readonly name: string
    readonly columns: ReadonlyArray<string>
  }>
  readonly indexes: ReadonlyArray<{ readonly name: string; readonly unique: boolean }>
  readonly checks: ReadonlyArray<string>
  readonly relations: { readonly [K in R]: RelationDescription }
  /** Expressions declared with the class, by name. */
  readonly expressions: { readonly [name: string]: "hybrid" | "sql" }
}

const columnOf = (column: ColumnNode): ColumnDescription => ({
  name: column.name,
  type: column.type.key,
  nullable: column.nullable,
  filledBy: column.default !== null ? "client" : isServerMade(column) ? "server" : null,
  computed: column.computed !== null,
  onUpdate: column.onUpdate !== null,
  writeOnce: column.writeOnce,
  version: column.version !== false,
  comment: column.comment
})

/** What is read beside the columns of a row: it has no name in the database. */
const queriedOf = ({ key, nullable, type }: QueriedColumn): ColumnDescription => ({
  name: key,
  type: type.key,
  nullable,
  filledBy: null,
  computed: true,
  onUpdate: false,
  writeOnce: true,
  version: false,
  comment: null
})

const relationOf = (one: RelationFacts): RelationDescription => ({
  kind: one.kind,
  target: one.related.label,
  columns: one.columns,
  targetColumns: one.targetColumns,
  through: one.through?.table.name ?? null,
  nullable: one.nullable,
  children: one.children
})

/** What each member of a family says in its own way: as the first says it, to all their classes. */
const eachOf = (facts: Mapped): ReadonlyArray<readonly [string, RelationDescription]> =>
  Object.keys(facts.class).flatMap((name) => {
    const each = facts.relations().has(name) ? [] : (facts.members?.each(name) ?? [])
    const targets = new Set(each.map(({ relation }) => relation.related.label))
    return each
      .slice(0, 1)
      .map(({ relation }) => [name, { ...relationOf(relation), target: [...targets].join(" or ") }])
  })

/** Without inherited members: a column may be called `constructor`. */
const record = <A>(entries: Iterable<readonly [string, A]>): Readonly<Record<string, A>> =>
  Object.freeze(
    Object.assign(Object.create(null), Object.fromEntries(entries)) as Record<string, A>
  )

/**
 * What an entity or a table is, as plain data: columns, keys, rules, relations, expressions.
 *
 * **Shape** its columns and relations are keys of the type too.
 * **Errors** `StatementError` for an entity with a fault: see `faults`; for what is no base table.
 * **Source** SQLAlchemy 2.0 "Runtime Inspection API".
 *
 * @example
 * ```ts
 * import { Column, Entity, Mapping } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), fullName: Column.varchar(50) }) {}
 * Mapping.describe(User).columns.fullName.name // => "full_name"
 * ```
 * @category getters
 */
export const describe = <E extends From<string, unknown> & { readonly c: object }>(
  source: E
): Description<keyof E["c"] & string, RelationNames<E> & string> => {
  const { source: given } = source[FromId]
  const isOver = given._tag === "TableSource" && given.over !== null
  const table = isOver ? given : asTable(given, "Mapping.describe")
  const facts: Mapped | null = ClassId in source ? (source as unknown as AnyEntity)[ClassId] : null
  const statics = facts === null ? [] : Object.entries(facts.class)
  const relations = facts === null ? [] : [...facts.relations()]
  const said: Description<string, string> = {
    entity: facts?.label ?? null,
    table: table.name,
    schema: table.schema,
    comment: table.comment,
    columns: record([
      ...table.columns.map((one) => [one.key, columnOf(one)] as const),
      ...table.queried.map((one) => [one.key, queriedOf(one)] as const)
    ]),
    primaryKey: table.primaryKey,
    foreignKeys: table.foreignKeys().map(({ columns, target, targetColumns }) => ({
      columns,
      table: target.name,
      targetColumns
    })),
    uniques: table.uniques().map(({ columns, name }) => ({ name, columns })),
    indexes: table.indexes().map(({ name, unique }) => ({ name, unique })),
    checks: table.checks().map(({ name }) => name),
    relations: record([
      ...relations.map(([name, one]) => [name, relationOf(one)] as const),
      ...(facts === null ? [] : eachOf(facts))
    ]),
    expressions: record(
      statics.flatMap(([name, value]) =>
        isExpr(value) ? [[name, "of" in value ? "hybrid" : "sql"] as const] : []
      )
    )
  }
  return Object.freeze(said) as never
}
