import { type Expr, Expression, isExpr } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { Aggregate, Safe, Value, Window } from "../Value.ts"
import { type NamedWindow, overOf, type WindowNeeds, type WindowSpec } from "../windowSpec.ts"

/**
 * An aggregate: an expression of a group, that can be narrowed to some of its rows, to different
 * values, or said over a window.
 *
 * **Source** SQL:2016 part 2, 10.9 aggregate function, 6.10 window function.
 *
 * @category models
 */
export interface Aggregated<out A, out R> extends Expr<A, R | Aggregate> {
  /**
   * FILTER: only the rows for which the predicate is TRUE; twice is AND.
   *
   * **Source** SQL:2016 part 2, 10.9 aggregate function.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
   * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
   * const asked = Query.from(t).select(Fn.count().filter(t.c.a.gt(5)))
   * const program = Database.create(Catalog.make({ t })).pipe(
   *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
   *   Effect.andThen(Database.all(asked)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1]
   * ```
   * @category combinators
   */
  filter<R2>(predicate: Value<boolean | null, R2>): Aggregated<A, R | Safe<R2>>
  /**
   * DISTINCT: each value once.
   *
   * **Errors** `StatementError` where there is no value: `count()`, a percentile; and where it is
   * ordered by something else, for a value may stand in several rows.
   * **Source** SQL:2016 part 2, 10.9 aggregate function.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
   * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
   * const asked = Query.from(t).select(Fn.sum(t.c.a).distinct())
   * const program = Database.create(Catalog.make({ t })).pipe(
   *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
   *   Effect.andThen(Database.all(asked)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [12]
   * ```
   * @category combinators
   */
  distinct(): Aggregated<A, R>
  /**
   * OVER: of the rows of a window, in each row; without one of all rows.
   *
   * **Shape** over a query that is grouped the rows are its groups.
   * **Source** SQL:2016 part 2, 6.10 window function.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
   * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
   * const asked = Query.from(t).select(Fn.sum(t.c.a).over({ orderBy: t.c.id }))
   * const program = Database.create(Catalog.make({ t })).pipe(
   *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
   *   Effect.andThen(Database.all(asked)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [5, 10, 17]
   * ```
   * @category combinators
   */
  over(): Expr<A, R | Window>
  over<const W extends WindowSpec | NamedWindow<any>>(
    window: W
  ): Expr<A, R | WindowNeeds<W> | Window>
}

class Aggregation extends Expression {
  readonly #self: S.Aggregate
  constructor(self: S.Aggregate) {
    super(self)
    this.#self = self
  }
  filter(predicate: Value<boolean | null, any>) {
    if (!isExpr(predicate)) return refuse("filter: the predicate is not an expression")
    const { args, distinct, filter, name, type } = this.#self
    const both = filter === null ? predicate.node : S.and([filter, predicate.node], filter.type)
    return new Aggregation(S.aggregate(name, args, distinct, type, { ...this.#self, filter: both }))
  }
  distinct() {
    const { args, name, order, type } = this.#self
    const [value] = args
    if (value === undefined || name.startsWith("percentile"))
      return refuse(`distinct: ${name} has no values of its own`)
    return order.some(({ key }) => key !== value.key)
      ? refuse(`distinct: ${name} of distinct values is ordered by the values alone`)
      : new Aggregation(S.aggregate(name, args, true, type, this.#self))
  }
  over(window?: WindowSpec | NamedWindow<any>) {
    return new Expression(S.window(this.#self, overOf(window, this.#self)))
  }
}

/** An aggregate over its node. */
export const aggregated = <A, R>(node: S.Aggregate): Aggregated<A, R> =>
  new Aggregation(node) as unknown as Aggregated<A, R>
