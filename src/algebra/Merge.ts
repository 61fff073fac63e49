import { type Pipeable, pipeArguments } from "effect/Pipeable"
import { atUpdate, cellOf, given } from "./assigned.ts"
import type { Changes, SetNeeds } from "./changes.ts"
import { columnList } from "./columnList.ts"
import * as C from "./Command.ts"
import type { Command } from "./Command.ts"
import { filterOf } from "./Expression.ts"
import { type Fetched, type From, FromId } from "./From.ts"
import type { NotSettable } from "./Insert.ts"
import { once, settable } from "./leftOut.ts"
import { writtenFrom } from "./derived.ts"
import { type ProjectionIn, projectionOf, type ProjectionNeeds, type RowIn } from "./projection.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { Derived } from "./Select.ts"
import { asTable, type TableSource } from "./Source.ts"
import type { NoRows, Returns, Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import { printable } from "./statementText.ts"
import type { Writable } from "./schema/Writable.ts"
import * as T from "./types.ts"
import type { InScope, Param, ParamsIn, Value } from "./Value.ts"

declare const MergeId: unique symbol

/**
 * MERGE: a table brought in line with a source.
 *
 * **Shape** `Result` is one row of `returning`; without it there is none (`NoRows`), and `run`
 * gives the number of rows it added, changed and removed.
 * **Source** SQL:2016 part 2, 14.12 merge statement; PostgreSQL manual, MERGE.
 *
 * @category models
 */
export interface Merge<out Result, out R, N extends string, Row>
  extends Statement<Result, R>, Returns<Result>, Pipeable {
  readonly node: Command
  readonly [MergeId]?: { readonly table: N; readonly row: Row }
  /**
   * The rows it gives back, by name, for the rest of a statement: `WITH name AS (MERGE …)`.
   *
   * **Shape** carried out once; the rest of the statement sees the database as it was before. A
   * query over it says that it writes, by `Query.writing`.
   * **SQL** postgres from 17. Elsewhere `Unsupported` with capability `dataModifyingCte`, or
   * `mergeReturning`.
   * **Errors** `StatementError` without `returning`, and as `cte` of a query.
   * **Source** PostgreSQL manual, 7.8.4 data-modifying statements in WITH; SQLAlchemy 2.0
   * `add_cte`.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const log = Table.make("log", { name: Column.text() })
   * const kept = Query.merge(users).using(log, log.c.name.eq(users.c.name))
   *   .whenMatched().doDelete().returning({ name: users.c.name }).cte("kept")
   * const logged = Query.insert(log).fromSelect(Query.from(kept))
   * ```
   * @category combinators
   */
  // The row by a name of its own: its class is looked up, which would take `Result` its variance.
  cte<const A extends string, Q = Result>(name: A): Derived<A, Fetched<Q>, ParamsIn<R>>
}

/**
 * A MERGE that has its source and waits for its cases.
 *
 * @category models
 */
export interface Merging<out R, N extends string, M extends string, Row, In, Patch> {
  /**
   * WHEN MATCHED: a row of the table that goes with one of the source.
   *
   * **Shape** of the cases of one kind the first whose condition is TRUE counts; where none does,
   * the row stays as it is.
   * **Errors** `StatementError` for a case that is never reached, because one before it of its kind
   * has no condition.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const sold = Table.make("sold", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const sell = Query.merge(stock).using(sold, sold.c.id.eq(stock.c.id))
   *   .whenMatched(sold.c.n.gte(stock.c.n)).doDelete()
   *   .whenMatched().doUpdate({ n: stock.c.n.sub(sold.c.n) })
   * ```
   * @category combinators
   */
  whenMatched(): WhenThere<R, N, M, Row, In, Patch, N | M>
  whenMatched<R2 extends InScope<N | M>>(
    predicate: Value<boolean | null, R2>
  ): WhenThere<R | ParamsIn<R2>, N, M, Row, In, Patch, N | M>
  /**
   * WHEN NOT MATCHED: a row of the source that goes with none of the table.
   *
   * **Shape** conditions and values speak of the source alone.
   * **Errors** as `whenMatched`.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const bought = Table.make("bought", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const add = Query.merge(stock).using(bought, bought.c.id.eq(stock.c.id))
   *   .whenNotMatched(bought.c.n.gt(0)).doInsert({ id: bought.c.id, n: bought.c.n })
   * ```
   * @category combinators
   */
  whenNotMatched(): WhenAbsent<R, N, M, Row, In, Patch>
  whenNotMatched<R2 extends InScope<M>>(
    predicate: Value<boolean | null, R2>
  ): WhenAbsent<R | ParamsIn<R2>, N, M, Row, In, Patch>
  /**
   * WHEN NOT MATCHED BY SOURCE: a row of the table that goes with none of the source.
   *
   * **Shape** conditions and values speak of the table alone.
   * **SQL** postgres from 17. Elsewhere `Unsupported` with capability `mergeBySource`.
   * **Errors** as `whenMatched`.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const counted = Table.make("counted", { id: Column.integer(), n: Column.integer() })
   * const same = Query.merge(stock).using(counted, counted.c.id.eq(stock.c.id))
   *   .whenMatched().doUpdate({ n: counted.c.n })
   *   .whenNotMatchedBySource().doDelete()
   * ```
   * @category combinators
   */
  whenNotMatchedBySource(): WhenThere<R, N, M, Row, In, Patch, N>
  whenNotMatchedBySource<R2 extends InScope<N>>(
    predicate: Value<boolean | null, R2>
  ): WhenThere<R | ParamsIn<R2>, N, M, Row, In, Patch, N>
}

/**
 * A MERGE of some cases: it runs as it is, or takes more of them.
 *
 * @category models
 */
export interface MergeWhen<out R, N extends string, M extends string, Row, In, Patch>
  extends Merge<NoRows, R, N, Row>, Merging<R, N, M, Row, In, Patch> {
  /**
   * RETURNING: gives back the whole row as it is now, or as it was where it is removed.
   *
   * **SQL** postgres from 17. Elsewhere `Unsupported` with capability `mergeReturning`.
   * **Source** PostgreSQL manual, MERGE.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const gone = Table.make("gone", { id: Column.integer() })
   * const removed = Query.merge(stock).using(gone, gone.c.id.eq(stock.c.id))
   *   .whenMatched().doDelete().returning()
   * ```
   * @category combinators
   */
  returning(): Merge<Row, R, N, Row>
  /**
   * Gives back an expression or a record of them, of each row that was added, changed or removed.
   *
   * **Errors** as `returning()` of the whole row.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const gone = Table.make("gone", { id: Column.integer() })
   * const removed = Query.merge(stock).using(gone, gone.c.id.eq(stock.c.id))
   *   .whenMatched().doDelete().returning({ lost: stock.c.n })
   * ```
   * @category combinators
   */
  returning<const P extends ProjectionIn<N>>(
    projection: P
  ): Merge<RowIn<P, N>, R | ParamsIn<ProjectionNeeds<P>>, N, Row>
}

/**
 * A case of rows that are there, which waits to be told what to do with them.
 *
 * @category models
 */
export interface WhenThere<
  out R,
  N extends string,
  M extends string,
  Row,
  In,
  Patch,
  S extends string
> {
  /**
   * UPDATE SET: changes the row, by values and by expressions of what the case sees.
   *
   * **Shape** columns with `onUpdate` and the version are written too.
   * **Errors** as `set` of an update. When it runs, an error where two rows of the source change
   * one row of the table, and nothing is done.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const more = Table.make("more", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const add = Query.merge(stock).using(more, more.c.id.eq(stock.c.id))
   *   .whenMatched().doUpdate({ n: stock.c.n.add(more.c.n) })
   * ```
   * @category combinators
   */
  doUpdate<const V extends Changes<Patch, S>>(
    changes: V
  ): MergeWhen<R | SetNeeds<V>, N, M, Row, In, Patch>
  /**
   * DELETE: removes the row.
   *
   * **Errors** as `doUpdate`.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey() })
   * const gone = Table.make("gone", { id: Column.integer() })
   * const remove = Query.merge(stock).using(gone, gone.c.id.eq(stock.c.id))
   *   .whenMatched().doDelete()
   * ```
   * @category combinators
   */
  doDelete(): MergeWhen<R, N, M, Row, In, Patch>
  /**
   * DO NOTHING: leaves the row as it is, whatever the cases after this one say.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const gone = Table.make("gone", { id: Column.integer() })
   * const remove = Query.merge(stock).using(gone, gone.c.id.eq(stock.c.id))
   *   .whenMatched(stock.c.n.gt(0)).doNothing()
   *   .whenMatched().doDelete()
   * ```
   * @category combinators
   */
  doNothing(): MergeWhen<R, N, M, Row, In, Patch>
}

/**
 * A case of rows of the source that go with none, which waits to be told what to do.
 *
 * @category models
 */
export interface WhenAbsent<out R, N extends string, M extends string, Row, In, Patch> {
  /**
   * INSERT: adds a row, of values and of expressions over the source.
   *
   * **Shape** columns it leaves out take their defaults; a default of the client is made once for
   * all rows.
   * **Errors** `StatementError` for an unknown column, a missing required one, or a default that
   * must differ from row to row, such as a UUID: take one from the source.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const more = Table.make("more", { id: Column.integer().primaryKey() })
   * const add = Query.merge(stock).using(more, more.c.id.eq(stock.c.id))
   *   .whenNotMatched().doInsert({ id: more.c.id, n: 0 })
   * ```
   * @category combinators
   */
  doInsert<const V extends Changes<In, M>>(
    row: V & { readonly [K in Exclude<keyof V, keyof In>]: NotSettable<K> }
  ): MergeWhen<R | SetNeeds<V>, N, M, Row, In, Patch>
  /**
   * DO NOTHING: adds no row, whatever the cases after this one say.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const more = Table.make("more", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const add = Query.merge(stock).using(more, more.c.id.eq(stock.c.id))
   *   .whenNotMatched(more.c.n.lt(0)).doNothing()
   *   .whenNotMatched().doInsert({ id: more.c.id, n: more.c.n })
   * ```
   * @category combinators
   */
  doNothing(): MergeWhen<R, N, M, Row, In, Patch>
}

/**
 * A MERGE that has its table and waits for its source.
 *
 * @category models
 */
export interface MergeInto<N extends string, Row, In, Patch> {
  /**
   * USING: the source, and how its rows go with the table's.
   *
   * **Errors** `StatementError` for a condition of nothing, or an alias used twice.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const more = Table.make("more", { id: Column.integer().primaryKey(), n: Column.integer() })
   * const add = Query.merge(stock).using(more, more.c.id.eq(stock.c.id))
   *   .whenMatched().doUpdate({ n: stock.c.n.add(more.c.n) })
   *   .whenNotMatched().doInsert({ id: more.c.id, n: more.c.n })
   * ```
   * @category combinators
   */
  using<M extends string, R2 extends InScope<N | M>, P extends Param<any, any> = never>(
    source: From<M, any, P>,
    on: Value<boolean | null, R2>
  ): Merging<P | ParamsIn<R2>, N, M, Row, In, Patch>
}

type Given = Readonly<Record<string, unknown>>
type Parts = Pick<C.Merge, "table" | "alias" | "using" | "on" | "whens" | "conditions" | "values">

/** A merge that gives its rows back: nothing may follow. */
class Command_ {
  readonly node: C.Merge
  constructor(node: C.Merge) {
    this.node = node
  }
  cte(name: string) {
    return writtenFrom(this.node, name)
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
}
printable(Command_.prototype)

/** A merge of the cases said so far. */
class Cases {
  readonly #parts: Parts
  readonly #from: From<string, unknown>
  #node: C.Merge | null = null
  constructor(parts: Parts, from: From<string, unknown>) {
    this.#parts = parts
    this.#from = from
  }
  get node() {
    return (this.#node ??= this.#with(null))
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  cte(name: string) {
    return writtenFrom(this.node, name)
  }
  whenMatched(predicate?: Value<any, any>) {
    return this.#when("matched", predicate)
  }
  whenNotMatched(predicate?: Value<any, any>) {
    return this.#when("not matched", predicate)
  }
  whenNotMatchedBySource(predicate?: Value<any, any>) {
    return this.#when("not matched by source", predicate)
  }
  returning(projection?: unknown) {
    return new Command_(
      this.#with(projectionOf(projection === undefined ? this.#from : projection))
    )
  }
  #when(match: C.When["match"], predicate: Value<any, any> | undefined) {
    const { conditions, whens } = this.#parts
    if (whens.some((one, i) => one.match === match && conditions[i] === always))
      refuse(`merge: a case after one without a condition where a row is ${match}`)
    const condition = predicate === undefined ? always : filterOf(predicate, true, "merge")
    return new Case(this.#parts, this.#from, match, condition)
  }
  #with(back: C.Returning | null): C.Merge {
    const { alias, conditions, on, table, using, values, whens } = this.#parts
    return C.merge(table, alias, using, on, whens, conditions, values, back)
  }
}
printable(Cases.prototype)

const always = S.constant(true, T.boolean)

/** A case that waits to be told what to do. */
class Case {
  readonly #parts: Parts
  readonly #from: From<string, unknown>
  readonly #match: C.When["match"]
  readonly #condition: Scalar
  constructor(
    parts: Parts,
    from: From<string, unknown>,
    match: C.When["match"],
    condition: Scalar
  ) {
    this.#parts = parts
    this.#from = from
    this.#match = match
    this.#condition = condition
  }
  doUpdate(changes: Given) {
    const { alias, table } = this.#parts
    const { columns, values } = atUpdate(table, alias, given(table, changes))
    return this.#then("update", columns, values)
  }
  doInsert(row: Given) {
    const { table } = this.#parts
    const { columns, values } = proposed(table, row)
    return this.#then("insert", columns, values)
  }
  doDelete() {
    return this.#then("delete", [], [])
  }
  doNothing() {
    return this.#then("nothing", [], [])
  }
  #then(does: C.When["does"], keys: ReadonlyArray<string>, values: ReadonlyArray<Scalar>) {
    const parts = this.#parts
    const columns = columnList(parts.table, keys)
    const when = Object.freeze({ match: this.#match, does, columns })
    return new Cases(
      {
        ...parts,
        whens: [...parts.whens, when],
        conditions: [...parts.conditions, this.#condition],
        values: [...parts.values, ...values]
      },
      this.#from
    )
  }
}

/** The columns of a row that is added, each with its value. */
const proposed = (table: TableSource, row: Given) => {
  for (const key of Object.keys(row)) settable(table, key)
  const cells = table.columns.flatMap((column) => {
    const value = Object.hasOwn(row, column.key) ? row[column.key] : undefined
    const cell = value === undefined ? once(table, column) : cellOf(value, column)
    return cell === null ? [] : [{ key: column.key, cell }]
  })
  return { columns: cells.map(({ key }) => key), values: cells.map(({ cell }) => cell) }
}

/** A table that waits for its source. */
class Into {
  readonly #from: From<string, unknown>
  constructor(from: From<string, unknown>) {
    this.#from = from
  }
  using(source: From<string, unknown>, on: Value<any, any>) {
    const { alias, source: target } = this.#from[FromId]
    const parts: Parts = {
      table: asTable(target, "merge"),
      alias,
      using: source[FromId].relation,
      on: filterOf(on, true, "merge"),
      whens: [],
      conditions: [],
      values: []
    }
    return new Cases(parts, this.#from)
  }
}

/**
 * MERGE INTO a table or an entity.
 *
 * **Shape** gives the number of rows added, changed and removed. Expressions see the rows as they
 * were before the statement.
 * **SQL** postgres from 15. Elsewhere `Unsupported` with capability `merge`: an upsert says most of
 * it on every database.
 * **Errors** `StatementError` for what is no base table, and as the cases. When it runs, an error
 * where two rows of the source change one row of the table.
 * **Source** SQL:2016 part 2, 14.12 merge statement; PostgreSQL manual, MERGE.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { compile } from "athanor/compile"
 * const stock = Table.make("stock", { id: Column.integer().primaryKey(), n: Column.integer() })
 * const more = Table.make("more", { id: Column.integer().primaryKey(), n: Column.integer() })
 * const add = Query.merge(stock).using(more, more.c.id.eq(stock.c.id))
 *   .whenMatched().doUpdate({ n: stock.c.n.add(more.c.n) })
 *   .whenNotMatched().doInsert({ id: more.c.id, n: more.c.n })
 * const said = compile(add, "sqlite")
 * "capability" in said && said.capability // => "merge"
 * ```
 * @category constructors
 */
export const merge = <N extends string, Row, In, Patch>(
  into: From<N, Row> & Writable<In, Patch>
): MergeInto<N, Row, In, Patch> => new Into(into) as never
