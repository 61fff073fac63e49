import { type Expr, expr } from "../algebra/Expression.ts"
import { rewrite } from "../algebra/rewrite.ts"
import { type From, FromId, type OfEach } from "../algebra/From.ts"
import * as S from "../algebra/Scalar.ts"
import type { Column, ColumnValue } from "../algebra/schema/Column.ts"
import type { Columns, ReadOnly } from "../algebra/schema/Table.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import { saidFor } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import * as T from "../algebra/types.ts"
import { refuseShadow } from "../algebra/underAlias.ts"
import { baseOver } from "./baseOver.ts"
import { type AnyEntity, ClassId, type EntityFacts } from "./EntityClass.ts"
import {
  concrete as madeApart,
  concreteFacts,
  concretePlace,
  type ConcreteSpec,
  isConcrete
} from "./familyConcrete.ts"
import { entityRef, type Ref } from "./EntityRef.ts"
import type {
  KeyOf,
  KeyUnder,
  KindOf,
  MembersOf,
  NameOf,
  RelationNames,
  TaggedKey
} from "./EntityTypes.ts"
import { sharedStatics } from "./familyRelations.ts"
import { familyFacts, memberPlace, type Spec, specOf } from "./familyFacts.ts"
import { joined as madeJoined } from "./familyJoined.ts"
import type { ReadClass } from "./Over.ts"
import type { AnyRelation } from "./Relation.ts"
import {
  type FamilyId,
  type MemberColumns,
  type SharedColumns,
  single as made
} from "./familySpec.ts"

/**
 * The members of a family by the values that tell them apart, each with the columns of its own.
 *
 * @category models
 */
export type Members = Readonly<Record<string, Columns>>

/**
 * A family before its classes: where its rows are kept, and which columns a member has.
 *
 * @category models
 */
export interface Family<
  N extends string,
  On extends string,
  C extends Columns,
  M extends Members,
  Kept extends "together" | "apart" = "together"
> {
  readonly [FamilyId]: Spec | ConcreteSpec
  readonly "~family"?: readonly [N, On, C, M, Kept]
}

/**
 * How the tables of a family's members are called.
 *
 * @category models
 */
export interface MemberTables<M extends Members> {
  /** By member; one that is not named is called after the family and its tag. */
  readonly tables?: { readonly [Tag in keyof M]?: string }
}

/**
 * The class of a family: its rows are values of its members.
 *
 * @category models
 */
export type FamilyClass<N extends string, C extends Columns, E extends AnyEntity> = Read<
  N,
  C,
  E
> & {
  readonly [ClassId]: EntityFacts<N, C, NameOf<E>> & MembersOf<E>
  /** The row with this key, of whichever member. */
  readonly ref: (key: KeyOf<E>) => Ref<NameOf<E>>
} & Shared<E>

/**
 * The class of a family whose members have tables of their own: a key is that of one row of each,
 * so a row is found by its tag and its key.
 *
 * @category models
 */
export type ConcreteClass<
  N extends string,
  On extends string,
  C extends Columns,
  E extends AnyEntity
> = Read<N, C, E> & {
  readonly [ClassId]: EntityFacts<N, C, NameOf<E>> & MembersOf<E> & TaggedKey<KeyUnder<On, C>>
  /** The row of this member with this key. */
  readonly ref: (key: KeyUnder<On, C>) => Ref<NameOf<E>>
} & Shared<E>

type Read<N extends string, C extends Columns, E extends AnyEntity> = From<N, E["prototype"]> &
  OfEach<E> &
  ReadOnly & {
    readonly prototype: E["prototype"]
    /** The columns that every member has, as expressions. */
    readonly c: { readonly [K in keyof C]: Expr<ColumnValue<C[K]>, N> } & {}
  }

/** The relations every member declares, each to one row or each to many. */
type Shared<E, Names extends keyof E = keyof E> = {
  readonly [K in Names as K extends RelationNames<E> ? OfOneKind<E[K], K> : never]: E[K]
}
type ManyKinds = "hasMany" | "manyToMany" | "relatesToMany" | "largeHasMany" | "largeManyToMany"
type OfOneKind<R, K> = [R] extends [AnyRelation]
  ? [KindOf<R>] extends [ManyKinds]
    ? K
    : [Extract<KindOf<R>, ManyKinds>] extends [never]
      ? K
      : never
  : never

/**
 * A family kept in one table: the columns of all members, and one that says which a row is of.
 *
 * **Shape** a member's own columns are NULL in the rows of the others, whatever the member says of
 * them. What is stored in the column of tags must be one of the members.
 * **Errors** `StatementError` for two members with one column, for a tag that is no column, and
 * for a member's own column that the server fills or counts.
 * **Source** SQLAlchemy 2.0 "Single Table Inheritance".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Family, Query, Session } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const staff = Family.single("employees", "kind",
 *   { id: Column.id(), kind: Column.varchar(20), name: Column.text() },
 *   { manager: { reports: Column.integer() }, engineer: { language: Column.text() } })
 * class Manager extends Family.member<Manager>()(staff, "manager") {}
 * class Engineer extends Family.member<Engineer>()(staff, "engineer") {}
 * const Employee = Family.of(staff, { manager: Manager, engineer: Engineer })
 * const add = Session.add(
 *   Manager.make({ name: "Ann", reports: 3 }), Engineer.make({ name: "Bob", language: "SQL" }))
 * const all = Session.all(Query.from(Employee).orderBy(Employee.c.id))
 * const program = Database.create(Catalog.make({ Employee })).pipe(
 *   Effect.andThen(Session.transact(Effect.andThen(add, all))))
 * const rows = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * rows.map((one) => one.kind === "manager" ? one.reports : one.language) // => [3, "SQL"]
 * ```
 * @category constructors
 */
export const single = <
  const N extends string,
  const On extends keyof C & string,
  C extends Columns,
  const M extends Members
>(
  name: N,
  on: On,
  columns: C,
  members: M
): Family<N, On, C, M> => Object.freeze(made(name, on, columns, members)) as never

/**
 * A family kept in a table of all rows and one for each member, with the columns of its own.
 *
 * **Shape** the table of all has the shared columns, the key among them, and the one that says
 * which member a row is of; a member's table has its own columns as they are declared, under the
 * same key, which refers to that of all and goes with it. It is called after the family and the
 * member, `employees_manager`, unless `tables` says otherwise. A value is one row of both: what
 * changes is written where it is kept, and its version is that of all.
 * **Laws** its values are those of a family in one table.
 * **Errors** `StatementError` for a family without a primary key, for a tag that is no column, and
 * for a member's own column that is part of the key, counts versions, is among the shared, or
 * refers to rows with which the database would delete it (ON DELETE CASCADE): the rest would stay.
 * Reading a row that has none in its member's table is `DecodeFailed`, which names both.
 * **Source** SQLAlchemy 2.0 "Joined Table Inheritance".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Family, Query, Session } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const staff = Family.joined("employees", "kind",
 *   { id: Column.id(), kind: Column.varchar(20), name: Column.text() },
 *   { manager: { reports: Column.integer() }, engineer: { language: Column.text() } },
 *   { tables: { manager: "managers", engineer: "engineers" } })
 * class Manager extends Family.member<Manager>()(staff, "manager") {}
 * class Engineer extends Family.member<Engineer>()(staff, "engineer") {}
 * const Employee = Family.of(staff, { manager: Manager, engineer: Engineer })
 * const add = Session.add(
 *   Manager.make({ name: "Ann", reports: 3 }), Engineer.make({ name: "Bob", language: "SQL" }))
 * const all = Session.all(Query.from(Employee).orderBy(Employee.c.id))
 * const catalog = Catalog.make({ Employee })
 * const program = Database.create(catalog).pipe(
 *   Effect.andThen(Session.transact(Effect.andThen(add, all))))
 * const rows = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * rows.map((one) => one.kind === "manager" ? one.reports : one.language) // => [3, "SQL"]
 * catalog.tables.map(({ name }) => name) // => ["employees", "managers", "engineers"]
 * ```
 * @category constructors
 */
export const joined = <
  const N extends string,
  const On extends keyof C & string,
  C extends Columns,
  const M extends Members
>(
  name: N,
  on: On,
  columns: C,
  members: M,
  options: MemberTables<M> = {}
): Family<N, On, C, M> =>
  Object.freeze(madeJoined(name, on, columns, members, options.tables ?? {})) as never

/**
 * A family whose members have tables of their own, each whole: the shared columns and those of its
 * own.
 *
 * **Shape** no table keeps the tag: every row read has it, of the table it is in. All are read by
 * one UNION ALL. A table is called after the family and the member, `fleet_car`, unless `tables`
 * says otherwise. Tables give out keys of their own, so one key may be that of a row of each:
 * `Session.get(Fleet, { kind: "car", id: 1 })`. For the same reason no relation leads to the family
 * by keys: relate to its members, or by a condition. What a key of a member leads to is of that
 * member: `{ trips: true }` of the family loads the trips of each, by one query for each that is
 * there.
 * **Laws** its values are those of a family in one table.
 * **Errors** `StatementError` for the column of tags among the columns, for a member's own column
 * that is there already or a part of its key, and for a relation by keys to the family.
 * **Source** SQLAlchemy 2.0 "Concrete Table Inheritance".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Family, Query, Session } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const fleet = Family.concrete("fleet", "kind", { id: Column.id(), name: Column.text() },
 *   { car: { doors: Column.integer() }, truck: { load: Column.integer() } },
 *   { tables: { car: "cars", truck: "trucks" } })
 * class Car extends Family.member<Car>()(fleet, "car") {}
 * class Truck extends Family.member<Truck>()(fleet, "truck") {}
 * const Fleet = Family.of(fleet, { car: Car, truck: Truck })
 * const add = Session.add(
 *   Car.make({ name: "Fiat", doors: 3 }), Truck.make({ name: "Iveco", load: 18 }))
 * const all = Session.all(Query.from(Fleet).orderBy(Fleet.c.name))
 * const program = Database.create(Catalog.make({ Fleet })).pipe(
 *   Effect.andThen(Session.transact(Effect.andThen(add, all))))
 * const rows = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * rows.map((one) => [one.id, one.kind === "car" ? one.doors : one.load]) // => [[1, 3], [1, 18]]
 * ```
 * @category constructors
 */
export const concrete = <
  const N extends string,
  const On extends string,
  C extends Columns,
  const M extends Members
>(
  name: N,
  on: On,
  columns: C,
  members: M,
  options: MemberTables<M> = {}
): Family<N, On, C & { readonly [K in On]: Column<keyof M, "never", "no"> }, M, "apart"> =>
  Object.freeze(madeApart(name, on, columns, members, options.tables ?? {})) as never

/**
 * The class of one member of a family.
 *
 * **Shape** `class Manager extends Family.member<Manager>()(staff, "manager") {}`. It is an entity:
 * its rows are those with its tag, which `make` gives and no update changes. Relations are statics,
 * and go with the family too: what every member says alike is of all its rows; else each member's
 * is of its own, may lead to another class, and the values of members without it do not have it.
 * **Errors** as an entity.
 * **Source** SQLAlchemy 2.0 `polymorphic_identity`.
 *
 * @example
 * ```ts
 * import { Column, Family } from "athanor"
 * const shapes = Family.single("shapes", "kind",
 *   { id: Column.id(), kind: Column.varchar(20) }, { circle: { radius: Column.integer() } })
 * class Circle extends Family.member<Circle>()(shapes, "circle") {
 *   get across() { return this.radius * 2 }
 * }
 * const circle = Circle.make({ radius: 2 })
 * ```
 * @category constructors
 */
export const member =
  <Self>() =>
  <
    N extends string,
    On extends string,
    C extends Columns,
    M extends Members,
    Kept extends "together" | "apart",
    const Tag extends keyof M & string
  >(
    family: Family<N, On, C, M, Kept>,
    tag: Tag
  ): ReadClass<Tag, Self, MemberColumns<C, On, Tag, M[Tag]>> => {
    const spec = specOf(family)
    return baseOver(isConcrete(spec) ? concretePlace(spec, tag) : memberPlace(spec, tag)) as never
  }

type ClassOf<Kept, N extends string, On extends string, C extends Columns, E extends AnyEntity> = [
  Kept
] extends ["apart"]
  ? ConcreteClass<N, On, C, E>
  : FamilyClass<N, C, E>

type ClassesOf<M extends Members> = { readonly [Tag in keyof M]: AnyEntity }

/**
 * A family as one entity: each of its rows is a value of its own member.
 *
 * **Shape** the value is a discriminated union, which `switch` narrows by the column of tags. It is
 * read, related to and loaded as any entity; new rows are made by the members. Its columns are
 * those that every member has.
 * **Laws** its rows are those of its members, each once.
 * **Errors** `StatementError` for a class that is no member of this family. Reading a row with
 * another tag is `DecodeFailed`, which names the table and the tag.
 * **Source** SQLAlchemy 2.0 "Mapping Class Inheritance Hierarchies".
 *
 * @example
 * ```ts
 * import { Column, Family, Query } from "athanor"
 * const shapes = Family.single("shapes", "kind", { id: Column.id(), kind: Column.varchar(20) },
 *   { circle: { radius: Column.integer() }, square: { side: Column.integer() } })
 * class Circle extends Family.member<Circle>()(shapes, "circle") {}
 * class Square extends Family.member<Square>()(shapes, "square") {}
 * const Shape = Family.of(shapes, { circle: Circle, square: Square })
 * const newest = Query.from(Shape).orderBy(Shape.c.id.desc()).limit(10)
 * ```
 * @category constructors
 */
export const of = <
  N extends string,
  On extends string,
  C extends Columns,
  M extends Members,
  Kept extends "together" | "apart",
  const E extends ClassesOf<M>
>(
  family: Family<N, On, C, M, Kept>,
  classes: E
): ClassOf<Kept, N, On, SharedColumns<C, On, keyof M & string>, E[keyof E]> => {
  const spec = specOf(family)
  const facts: EntityFacts<string, Columns> = isConcrete(spec)
    ? concreteFacts(spec, classes, () => self)
    : familyFacts(spec, classes, () => self)
  const { source } = facts
  const refs = tableRefs(source, spec.name)
  const shared = isConcrete(spec) ? [spec.tag.key, ...spec.shared] : spec.shared
  const self = Object.freeze({
    ...sharedStatics(Object.values(classes)),
    [ClassId]: facts,
    [FromId]: tableFrom(source, spec.name),
    prototype: facts.prototype,
    c: Object.freeze(Object.fromEntries(shared.map((key) => [key, refs[key]]))),
    ref: (key: unknown) => entityRef(facts, key)
  })
  return self as never
}

/**
 * Whether a row of a family is one of a member, and of which its own columns say something.
 *
 * **Shape** a condition on the family's rows, wherever one stands: in `where`, and below a relation
 * to the family. The condition is over the member's columns.
 * **Errors** `StatementError` for a class that is no member of this family.
 * **Source** SQLAlchemy 2.0 `of_type`, `PropComparator.any`.
 *
 * @example
 * ```ts
 * import { Column, Family, Query } from "athanor"
 * const shapes = Family.single("shapes", "kind", { id: Column.id(), kind: Column.varchar(20) },
 *   { circle: { radius: Column.integer() }, square: { side: Column.integer() } })
 * class Circle extends Family.member<Circle>()(shapes, "circle") {}
 * class Square extends Family.member<Square>()(shapes, "square") {}
 * const Shape = Family.of(shapes, { circle: Circle, square: Square })
 * const large = Query.from(Shape).where(Family.is(Shape, Circle, Circle.c.radius.gt(5)))
 * ```
 * @category combinators
 */
export const is = <F extends AnyEntity, E extends AnyEntity>(
  family: F,
  member: E,
  condition?: Expr<boolean | null, NameOf<E>>
): Expr<boolean | null, NameOf<F>> => {
  const { label, members, source, table } = family[ClassId]
  const own = member[ClassId]
  const found = [...(members?.classes ?? [])].find(([, one]) => one === own)
  if (found === undefined) return refuse(`is: ${own.label} is no member of ${label}`)
  const at = (key: string): S.Scalar => {
    const column = source.byKey.get(key) ?? refuse(`is: ${label} has no column "${key}"`)
    return S.ref(table, source, [key], column.type)
  }
  const by = at(members!.by)
  const tagged = S.compare("eq", by, S.bound(found[0], by.type), T.boolean)
  if (condition === undefined) return expr(tagged)
  refuseShadow(condition.node, own.table, `is ${own.label}`)
  const said = rewrite(condition.node, (node) =>
    node._tag === "Ref" && node.alias === own.table && node.source === saidFor(own.source)
      ? at(members!.keyIn(String(found[0]), node.path[0]!))
      : node
  )
  return expr(S.and([tagged, said], T.boolean))
}
