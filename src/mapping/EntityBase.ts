import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import type * as Result from "effect/Result"
import type { Column, ColumnValue } from "../algebra/schema/Column.ts"
import type { Expr, Ordering } from "../algebra/Expression.ts"
import type { From } from "../algebra/From.ts"
import type { RuleBroken } from "../algebra/RuleBroken.ts"
import type { SchemaOf } from "../algebra/types/schemaRule.ts"
import { refuse } from "../algebra/StatementError.ts"
import { type AnyEntity, ClassId, EntityId, isOfEntity, type Mapped } from "./EntityClass.ts"
import { type Draft, draftOf, type New } from "./EntityDraft.ts"
import { entityRef, type Ref } from "./EntityRef.ts"
import { type Inspect, inspectId, inspectValue, jsonOf } from "./entityText.ts"
import type { ColumnsOf, KeyOf, NameOf, ValueOf } from "./EntityTypes.ts"
import * as Composites from "./EntityComposite.ts"
import * as X from "./EntityExpr.ts"
import * as Rule from "./EntityRule.ts"
import * as Value from "./EntityValue.ts"
import * as R from "./Relation.ts"

/** Columns of `T` that can hold the key of `E`: one, or a list for a key of several columns. */
type KeyFor<T extends AnyEntity, E extends AnyEntity> = Holding<ColumnsOf<T>, KeyOf<E>>
type Holding<C, Key> = Key extends string | number | bigint | boolean
  ?
      | ({ [K in keyof C]: C[K] extends Column<Key | null, any, any> ? K : never }[keyof C] &
          string)
      | Several<keyof C & string>
  : R.KeyList<keyof C & string>

/** Of what several columns refer to the types know nothing: a unique constraint, as it may be. */
interface Several<K extends string> extends ReadonlyArray<K> {
  readonly 0: K
  readonly 1: K
}

/** A predicate over two rows: whose columns are whose is told by their types. */
type ConditionOn<E extends AnyEntity, T extends AnyEntity> = (
  own: Side<ColumnsOf<E>, "own">,
  target: Side<ColumnsOf<T>, "target">
) => Expr<boolean | null, "own" | "target">
type Side<C, N extends string> = { readonly [K in keyof C]: Expr<ColumnValue<C[K]>, N> }

/** What the rows of a relation are ordered by. */
type OrderOn<T extends AnyEntity> = (
  target: Side<ColumnsOf<T>, "target">
) => Sorting | ReadonlyArray<Sorting>
type Sorting = Expr<unknown, "target"> | Ordering<"target">

/** A relation that is marked large is of a type that no plan takes whole. */
type IfLarge<W, Large, Usual> = [W] extends [true] ? Large : Usual

/** A class that declares a relation is known from then on, whether it is used or not. */
const heard = <A>(entity: AnyEntity, relation: A): A => {
  void entity[ClassId]
  return relation
}

/**
 * The class below every entity: what its values can do, and how it declares its relations.
 *
 * **Shape** a value is equal to another of its class with equal columns and equal loaded relations;
 * JSON and the console show those too.
 *
 * @category models
 */
export abstract class EntityBase {
  /** A copy by spread has lost its class: this keeps it from passing for a value. */
  declare protected readonly "~entity": true

  constructor(..._: Array<any>) {
    refuse(`${new.target.name}: a new row is made by ${new.target.name}.make`)
  }

  /**
   * A row to be, with its parents and children: pure, and not yet in any session.
   *
   * **Shape** columns with a default, a generated value or NULL may be left out; `undefined` is
   * absence. A parent is a value, a draft, a reference or its key. A draft is one row, wherever it
   * stands.
   * **Errors** `StatementError` for what is no column and no relation, or for what is missing;
   * `RuleBroken` for a value that breaks a rule: `makeResult` gives that instead.
   * **Source** SQLAlchemy 2.0 "Session Basics", its transient objects.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
   *   static readonly posts = this.hasMany(() => Post)
   * }
   * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
   *   static readonly user = this.belongsTo(() => User)
   * }
   * const ann = User.make({ name: "Ann", posts: [{}, {}] })
   * ```
   * @category constructors
   */
  static make<E extends AnyEntity>(this: E, input: New<E>): Draft<E> {
    return draftOf(this[ClassId], input) as Draft<E>
  }

  /**
   * A row to be, or the rule that what was given breaks: for what came from outside.
   *
   * **Errors** as `make`, but for `RuleBroken`.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * import { Result } from "effect"
   * const name = Column.text().rule("a name", (text) => text !== "")
   * class User extends Entity<User>()("users", { id: Column.id(), name }) {}
   * const message = User.makeResult({ name: "" }).pipe(Result.flip, Result.getOrThrow).message
   * message // => "User.name: expected a name"
   * ```
   * @category constructors
   */
  static makeResult<E extends AnyEntity>(
    this: E,
    input: New<E>
  ): Result.Result<Draft<E>, RuleBroken> {
    return Value.asResult(() => draftOf(this[ClassId], input) as Draft<E>)
  }

  /**
   * A value of its columns, as reading would give it: without a database, for tests and messages.
   *
   * **Shape** frozen, equal by content. Constant defaults and NULL fill what is left out; its key
   * and what a server or a clock makes are given.
   * **Errors** `StatementError` for what is no column or is missing; `RuleBroken` for what its type
   * cannot hold or a rule refuses.
   * **Source** SQLAlchemy 2.0 "Declarative Dataclass Mapping".
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * import { Equal } from "effect"
   * const points = Column.integer().default(0)
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text(), points }) {}
   * const [one, same] = [User.of({ id: 1, name: "A" }), User.of({ id: 1, name: "A", points: 0 })]
   * Equal.equals(one, same) // => true
   * ```
   * @category constructors
   */
  static of<E extends AnyEntity>(this: E, row: Value.Cells<ColumnsOf<E>>): ValueOf<E> {
    return Value.valueOf(this[ClassId], row)
  }

  /**
   * The value whose JSON this is: the other way of `toJSON`.
   *
   * **Shape** relations that were loaded are there again, and not in the type.
   * **Laws** `fromJson(JSON.parse(JSON.stringify(value)))` equals the value.
   * **Errors** in the result, `RuleBroken` with the path of what is missing, too much, none of its
   * type or against a rule.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * import { Result } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), born: Column.date() }) {}
   * const user = Result.getOrThrow(User.fromJson({ id: 1, born: "2000-02-29" }))
   * user.born.day // => 29
   * ```
   * @category conversions
   */
  static fromJson<E extends AnyEntity>(
    this: E,
    json: unknown
  ): Result.Result<ValueOf<E>, RuleBroken> {
    return Value.asResult(() => Value.fromJson(this[ClassId], json) as ValueOf<E>)
  }

  /**
   * The row with this key, without reading it: it stands where a parent or a row is wanted.
   *
   * **Errors** `StatementError` for a key that is none of this table's.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * User.ref(5) // => User.ref(5)
   * ```
   * @category constructors
   */
  static ref<E extends AnyEntity>(this: E, key: KeyOf<E>): Ref<NameOf<E>> {
    return entityRef(this[ClassId], key)
  }

  /**
   * A to-one relation: this entity holds the foreign key, in the column named after the relation.
   *
   * **Shape** `author` finds `authorId`; another name is given as `{ key: "writerId" }`, or is that
   * of the only foreign key to the other table. Several columns refer to what their foreign key
   * says: the primary key, or a unique constraint. Loaded, it is a value, or null where the key
   * allows NULL.
   * **Errors** `StatementError` at first use, where the columns do not exist or are not clear.
   * **Source** SQLAlchemy 2.0 "Basic Relationship Patterns", many to one.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * class Post extends Entity<Post>()("posts", { id: Column.id(), writerId: Column.integer() }) {
   *   static readonly author = this.belongsTo(() => User, { key: "writerId" })
   * }
   * ```
   * @category constructors
   */
  protected static belongsTo<
    E extends AnyEntity,
    T extends AnyEntity,
    const K extends KeyFor<E, T> | null = null
  >(this: E, target: () => T, options?: R.BelongsToOptions<K>): R.BelongsTo<E, T, K> {
    return heard(
      this,
      R.belongsTo(target, options as R.BelongsToOptions<string>) as R.BelongsTo<E, T, K>
    )
  }

  /**
   * A to-one relation: the target holds the foreign key, and no two rows of it the same.
   *
   * **Shape** loaded, it is a value, or null where there is none. `children` is as for `hasMany`.
   * **Errors** `StatementError` at first use, where the columns do not exist or are not clear, or
   * where no key of the target says that they are unique.
   * **Source** SQLAlchemy 2.0 "Basic Relationship Patterns", one to one.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
   *   static readonly profile = this.hasOne(() => Profile, { children: "delete" })
   * }
   * class Profile extends Entity<Profile>()("profiles", {
   *   id: Column.id(), userId: Column.integer().unique(), text: Column.text()
   * }) {
   *   static readonly user = this.belongsTo(() => User)
   * }
   * const ann = User.make({ name: "Ann", profile: { text: "lights fires" } })
   * ```
   * @category constructors
   */
  protected static hasOne<
    E extends AnyEntity,
    T extends AnyEntity,
    const K extends KeyFor<T, E> | null = null
  >(this: E, target: () => T, options?: R.HasOneOptions<K>): R.HasOne<E, T, K> {
    return heard(this, R.hasOne(target, options as R.HasOneOptions<string>) as R.HasOne<E, T, K>)
  }

  /**
   * A to-many relation: the target holds the foreign key.
   *
   * **Shape** `children` says what becomes of them when their parent goes: `detach` sets their key
   * to NULL, `restrict` leaves the refusal to the database, `delete` deletes them first, `database`
   * writes ON DELETE CASCADE. `detach` where the key allows NULL, else `restrict`. Loaded, it is a
   * list in the order of `orderBy`, then of the keys. One that is `large` is never loaded whole:
   * `Along.of` queries it, `Load.some` loads so many for each parent. `position` names a column of
   * whole numbers, which keeps the order that `make`, `Session.append` and `Session.replace` give.
   * **Errors** `StatementError` at first use, where the columns do not exist or are not clear.
   * **Source** SQLAlchemy 2.0 "Basic Relationship Patterns", one to many; "Cascades".
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
   *   static readonly posts = this.hasMany(() => Post, { children: "delete" })
   * }
   * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
   *   static readonly user = this.belongsTo(() => User)
   * }
   * ```
   * @category constructors
   */
  protected static hasMany<
    E extends AnyEntity,
    T extends AnyEntity,
    const K extends KeyFor<T, E> | null = null,
    const W extends boolean = false
  >(
    this: E,
    target: () => T,
    options?: R.HasManyOptions<K, OrderOn<T>, W, keyof ColumnsOf<T> & string>
  ): IfLarge<W, R.LargeHasMany<E, T, K>, R.HasMany<E, T, K>> {
    return heard(this, R.hasMany(target, options as never) as never)
  }

  /**
   * A to-many relation by way of a link table.
   *
   * **Shape** `near` and `far` name the link table's columns where its foreign keys do not say
   * them. `orderBy` and `large` are as for `hasMany`.
   * **Errors** `StatementError` where `through` is no thunk; at first use, where the columns are
   * not clear.
   * **Source** SQLAlchemy 2.0 "Basic Relationship Patterns", many to many.
   *
   * @example
   * ```ts
   * import { Column, Entity, Table } from "athanor"
   * class Tag extends Entity<Tag>()("tags", { id: Column.id() }) {}
   * const links = Table.make("links", { postId: Column.integer(), tagId: Column.integer() })
   * class Post extends Entity<Post>()("posts", { id: Column.id() }) {
   *   static readonly tags = this.manyToMany(() => Tag,
   *     { through: () => links, near: "postId", far: "tagId" })
   * }
   * ```
   * @category constructors
   */
  protected static manyToMany<
    E extends AnyEntity,
    T extends AnyEntity,
    L extends From<string, unknown>,
    const W extends boolean = false
  >(
    this: E,
    target: () => T,
    options: R.ManyToManyOptions<L, OrderOn<T>, W>
  ): IfLarge<W, R.LargeManyToMany<E, T>, R.ManyToMany<E, T>> {
    return heard(this, R.manyToMany(target, options as never) as never)
  }

  /**
   * A to-many relation by a condition over both rows: for what no key says.
   *
   * **Shape** the first argument of the condition is the row that declares the relation, the second
   * the target's; each column belongs to its side by type. Rows of which the condition is true, in
   * the order of `orderBy`, then of their keys; NULL is not true. Plans, `Session.load` and `match`
   * follow it; it is read, never written.
   * **Laws** it loads the rows of the join written by hand.
   * **Errors** `StatementError` at first use, where the condition does not speak of both sides or
   * this entity has no primary key.
   * **Source** SQLAlchemy 2.0 "Configuring how Relationship Joins", `as_comparison`, `viewonly`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Fn, Load, Query } from "athanor"
   * class Area extends Entity<Area>()("areas", { id: Column.id(), prefix: Column.text() }) {
   *   static readonly numbers = this.relatesToMany(() => Phone, (own, target) =>
   *     Fn.position(own.prefix, target.digits).eq(1))
   * }
   * class Phone extends Entity<Phone>()("phones", { id: Column.id(), digits: Column.text() }) {}
   * const query = Query.from(Area).match({ numbers: { digits: "112" } })
   * const areas = Load.all(query, { numbers: true })
   * ```
   * @category constructors
   */
  protected static relatesToMany<E extends AnyEntity, T extends AnyEntity>(
    this: E,
    target: () => T,
    on: ConditionOn<E, T>,
    options?: R.OrderedOptions<OrderOn<T>>
  ): R.RelatesToMany<E, T> {
    return heard(this, R.relatesTo("relatesToMany", target, on as never, options as never) as never)
  }

  /**
   * A to-one relation by a condition over both rows: for what no key says.
   *
   * **Shape** as `relatesToMany`; loaded, it is a value, or null where there is none.
   * **Laws** it loads the row of the join written by hand.
   * **Errors** as `relatesToMany`; `DecodeFailed` where the condition is true of several rows.
   * **Source** SQLAlchemy 2.0 "Configuring how Relationship Joins", `uselist=False`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Expr } from "athanor"
   * class Sum extends Entity<Sum>()("sums", { id: Column.id(), amount: Column.integer() }) {
   *   static readonly bracket = this.relatesToOne(() => Bracket, (own, target) =>
   *     Expr.and(own.amount.gte(target.low), own.amount.lt(target.high)))
   * }
   * class Bracket extends Entity<Bracket>()("brackets", {
   *   id: Column.id(), low: Column.integer(), high: Column.integer()
   * }) {}
   * ```
   * @category constructors
   */
  protected static relatesToOne<E extends AnyEntity, T extends AnyEntity>(
    this: E,
    target: () => T,
    on: ConditionOn<E, T>
  ): R.RelatesToOne<E, T> {
    return heard(this, R.relatesTo("relatesToOne", target, on as never) as R.RelatesToOne<E, T>)
  }

  /**
   * One definition for SQL and for values: an expression over the columns, which `of` computes too.
   *
   * **Shape** `User.label` stands wherever an expression does; `User.label.of(user)` asks no
   * database. It may compare, test for NULL, say and, or, not, `case`, `in` with a list, `between`,
   * `coalesce`, `concat`, and add, subtract and multiply whole numbers: what means the same on
   * every server. With `set` it gives the patch that makes it a value.
   * **Laws** `of(row)` equals the database's answer for the row, NULL in it included.
   * **Errors** `StatementError` at first use for what does not mean the same everywhere.
   * **Source** SQLAlchemy 2.0 "Hybrid Attributes".
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
   *   static readonly label = this.hybrid((u) => u.name.concat("!"))
   *   get label() { return User.label.of(this) }
   * }
   * User.label.of({ id: 1, name: "Ann" }) // => "Ann!"
   * ```
   * @category constructors
   */
  protected static hybrid<E extends AnyEntity, A, N extends X.Needs<E>>(
    this: E,
    get: X.Defined<E, A, N>
  ): X.Hybrid<E, A, N>
  protected static hybrid<E extends AnyEntity, A, N extends X.Needs<E>>(
    this: E,
    get: X.Defined<E, A, N>,
    options: X.HybridOptions<NoInfer<A>, ColumnsOf<E>>
  ): X.SettableHybrid<E, A, N>
  protected static hybrid(get: never, options?: { readonly set: unknown }): never {
    return X.definedBy(this as never, get, { portable: true, ...options }) as never
  }

  /**
   * An expression over the columns, declared once: for what only SQL can say, a subquery included.
   *
   * **Errors** `StatementError` at first use where the definition is no expression.
   * **Source** SQLAlchemy 2.0 "SQL Expressions as Mapped Attributes", `column_property`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Fn, Query } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
   *   static readonly letters = this.expr((u) => Fn.length(u.name))
   * }
   * const longest = Query.from(User).orderBy(User.letters.desc()).limit(1)
   * ```
   * @category constructors
   */
  protected static expr<E extends AnyEntity, A, N extends X.Needs<E>>(
    this: E,
    get: X.Defined<E, A, N>
  ): X.EntityExpr<E, A, N> {
    return X.definedBy(this as never, get as never, { portable: false }) as never
  }

  /**
   * From what a queried column is read: an expression over the row, a correlated subquery included.
   *
   * **Shape** a subquery stands under an alias of its own, since the queries it stands in may be of
   * the same table.
   * **Errors** `StatementError` at first use where the definition is no expression.
   * **Source** SQLAlchemy 2.0 "SQL Expressions as Mapped Attributes", `column_property`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Fn, Load, Query } from "athanor"
   * class User extends Entity<User>()("users", {
   *   id: Column.id(), posts: Column.integer().queried()
   * }) {
   *   static readonly counting = this.reads("posts", (user, self) => {
   *     const post = Query.alias(Post, "counted")
   *     const own = Query.from(post).correlate(self).where(post.c.userId.eq(user.id))
   *     return own.select(Fn.count()).scalar().coalesce(0)
   *   })
   * }
   * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
   *   static readonly user = this.belongsTo(() => User)
   * }
   * const busy = Load.all(Query.from(Post).match({ id: 1 }), { user: true })
   * ```
   * @category constructors
   */
  protected static reads<
    E extends AnyEntity,
    const K extends keyof ColumnsOf<E> & string,
    N extends X.Needs<E>
  >(this: E, column: K, get: X.Defined<E, ColumnValue<ColumnsOf<E>[K]>, N>): Rule.EntityQuery {
    return Rule.queried(column, get)
  }

  /**
   * One value over several columns: written, read, compared and ordered as one.
   *
   * **Shape** its parts by name, each with its column. It is absent where all its columns are NULL;
   * some of them alone are never written and never read. A getter of its name reads it of a value.
   * **Errors** `DecodeFailed` with its name for a row that holds some of its columns alone;
   * `EncodeFailed` before such a one is sent; `StatementError` for fewer than two columns.
   * **Source** SQLAlchemy 2.0 "Composite Column Types".
   *
   * @example
   * ```ts
   * import { Column, Entity, Query } from "athanor"
   * const money = { cents: Column.integer(), currency: Column.varchar(3) }
   * class Bill extends Entity<Bill>()("bills", { id: Column.id(), ...money }) {
   *   static readonly sum = this.composite({ currency: "currency", cents: "cents" })
   *   get sum() { return Bill.sum.of(this) }
   * }
   * const large = Query.from(Bill).where(Bill.sum.gt({ currency: "EUR", cents: 100 }))
   *   .orderBy(...Bill.sum.desc())
   * ```
   * @category constructors
   */
  protected static composite<E extends AnyEntity, const P extends Composites.Parts<ColumnsOf<E>>>(
    this: E,
    columns: P
  ): Composites.Composite<E, P> {
    return Composites.compositeOf(this as never, columns) as Composites.Composite<E, P>
  }

  /**
   * What several columns of a row must be like together: words and a predicate, or a schema.
   *
   * **Shape** asked where all the columns named are known: in `make`, in changes of a session and
   * before each flush, in inserts, and in updates that set all of them. NULL is asked too.
   * **Errors** `EncodeFailed` before anything is sent; `RuleBroken` from `make`.
   * **Source** SQLAlchemy 2.0 "Simple Validators".
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * import { Result } from "effect"
   * const hours = { from: Column.integer(), to: Column.integer() }
   * class Shift extends Entity<Shift>()("shifts", { id: Column.id(), ...hours }) {
   *   static readonly inOrder = this.rule(["from", "to"], "an end after its beginning",
   *     ({ from, to }) => from < to)
   * }
   * Result.isFailure(Shift.makeResult({ from: 9, to: 8 })) // => true
   * ```
   * @category constructors
   */
  protected static rule<E extends AnyEntity, const K extends keyof ColumnsOf<E> & string>(
    this: E,
    columns: ReadonlyArray<K>,
    schema: SchemaOf<Rule.PartOf<E, K>>
  ): Rule.EntityRule
  protected static rule<E extends AnyEntity, const K extends keyof ColumnsOf<E> & string>(
    this: E,
    columns: ReadonlyArray<K>,
    says: string,
    holds: (row: Rule.PartOf<E, K>) => boolean
  ): Rule.EntityRule
  protected static rule(
    columns: ReadonlyArray<string>,
    ...rule: ReadonlyArray<unknown>
  ): Rule.EntityRule {
    return Rule.rowRule(columns, rule)
  }

  /**
   * What is done to each row that is read, once, before it is a value: pure; gives columns that go
   * over its own.
   *
   * **Shape** whatever reads it: queries, plans, sessions. What it gives counts as what the
   * database holds, and is written when the column is changed or touched.
   * **Errors** `StatementError`, as a defect, for what is no column.
   * **Source** SQLAlchemy 2.0 `InstanceEvents.load`, `reconstructor`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), email: Column.text() }) {
   *   static readonly folded = this.onRead(({ email }) => ({ email: email.toLowerCase() }))
   * }
   * const program = Database.create(Catalog.make({ User })).pipe(
   *   Effect.andThen(Database.run(Query.insert(User).values({ email: "Ann@X" }))),
   *   Effect.andThen(Database.one(Query.from(User))))
   * const user = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * user.email // => "ann@x"
   * ```
   * @category constructors
   */
  protected static onRead<E extends AnyEntity>(
    this: E,
    f: Rule.Reading<ColumnsOf<E>>
  ): Rule.EntityReading {
    return Rule.reading(f)
  }

  /**
   * What JSON holds of a value: its columns by their JSON codecs, and what was loaded.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const toText = (user: User) => JSON.stringify(user)
   * ```
   * @category conversions
   */
  toJSON(): { readonly [key: string]: unknown } {
    return jsonOf(entity(this), this)
  }

  /** Equal by class, columns and loaded relations: getters are never asked. */
  [Equal.symbol](that: unknown): boolean {
    if (!isOfEntity(that) || that[EntityId] !== entity(this)) return false
    const keys = Object.keys(this)
    return (
      keys.length === Object.keys(that).length &&
      keys.every(
        (key) => Object.hasOwn(that, key) && Equal.equals(cell(this, key), cell(that, key))
      )
    )
  }

  [Hash.symbol](): number {
    return Hash.combine(
      Hash.string(entity(this).table),
      Hash.structureKeys(this, Object.keys(this))
    )
  }

  /** How Node and Bun print it: `User { id: 1, … }`. */
  [inspectId](depth: number, options: object, inspect: Inspect): string {
    return inspectValue(entity(this).label, entity(this), this, depth, options, inspect)
  }
}

/** The class that `Entity()` makes puts the entity on the prototype. */
const entity = (value: object): Mapped => (value as { readonly [EntityId]: Mapped })[EntityId]

const cell = (value: object, key: string): unknown =>
  (value as Readonly<Record<string, unknown>>)[key]
