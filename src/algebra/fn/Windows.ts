import { expr, type Expr, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Safe, Value, Window } from "../Value.ts"
import { overOf, type NamedWindow, type WindowNeeds, type WindowSpec } from "../windowSpec.ts"

/**
 * A function of a row's place among others, which has a value over a window only.
 *
 * **Shape** `over` gives the expression; it can be selected and sorted by. To filter by it, name
 * the query with `as` and filter there.
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @category models
 */
export interface Placed<out A, out R> {
  /** The value over a window; without one over all rows, in no order. */
  over(): Expr<A, R | Window>
  over<const W extends WindowSpec | NamedWindow<any>>(
    window: W
  ): Expr<A, R | WindowNeeds<W> | Window>
}

class Call {
  readonly #self: S.WindowCall
  constructor(self: S.WindowCall) {
    this.#self = self
  }
  over(window?: WindowSpec | NamedWindow<any>) {
    return expr(S.window(this.#self, overOf(window, this.#self)))
  }
}

const placed = <A, R>(
  name: S.WindowName,
  args: ReadonlyArray<S.Scalar>,
  type: AnyType
): Placed<A, R> => Object.freeze(new Call(S.windowCall(name, args, type))) as Placed<A, R>

const given = (value: Value<any, any> | undefined, asked: string): S.Scalar =>
  value?.node ?? refuse(`${asked}: the expression is undefined`)

/** A whole number as a parameter, at least the least that means anything. */
const count = (value: unknown, least: number, asked: string): S.Scalar =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least
    ? S.bound(value, T.integer)
    : refuse(`${asked}: ${String(value)} is not a whole number from ${least} on`)

/**
 * ROW_NUMBER: 1, 2, 3 … in the window's order.
 *
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.rowNumber().over({ orderBy: t.c.id }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 2, 3]
 * ```
 * @category combinators
 */
export const rowNumber = (): Placed<number, never> => placed("rowNumber", [], T.count)

/**
 * RANK: 1 and the number of rows before; those that sort alike have one rank.
 *
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.rank().over({ orderBy: t.c.a }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 1, 3]
 * ```
 * @category combinators
 */
export const rank = (): Placed<number, never> => placed("rank", [], T.count)

/**
 * DENSE_RANK: 1 and the number of different keys before.
 *
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.denseRank().over({ orderBy: t.c.a }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 1, 2]
 * ```
 * @category combinators
 */
export const denseRank = (): Placed<number, never> => placed("denseRank", [], T.count)

/**
 * PERCENT_RANK: rows before over the others, from 0 to 1; 0 of one row.
 *
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.percentRank().over({ orderBy: t.c.a }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [0, 0, 1]
 * ```
 * @category combinators
 */
export const percentRank = (): Placed<number, never> => placed("percentRank", [], T.double)

/**
 * CUME_DIST: the part of the rows up to the last that sorts alike.
 *
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.cumeDist().over({ orderBy: t.c.a }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [2 / 3, 2 / 3, 1]
 * ```
 * @category combinators
 */
export const cumeDist = (): Placed<number, never> => placed("cumeDist", [], T.double)

/**
 * NTILE: the number of the row's bucket, of that many as large as can be.
 *
 * **Errors** `StatementError` for less than one bucket.
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.ntile(2).over({ orderBy: t.c.id }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 1, 2]
 * ```
 * @category combinators
 */
export const ntile = (buckets: number): Placed<number, never> =>
  placed("ntile", [count(buckets, 1, "ntile")], T.integer)

/**
 * LAG: the value in the row so many before; NULL, or the default, where there is none.
 *
 * **Errors** `StatementError` for an offset that is negative or not whole.
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.lag(t.c.a).over({ orderBy: t.c.id }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [null, 5, 5]
 * ```
 * @category combinators
 */
export const lag: {
  <A, R>(value: Value<A, R>, offset?: number): Placed<A | null, Safe<R>>
  <A, R, O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    value: Value<A, R>,
    offset: number,
    otherwise: O
  ): Placed<A | NullOf<O>, R | RequiredOf<O>>
} = (value: Value<any, any>, offset = 1, otherwise?: unknown): Placed<never, never> =>
  placed("lag", shiftArgs("lag", value, offset, otherwise), value.node.type)

/**
 * LEAD: the value in the row so many after; NULL, or the default, where there is none.
 *
 * **Errors** `StatementError` for an offset that is negative or not whole.
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.lead(t.c.a).over({ orderBy: t.c.id }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [5, 7, null]
 * ```
 * @category combinators
 */
export const lead: {
  <A, R>(value: Value<A, R>, offset?: number): Placed<A | null, Safe<R>>
  <A, R, O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    value: Value<A, R>,
    offset: number,
    otherwise: O
  ): Placed<A | NullOf<O>, R | RequiredOf<O>>
} = (value: Value<any, any>, offset = 1, otherwise?: unknown): Placed<never, never> =>
  placed("lead", shiftArgs("lead", value, offset, otherwise), value.node.type)

const shiftArgs = (
  name: "lag" | "lead",
  value: Value<any, any>,
  offset: number,
  otherwise: unknown
): ReadonlyArray<S.Scalar> => {
  const node = given(value, name)
  const by = count(offset, 0, name)
  return otherwise === undefined ? [node, by] : [node, by, lift(otherwise, node.type, name)]
}

/**
 * FIRST_VALUE: the value in the first row of the frame; NULL where that is empty.
 *
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.firstValue(t.c.a).over({ orderBy: t.c.id }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [5, 5, 5]
 * ```
 * @category combinators
 */
export const firstValue = <A, R>(value: Value<A, R>): Placed<A | null, Safe<R>> =>
  placed("firstValue", [given(value, "firstValue")], value.node.type)

/**
 * LAST_VALUE: the value in the last row of the frame; NULL where that is empty.
 *
 * **Shape** without a frame the last row is the last that sorts as this one does.
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.lastValue(t.c.a).over({ orderBy: t.c.id }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [5, 5, 7]
 * ```
 * @category combinators
 */
export const lastValue = <A, R>(value: Value<A, R>): Placed<A | null, Safe<R>> =>
  placed("lastValue", [given(value, "lastValue")], value.node.type)

/**
 * NTH_VALUE: the value in the n-th row of the frame, from 1; NULL where it has fewer.
 *
 * **Errors** `StatementError` for a place below 1.
 * **Source** SQL:2016 part 2, 6.10 window function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.nthValue(t.c.a, 2).over({ orderBy: t.c.id }))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [null, 5, 5]
 * ```
 * @category combinators
 */
export const nthValue = <A, R>(value: Value<A, R>, n: number): Placed<A | null, Safe<R>> =>
  placed("nthValue", [given(value, "nthValue"), count(n, 1, "nthValue")], value.node.type)
