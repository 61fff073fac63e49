import type { Pipeable } from "effect/Pipeable"
import type { CteOptions } from "./derived.ts"
import type { Expr, Ordering, SortNeeds } from "./Expression.ts"
import type { Fetched, From, Refs, Source } from "./From.ts"
import type { Groupings } from "./Groupings.ts"
import type { MatchOf } from "./match.ts"
import type { Extended, ProjectionIn, ProjectionNeeds, RowIn, SoleOf } from "./projection.ts"
import type * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import type { Alike, Widened } from "./setOperation.ts"
import type { Statement } from "./Statement.ts"
import type {
  Aggregate,
  InScope,
  Param,
  ParamsIn,
  RequiredOf,
  Safe,
  Value,
  Window
} from "./Value.ts"

declare const SelectId: unique symbol

/** What ORDER BY takes: an expression, ascending, or one with its direction. */
type SortKey<R> = Ordering<R> | Value<any, R>

/** A row that is one value has one column, called `value`. */
type DerivedColumns<Row, N extends string> = 0 extends Row & 1
  ? Refs<Row, N>
  : [Row] extends [Plain]
    ? { readonly value: Expr<Row, N> }
    : Refs<Row, N>
type Plain = string | number | bigint | boolean | null

/**
 * A derived table or a common table expression: a query with a name, its columns under `.c`.
 *
 * **Shape** `Open` is what it still needs: named parameters, which the query that reads it is given
 * when it runs, and aliases it is correlated to: then only a lateral join takes it. The column of a
 * query of one value is called `value`.
 * **Source** SQL:2016 part 2, 7.6 table reference, 7.17 query expression.
 *
 * @category models
 */
export interface Derived<N extends string, Row, Open = never> extends Source<N, Row> {
  readonly "~correlated to"?: Open
  readonly c: DerivedColumns<Row, N>
}

/** What a query needs as a source: parameters, and aliases it is correlated to. */
export type OpenOf<R> = Extract<R, string | Param<any, any>>

/**
 * The row of a query whose projection a right or full join took back: `select` gives another.
 *
 * @category models
 */
export interface SelectFirst {
  readonly "~call select after a right or full join": never
}

/**
 * How rows are locked.
 *
 * @category models
 */
export interface LockOptions<out S extends string> {
  /** What to do about rows that another transaction holds; else they are waited for. */
  readonly wait?: R.LockWait
  /** The tables whose rows are locked; else all that are joined. */
  readonly of?: ReadonlyArray<From<S, any>>
}

/**
 * Which rows a limit leaves.
 *
 * @category models
 */
export interface LimitOptions {
  /** Also the rows that sort as the last one. */
  readonly ties?: boolean
  /** The count is a part of the rows so far in hundredths, from 0 to 100; rounded up to rows. */
  readonly percent?: boolean
}

/**
 * A query: from, where, select … as one immutable value.
 *
 * **Shape** `Row` is one result row, `S` the aliases in scope (`"posts?"` beside `"posts"` where an
 * outer join may leave it absent), `R` what is still open: outer aliases and named parameters.
 * **Laws** `where` twice is AND (L4); limits compose (L8); the order of calls follows DESIGN's
 * table:
 * before limit, offset, distinct or a set operation a clause extends, after it wraps.
 * **Errors** `StatementError` at the call for an alias used twice, `where` after `groupBy`, a sort
 * key that `distinct` lost, a limit that is negative or not whole.
 * **Source** SQL:2016 part 2, 7.17 query expression; SQLAlchemy 2.0 "SELECT and Related
 * Constructs".
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const query =
 * Query.from(users).where(users.c.name.like("A%")).orderBy(users.c.id.desc()).limit(10)
 * ```
 * @category models
 */
export interface Select<Row, R, S extends string> extends Statement<Row, R>, Pipeable {
  readonly [SelectId]: {
    /** Forgetting an inner-joined alias is fine. */
    readonly scope: (_: S) => void
    /** Forgetting that an alias may be absent is not. */
    readonly nullable: Extract<S, `${string}?`>
  }
  readonly node: Relation
  /**
   * WHERE: keeps the rows for which the predicate is TRUE; rows where it is NULL go too.
   *
   * **Shape** before `limit`, `offset`, `distinct` or a set operation it narrows their rows, after
   * it filters what they gave.
   * **Laws** `where(a).where(b) = where(a.and(b))` (L4).
   * **Errors** `StatementError` after `groupBy` (use `having`), or without an expression.
   * **Source** SQL:2016 part 2, 7.12 where clause; SQLAlchemy 2.0 `Select.where`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.one(Query.from(users).where(users.c.name.eq("Bob")))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { id: 2, name: "Bob" }
   * ```
   * @category combinators
   */
  where<R2 extends InScope<S>>(
    predicate: Value<boolean | null, R2>
  ): Select<Row, R | ParamsIn<R2>, S>
  /**
   * Keeps the rows that equal a record: plain columns, and relations of an entity by nesting.
   *
   * **Shape** `null` is `IS NULL`. A relation becomes EXISTS, so rows are never multiplied; to
   * many, it asks for one that equals.
   * **Errors** `StatementError` for `undefined`, an unknown column, or a query that does not select
   * one table or entity whole.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.one(Query.from(users).match({ name: "Bob" }))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { id: 2, name: "Bob" }
   * ```
   * @category combinators
   */
  match(record: MatchOf<Row>): Select<Row, R, S>
  /**
   * INNER JOIN: the pairs of rows for which the predicate is TRUE.
   *
   * **Shape** without a condition: the one foreign key between the source and the tables so far.
   * **Errors** `StatementError` for an alias that is in scope already: `Query.alias` gives another;
   * without a condition, where no foreign key or more than one would do.
   * **Laws** commutes and associates (L10).
   * **Source** SQL:2016 part 2, 7.10 joined table; SQLAlchemy 2.0 `Select.join`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select({ n: Expr.value(1, Type.integer) }).as("one")
   * const two = Query.select({ n: Expr.value(2, Type.integer) }).as("two")
   * const query = Query.from(one).join(two, two.c.n.gt(one.c.n)).select(two.c.n)
   * const program = Database.all(query)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [2]
   * ```
   * @category combinators
   */
  join<N extends string, P extends Param<any, any> = never>(
    source: From<N, any, P>
  ): Select<Row, R | P, S | N>
  join<N extends string, R2 extends InScope<S | N>, P extends Param<any, any> = never>(
    source: From<N, any, P>,
    on: Value<boolean | null, R2>
  ): Select<Row, R | P | ParamsIn<R2>, S | N>
  /**
   * LEFT JOIN: every row so far; the source is absent where nothing matches.
   *
   * **Shape** what is selected of an absent source is NULL, in the type too; the whole source is
   * `null`, never a row of nulls. Without a condition as `join`.
   * **Laws** left = inner + the unmatched rows so far (L10).
   * **Errors** as `join`.
   * **Source** SQL:2016 part 2, 7.10 joined table; SQLAlchemy 2.0 `Select.outerjoin`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select({ n: Expr.value(1, Type.integer) }).as("one")
   * const two = Query.select({ n: Expr.value(2, Type.integer) }).as("two")
   * const query = Query.from(one).leftJoin(two, two.c.n.eq(one.c.n)).select({ two })
   * const program = Database.all(query)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ two: null }]
   * ```
   * @category combinators
   */
  leftJoin<N extends string, P extends Param<any, any> = never>(
    source: From<N, any, P>
  ): Select<Row, R | P, S | N | `${N}?`>
  leftJoin<N extends string, R2 extends InScope<S | N>, P extends Param<any, any> = never>(
    source: From<N, any, P>,
    on: Value<boolean | null, R2>
  ): Select<Row, R | P | ParamsIn<R2>, S | N | `${N}?`>
  /**
   * RIGHT JOIN: every row of the source; what was so far is absent where nothing matches.
   *
   * **Shape** what was selected is asked for again, by `select`: it may be absent now. A condition
   * said before holds before: it drops no row of the source.
   * **Laws** a left join from the other side (L10).
   * **Errors** as `join`; `StatementError` where it runs without a `select`.
   * **Source** SQL:2016 part 2, 7.10 joined table.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select({ n: Expr.value(1, Type.integer) }).as("one")
   * const two = Query.select({ n: Expr.value(2, Type.integer) }).as("two")
   * const query = Query.from(one).rightJoin(two, two.c.n.eq(one.c.n)).select({ one, two })
   * const program = Database.all(query)
   * const rows = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * rows // => [{ one: null, two: { n: 2 } }]
   * ```
   * @category combinators
   */
  rightJoin<N extends string, P extends Param<any, any> = never>(
    source: From<N, any, P>
  ): Select<SelectFirst, R | P, S | `${S}?` | N>
  rightJoin<N extends string, R2 extends InScope<S | N>, P extends Param<any, any> = never>(
    source: From<N, any, P>,
    on: Value<boolean | null, R2>
  ): Select<SelectFirst, R | P | ParamsIn<R2>, S | `${S}?` | N>
  /**
   * FULL JOIN: every row of both sides; either is absent where nothing matches.
   *
   * **Shape** what was selected is asked for again, as after `rightJoin`. Said as a left join and
   * the unmatched rows of the source where the server has none: MySQL and MariaDB.
   * **Laws** full = left + the unmatched rows of the source (L10).
   * **Errors** as `rightJoin`; `Unsupported` where a side would be asked twice and may answer twice
   * differently: one with a limit, or with SQL of your own.
   * **Source** SQL:2016 part 2, 7.10 joined table; SQLAlchemy 2.0 `Select.outerjoin(full=True)`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select({ n: Expr.value(1, Type.integer) }).as("one")
   * const two = Query.select({ n: Expr.value(2, Type.integer) }).as("two")
   * const query = Query.from(one).fullJoin(two, two.c.n.eq(one.c.n)).select({ one, two })
   * const program = Database.all(query.orderBy(one.c.n.desc()))
   * const rows = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * rows // => [{ one: { n: 1 }, two: null }, { one: null, two: { n: 2 } }]
   * ```
   * @category combinators
   */
  fullJoin<N extends string, P extends Param<any, any> = never>(
    source: From<N, any, P>
  ): Select<SelectFirst, R | P, S | `${S | N}?` | N>
  fullJoin<N extends string, R2 extends InScope<S | N>, P extends Param<any, any> = never>(
    source: From<N, any, P>,
    on: Value<boolean | null, R2>
  ): Select<SelectFirst, R | P | ParamsIn<R2>, S | `${S | N}?` | N>
  /**
   * CROSS JOIN: every pair of rows.
   *
   * **Laws** cross = inner on TRUE (L10).
   * **Errors** `StatementError` for an alias that is in scope already.
   * **Source** SQL:2016 part 2, 7.10 joined table.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select({ n: Expr.value(1, Type.integer) }).as("one")
   * const two = Query.select({ n: Expr.value(2, Type.integer) }).as("two")
   * const query = Query.from(one).crossJoin(two).select({ a: one.c.n, b: two.c.n })
   * const program = Database.all(query)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ a: 1, b: 2 }]
   * ```
   * @category combinators
   */
  crossJoin<N extends string, P extends Param<any, any> = never>(
    source: From<N, any, P>
  ): Select<Row, R | P, S | N>
  /**
   * CROSS JOIN LATERAL, JOIN LATERAL: a query that is asked for each row so far.
   *
   * **Shape** the query says `correlate` and what of the row it wants; without a condition every
   * row it gives is joined. Where the server has no LATERAL (SQLite, MariaDB) a query that gives at
   * most one row, an expression or an aggregate, is said as scalar subqueries.
   * **Laws** of a query that is not correlated: `crossJoin` (L12).
   * **Errors** as `join`; `Unsupported` (`lateral`) elsewhere for a query of several rows.
   * **Source** SQL:2016 part 2, 7.6 lateral derived table; SQLAlchemy 2.0 `Select.lateral`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Fn, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select({ n: Expr.value(1, Type.integer) }).as("one")
   * const two = Query.select({ n: Expr.value(2, Type.integer) }).as("two")
   * const above = Query.from(two).correlate(one).where(two.c.n.gt(one.c.n))
   * const most = above.select({ n: Fn.max(two.c.n) }).as("most")
   * const query = Query.from(one).joinLateral(most).select({ n: one.c.n, most: most.c.n })
   * const program = Database.all(query)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ n: 1, most: 2 }]
   * ```
   * @category combinators
   */
  joinLateral<N extends string, O extends S | Param<any, any>>(
    source: Derived<N, any, O>
  ): Select<Row, R | ParamsIn<O>, S | N>
  joinLateral<N extends string, O extends S | Param<any, any>, R2 extends InScope<S | N>>(
    source: Derived<N, any, O>,
    on: Value<boolean | null, R2>
  ): Select<Row, R | ParamsIn<O> | ParamsIn<R2>, S | N>
  /**
   * LEFT JOIN LATERAL: as `joinLateral`, and every row so far; the query's row is absent where it
   * gives none that meets the condition.
   *
   * **Errors** as `joinLateral`.
   * **Source** SQL:2016 part 2, 7.6 lateral derived table.
   *
   * @example
   * ```ts
   * import { Database, Expr, Fn, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select({ n: Expr.value(1, Type.integer) }).as("one")
   * const two = Query.select({ n: Expr.value(2, Type.integer) }).as("two")
   * const above = Query.from(two).correlate(one).where(two.c.n.gt(one.c.n))
   * const most = above.select({ n: Fn.max(two.c.n) }).as("most")
   * const query = Query.from(one).leftJoinLateral(most).select({ n: one.c.n, most: most.c.n })
   * const program = Database.all(query)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ n: 1, most: 2 }]
   * ```
   * @category combinators
   */
  leftJoinLateral<N extends string, O extends S | Param<any, any>>(
    source: Derived<N, any, O>
  ): Select<Row, R | ParamsIn<O>, S | N | `${N}?`>
  leftJoinLateral<N extends string, O extends S | Param<any, any>, R2 extends InScope<S | N>>(
    source: Derived<N, any, O>,
    on: Value<boolean | null, R2>
  ): Select<Row, R | ParamsIn<O> | ParamsIn<R2>, S | N | `${N}?`>
  /**
   * GROUP BY: one row a group; called again it adds keys.
   *
   * **Shape** NULLs form one group. What is selected beside the keys must be an aggregate.
   * **Source** SQL:2016 part 2, 7.13 group by clause; SQLAlchemy 2.0 `Select.group_by`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.all(Query.from(users).groupBy(users.c.name).select(Fn.count()))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 1]
   * ```
   * @category combinators
   */
  groupBy<K extends ReadonlyArray<Value<any, InScope<S>>>>(
    ...keys: K
  ): Select<Row, R | ParamsIn<RequiredOf<K[number]>>, S>
  groupBy<R2 extends InScope<S>>(
    groupings: Groupings<R2>
  ): Select<Row, R | ParamsIn<R2>, S | `${S}?`>
  /**
   * HAVING: keeps the groups for which the predicate is TRUE; twice is AND.
   *
   * **Shape** without `groupBy` all rows are one group.
   * **Source** SQL:2016 part 2, 7.14 having clause; SQLAlchemy 2.0 `Select.having`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.all(Query.from(users).having(Fn.count().gt(5)).select(Fn.count()))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => []
   * ```
   * @category combinators
   */
  having<R2 extends InScope<S> | Aggregate>(
    predicate: Value<boolean | null, R2>
  ): Select<Row, R | ParamsIn<R2>, S>
  /**
   * SELECT: what a row of the result is: an expression, a source, a record or a list of them.
   *
   * **Shape** a bare expression gives its value, a record an object, nested as it is written, a
   * list a tuple. A second call replaces the first. With an aggregate and without `groupBy`, all
   * rows are one group.
   * **Errors** `StatementError` for an empty record or what is no expression.
   * **Source** SQL:2016 part 2, 7.16 query specification; SQLAlchemy 2.0 "Select".
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.one(Query.from(users).select({ who: users.c.name }).limit(1))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { who: "Ann" }
   * ```
   * @category combinators
   */
  select<const P extends ProjectionIn<S>>(
    projection: P
  ): Select<RowIn<P, S>, R | ParamsIn<ProjectionNeeds<P>>, S>
  /**
   * Further columns beside those that are selected.
   *
   * **Shape** the row is a plain record of the columns it had and of the new ones; of an entity its
   * columns stay, its methods do not. Each key once: another `select` replaces them all.
   * **Laws** `q.select(p).extend(m)` is `q.select({ ...p, ...m })`.
   * **Errors** `StatementError` for a key the row has, and where the row is one value, or a source
   * that may be absent.
   * **Source** relational algebra's extension; SQLAlchemy 2.0 `Select.add_columns`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).values({ name: "Ann" }))),
   *   Effect.andThen(Database.one(Query.from(users).extend({ letters: Fn.length(users.c.name) }))))
   * await Effect.runPromise(
   *   Effect.provide(program, Sqlite.layer())) // => { id: 1, name: "Ann", letters: 3 }
   * ```
   * @category combinators
   */
  extend<const P extends { readonly [key: string]: ProjectionIn<S> }>(
    columns: P
  ): Select<Extended<Row, RowIn<P, S>>, R | ParamsIn<ProjectionNeeds<P>>, S>
  /**
   * DISTINCT: each row once; two NULLs are one.
   *
   * **Errors** `StatementError` where a sort key, before or after, is not among the selected
   * expressions.
   * **Source** SQL:2016 part 2, 7.16 query specification; SQLAlchemy 2.0 `Select.distinct`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.all(Query.from(users).select(Fn.length(users.c.name)).distinct())))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [3]
   * ```
   * @category combinators
   */
  distinct(): Select<Row, R, S>
  /**
   * DISTINCT ON: of the rows alike in some expressions, the one that comes first by the order.
   *
   * **Shape** after `orderBy`, which begins with these keys, in any order of them, and goes on with
   * what says which row is the first; the rows come in that order. The keys need not be selected.
   * Two NULLs are alike. Numbered rows where the server has no DISTINCT ON.
   * **Laws** as many rows as there are distinct tuples of keys (L6).
   * **Errors** `StatementError` where `orderBy` does not begin with the keys.
   * **SQL** postgres: DISTINCT ON (…) · sqlite, mysql, mariadb: row_number() OVER (PARTITION BY …)
   * **Source** PostgreSQL manual, "DISTINCT Clause"; SQLAlchemy 2.0 `Select.distinct(*expr)`.
   *
   * @example
   * ```ts
   * import { Database, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const types = { team: Type.text, points: Type.integer }
   * const games = Query.values(types, [
   *   { team: "a", points: 1 }, { team: "b", points: 2 }, { team: "a", points: 3 }]).as("games")
   * const { points, team } = games.c
   * const best = Query.from(games).orderBy(team, points.desc()).distinctOn(team).select(points)
   * await Effect.runPromise(Effect.provide(Database.all(best), Sqlite.layer())) // => [3, 2]
   * ```
   * @category combinators
   */
  distinctOn<K extends ReadonlyArray<Value<any, InScope<S> | Aggregate | Window>>>(
    ...keys: K
  ): Select<Row, R | ParamsIn<RequiredOf<K[number]>>, S>
  /**
   * ORDER BY: called again it adds keys, which decide among rows equal so far.
   *
   * **Shape** an expression alone is ascending. NULL is the smallest value on every dialect unless
   * a key says `nullsFirst` or `nullsLast`.
   * **Errors** `StatementError` after `distinct` or a set operation, for a key that is not
   * selected.
   * **Source** SQL:2016 part 2, 7.17 query expression; SQLAlchemy 2.0 `Select.order_by`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.all(Query.from(users).orderBy(users.c.name).select(users.c.id))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 2]
   * ```
   * @category combinators
   */
  orderBy<K extends ReadonlyArray<SortKey<InScope<S> | Aggregate | Window>>>(
    ...keys: K
  ): Select<Row, R | ParamsIn<SortNeeds<K[number]>>, S>
  /**
   * LIMIT: at most so many of the rows so far, a number or a named parameter.
   *
   * **Shape** which ones is up to the server without `orderBy`. With `ties` also the rows that sort
   * as the last of them: FETCH FIRST … ROWS WITH TIES, or ranked rows where the server has none.
   * With `percent` so many hundredths of the rows so far, rounded up: numbered and counted rows.
   * **Laws** `limit(a).limit(b) = limit(min(a, b))` (L8).
   * **Errors** `StatementError` for a number that is negative or not whole, for `ties` without
   * `orderBy`, for a percentage below 0 or above 100.
   * **Source** SQL:2016 part 2, 7.17 fetch first clause; SQLAlchemy 2.0 `Select.limit`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.one(Query.from(users).orderBy(users.c.id).limit(1))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { id: 1, name: "Ann" }
   * ```
   * @category combinators
   */
  limit(count: number, options?: LimitOptions): Select<Row, R, S>
  limit<R2 extends Param<any, any>>(
    count: Value<number, R2>,
    options?: LimitOptions
  ): Select<Row, R | R2, S>
  /**
   * OFFSET: without the first so many of the rows so far, a number or a named parameter.
   *
   * **Shape** after `limit` it takes away from the limited rows: for a page say `offset`, then
   * `limit`.
   * **Laws** `offset(a).offset(b) = offset(a + b)` (L8).
   * **Errors** `StatementError` for a number that is negative or not whole.
   * **Source** SQL:2016 part 2, 7.17 result offset clause; SQLAlchemy 2.0 `Select.offset`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.one(Query.from(users).orderBy(users.c.id).offset(1))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { id: 2, name: "Bob" }
   * ```
   * @category combinators
   */
  offset(count: number): Select<Row, R, S>
  offset<R2 extends Param<any, any>>(count: Value<number, R2>): Select<Row, R | R2, S>
  /**
   * Brings an outer query's alias into scope: the query may then only stand inside that query.
   *
   * **Shape** a query that is still correlated does not run by itself: the verbs refuse its type.
   * **Source** SQLAlchemy 2.0 `Select.correlate`.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id() })
   * const posts = Table.make("posts", { id: Column.id(), userId: Column.integer() })
   * const own = Query.from(posts).correlate(users).where(posts.c.userId.eq(users.c.id))
   * const authors = Query.from(users).where(own.exists())
   * ```
   * @category combinators
   */
  correlate<N extends string>(outer: Source<N, any>): Select<Row, R | N, S | N>
  /**
   * FOR UPDATE, FOR SHARE and their weaker forms: locks the rows until the transaction ends.
   *
   * **Shape** `"update"` keeps all others out, `"share"` lets other share locks in; `"key share"`
   * and `"no key update"` let foreign keys be checked meanwhile. Without `of` the rows of all
   * tables joined are locked, those inside derived tables apart, as the rows of a family's member
   * are. `wait` says what to do about a row that another transaction holds: fail at once, or leave
   * it out. Clauses called after it still go before it. SQLite, where one writer holds the whole
   * database, prints nothing.
   * **Errors** `StatementError` for a query whose rows are no rows of a table: grouped, distinct,
   * combined, or cut and then filtered. `Unsupported` for `wait`, `of` and the weaker strengths on
   * SQLite, the weaker strengths on MySQL and MariaDB, `of` on MariaDB, and on PostgreSQL for the
   * side of an outer join that may be absent. `LockTimeout` where it does not wait.
   * **Source** PostgreSQL manual, "The Locking Clause"; SQLAlchemy 2.0 `Select.with_for_update`.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * import { compile } from "athanor/compile"
   * const jobs = Table.make("jobs", { id: Column.id(), done: Column.boolean() })
   * const open = Query.from(jobs).where(jobs.c.done.eq(false)).select(jobs.c.id).limit(1)
   * const next = compile(open.lock("update", { wait: "skip locked" }), "postgres")
   * "text" in next && next.text.endsWith("LIMIT $2 FOR UPDATE SKIP LOCKED") // => true
   * ```
   * @category combinators
   */
  lock(strength?: R.LockStrength, options?: LockOptions<S>): Select<Row, R, S>
  /**
   * UNION: the rows of both, each once.
   *
   * **Shape** columns are matched by key, not by place; NULL in the type where one may be NULL.
   * **Errors** `StatementError` where the two select different keys.
   * **Source** SQL:2016 part 2, 7.17 query expression; SQLAlchemy 2.0 "Set and Other Selectables".
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select(Expr.value(1, Type.integer))
   * const program = Database.all(one.union(one))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1]
   * ```
   * @category combinators
   */
  union<Row2 extends Alike<Row>, R2>(
    that: Statement<Row2, R2> & { readonly node: Relation }
  ): Select<Widened<Row, Row2>, R | R2, S>
  /**
   * UNION ALL: the rows of both, as often as they come.
   *
   * **Shape** columns are matched by key, not by place; NULL in the type where one may be NULL.
   * **Errors** `StatementError` where the two select different keys.
   * **Source** SQL:2016 part 2, 7.17 query expression; SQLAlchemy 2.0 "Set and Other Selectables".
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select(Expr.value(1, Type.integer))
   * const program = Database.all(one.unionAll(one))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 1]
   * ```
   * @category combinators
   */
  unionAll<Row2 extends Alike<Row>, R2>(
    that: Statement<Row2, R2> & { readonly node: Relation }
  ): Select<Widened<Row, Row2>, R | R2, S>
  /**
   * INTERSECT: the rows in both, each once.
   *
   * **Shape** columns are matched by key, not by place. Two NULLs are equal here.
   * **Errors** `StatementError` where the two select different keys.
   * **Source** SQL:2016 part 2, 7.17 query expression; SQLAlchemy 2.0 "Set and Other Selectables".
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select(Expr.value(1, Type.integer))
   * const program = Database.all(one.intersect(one))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1]
   * ```
   * @category combinators
   */
  intersect<Row2 extends Alike<Row>, R2>(
    that: Statement<Row2, R2> & { readonly node: Relation }
  ): Select<Widened<Row, Row2>, R | R2, S>
  /**
   * INTERSECT ALL: the rows in both, as often as in the part that has fewer of them.
   *
   * **Shape** columns are matched by key, not by place. Two NULLs are equal here.
   * **Laws** a row that is m times in this and n times in the other is min(m, n) times in the
   * result (L7).
   * **Errors** `StatementError` where the two select different keys; `Unsupported`
   * (`setOperationsAll`) on MySQL before 8.0.31.
   * **Source** SQL:2016 part 2, 7.17 query expression; SQLAlchemy 2.0 "Set and Other Selectables".
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select(Expr.value(1, Type.integer))
   * const program = Database.all(one.unionAll(one).intersectAll(one))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1]
   * ```
   * @category combinators
   */
  intersectAll<Row2 extends Alike<Row>, R2>(
    that: Statement<Row2, R2> & { readonly node: Relation }
  ): Select<Widened<Row, Row2>, R | R2, S>
  /**
   * EXCEPT: the rows that are not in the other, each once.
   *
   * **Shape** columns are matched by key, not by place. Two NULLs are equal here.
   * **Errors** `StatementError` where the two select different keys.
   * **Source** SQL:2016 part 2, 7.17 query expression; SQLAlchemy 2.0 "Set and Other Selectables".
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select(Expr.value(1, Type.integer))
   * const program = Database.all(one.except(one))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => []
   * ```
   * @category combinators
   */
  except<Row2 extends Alike<Row>, R2>(
    that: Statement<Row2, R2> & { readonly node: Relation }
  ): Select<Widened<Row, Row2>, R | R2, S>
  /**
   * EXCEPT ALL: the rows of this without those of the other, each taking away one.
   *
   * **Shape** columns are matched by key, not by place. Two NULLs are equal here.
   * **Laws** a row that is m times in this and n times in the other is max(0, m - n) times in the
   * result (L7).
   * **Errors** `StatementError` where the two select different keys; `Unsupported`
   * (`setOperationsAll`) on MySQL before 8.0.31.
   * **Source** SQL:2016 part 2, 7.17 query expression; SQLAlchemy 2.0 "Set and Other Selectables".
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select(Expr.value(1, Type.integer))
   * const program = Database.all(one.unionAll(one).exceptAll(one))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1]
   * ```
   * @category combinators
   */
  exceptAll<Row2 extends Alike<Row>, R2>(
    that: Statement<Row2, R2> & { readonly node: Relation }
  ): Select<Widened<Row, Row2>, R | R2, S>
  /**
   * The query as a derived table under an alias: `(SELECT …) AS alias`.
   *
   * **Shape** its columns are under `.c`; a nested record is a nested record of references.
   * **Source** SQL:2016 part 2, 7.6 table reference; SQLAlchemy 2.0 `Select.subquery`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select({ n: Expr.value(1, Type.integer) }).as("one")
   * const program = Database.all(Query.from(one).select(one.c.n.add(1)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [2]
   * ```
   * @category combinators
   */
  as<const N extends string>(alias: N): Derived<N, Fetched<Row>, OpenOf<R>>
  /**
   * The query as a common table expression: `WITH name AS (…)`.
   *
   * **Shape** used in several places of a query it is written once. `materialized` asks the server
   * to keep its rows (`true`) or to write it into its users' place (`false`); where a server has no
   * such words nothing is written. The rows are the same: what draws is kept, whatever is asked.
   * **Laws** used twice it gives what its inlining gives (L16).
   * **Errors** `StatementError` when compiled, where another has its name, or a table that the
   * statement reads; `Unsupported` (`materializedHint`) on MariaDB, which asks for it each time it
   * is named, for one that draws and is named twice.
   * **Source** SQL:2016 part 2, 7.17 query expression; SQLAlchemy 2.0 `Select.cte`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const one = Query.select({ n: Expr.value(1, Type.integer) }).cte("one")
   * const program = Database.all(Query.from(one).select(one.c.n.add(1)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [2]
   * ```
   * @category combinators
   */
  cte<const N extends string>(name: N, options?: CteOptions): Derived<N, Fetched<Row>, ParamsIn<R>>
  /**
   * The query as one value: NULL without a row.
   *
   * **Shape** several rows are an error on every dialect, when the statement runs; a query that is
   * limited to one row, or that aggregates without groups, costs nothing to check.
   * **Errors** `StatementError` where it does not select exactly one column.
   * **Source** SQL:2016 part 2, 7.19 scalar subquery; SQLAlchemy 2.0 `Select.scalar_subquery`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Query.select(Expr.value(42, Type.integer)).scalar()))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 42
   * ```
   * @category combinators
   */
  scalar(): Expr<SoleOf<Row> | null, Safe<R>>
  /**
   * EXISTS: whether the query has a row. Never NULL.
   *
   * **Source** SQL:2016 part 2, 8.10 exists predicate; SQLAlchemy 2.0 `Select.exists`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Query.select(Expr.value(1, Type.integer)).exists()))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  exists(): Expr<boolean, Safe<R>>
}
