import { excluded as proposed } from "./Command.ts"
import { columnsOf, renamed } from "./derived.ts"
import type { Expr } from "./Expression.ts"
import { type ClassFrom, type From, FromId, type Of, type Refs } from "./From.ts"
import { checkName } from "./schema/naming.ts"
import * as R from "./Relation.ts"
import type { Derived, Select } from "./Select.ts"
import { fromNode, query } from "./SelectQuery.ts"
import { type ProjectionIn, projectionOf, type ProjectionNeeds, type RowIn } from "./projection.ts"
import { refuse } from "./StatementError.ts"
import { tableFrom, tableRefs } from "./schema/tableSource.ts"
import type { Param, ParamsIn, Value } from "./Value.ts"

export { custom, statement } from "./customQuery.ts"
export { deleteFrom } from "./Delete.ts"
export { cube, groupingSets, rollup } from "./Groupings.ts"
export type { Groupings } from "./Groupings.ts"
export { insert } from "./Insert.ts"
export { merge } from "./Merge.ts"
export { window } from "./windowSpec.ts"
export type { FrameEnd, FrameSpec, NamedWindow, WindowSpec } from "./windowSpec.ts"
export { comment, indexHint, literal, only, optimizer, prefix, suffix, writing } from "./Hint.ts"
export { keyset } from "./Keyset.ts"
export { recursive } from "./Recursion.ts"
export { total } from "./total.ts"
export { raw } from "./rawQuery.ts"
export { repoint, type Repoint } from "./repoint.ts"
export {
  call,
  type CallOptions,
  elements,
  entries,
  type FunctionRows,
  series,
  unnest
} from "./tableFunctions.ts"
export { update } from "./Update.ts"
export { sample, type Sampled, type SampleOptions, values } from "./Values.ts"

/**
 * A query over a source, whole rows until `select` says otherwise.
 *
 * **Shape** a row of a table is an object, a row of an entity a value of its class.
 * **Errors** `StatementError` for what is no table, entity, alias or derived table.
 * **Source** SQL:2016 part 2, 7.5 from clause; SQLAlchemy 2.0 `select`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.all(Query.from(users).select(users.c.name))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Ann", "Bob"]
 * ```
 * @category constructors
 */
export const from: {
  <const E extends ClassFrom<string>>(
    entity: E
  ): Select<E["prototype"] & Of<E>, never, E[FromId]["alias"]>
  <N extends string, Row, P extends Param<any, any> = never>(
    source: From<N, Row, P>
  ): Select<Row, P, N>
  <N extends string, Row, O extends string | Param<any, any>>(
    source: Derived<N, Row, O>
  ): Select<Row, O, N>
} = (source: Pick<From<string, unknown>, FromId>): never => {
  const node = source?.[FromId]
  return node === undefined
    ? refuse("from: not a table, an entity, an alias or a derived table")
    : (fromNode(node) as never)
}

/**
 * A query without FROM: one row of expressions over no table.
 *
 * **Errors** `StatementError` for an empty record or what is no expression.
 * **Source** PostgreSQL manual, SELECT without FROM; SQLAlchemy 2.0 `select`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const query = Query.select({ answer: Expr.value(42, Type.integer) })
 * const program = Database.all(query)
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ answer: 42 }]
 * ```
 * @category constructors
 */
export const select = <const P extends ProjectionIn<never>>(
  projection: P
): Select<RowIn<P, never>, ParamsIn<ProjectionNeeds<P>>, never> => {
  const { fields, shape } = projectionOf(projection)
  return query(R.project(R.unit, fields, shape))
}

/** The columns of a source, under another alias. */
type Rebound<C, N extends string> = {
  readonly [K in keyof C]: C[K] extends Value<infer A, any> ? Expr<A, N> : Rebound<C[K], N>
} & {}

/**
 * A source under another name: itself beside itself.
 *
 * @category models
 */
export interface Alias<N extends string, Row, C, P = never> extends From<N, Row, P> {
  readonly c: C
}

/**
 * A source under another alias: `users AS manager`.
 *
 * **Errors** `StatementError` for an empty alias.
 * **Source** SQL:2016 part 2, 7.6 table reference; SQLAlchemy 2.0 `aliased`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * const staff = Table.make("staff", { id: Column.id(), managerId: Column.integer().nullable() })
 * const manager = Query.alias(staff, "manager")
 * const query = Query.from(staff).leftJoin(manager, staff.c.managerId.eq(manager.c.id))
 * ```
 * @category constructors
 */
export const alias = <const N extends string, Row, C, P extends Param<any, any> = never>(
  source: From<any, Row, P> & { readonly c: C },
  alias: N
): Alias<N, Row, Rebound<C, N>, P> => {
  const from = source[FromId]
  const node =
    from.source._tag === "TableSource"
      ? tableFrom<N, Row>(from.source, checkName(alias, "alias") as N)
      : renamed(from, alias)
  const isPlain = from.source._tag === "TableSource" && from.source.definition === null
  const c = isPlain ? tableRefs(from.source, alias) : columnsOf(node)
  return Object.freeze({ [FromId]: node, c: c as unknown as Rebound<C, N> })
}

/**
 * The row an upsert proposed, in its changes and its condition: `excluded.name`.
 *
 * **SQL** sqlite, postgres: excluded.name · mysql, mariadb: VALUES(name)
 * **Source** PostgreSQL manual, INSERT; SQLAlchemy 2.0 `Insert.excluded`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * const users = Table.make("users", { email: Column.text().unique(), name: Column.text() })
 * const save = Query.insert(users).values({ email: "a@b", name: "Ann" })
 *   .onConflict(users.c.email).doUpdate({ name: Query.excluded(users).c.name })
 * ```
 * @category constructors
 */
export const excluded = <Row, C>(
  source: From<any, Row> & { readonly c: C }
): Alias<"excluded", Row, Rebound<C, "excluded">> => alias(source, proposed)

/**
 * Page `number`, counted from 1, of `size` rows: a fragment for `.pipe`.
 *
 * **Shape** which rows is up to the server without `orderBy`.
 * **Errors** `StatementError` for a number that is not whole or below 1, and as `limit` for the
 * size.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.one(Query.from(users).orderBy(users.c.id).pipe(Query.page(2, 1)))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { id: 2, name: "Bob" }
 * ```
 * @category combinators
 */
export const page =
  (number: number, size: number) =>
  <Row, R, S extends string>(self: Select<Row, R, S>): Select<Row, R, S> =>
    Number.isSafeInteger(number) && number >= 1
      ? self.offset((number - 1) * size).limit(size)
      : refuse(`page: ${number} is not a page number; pages count from 1`)

export type { Refs }
export type { CteOptions } from "./derived.ts"
export type { Literal, Literals, Writing } from "./Hint.ts"
export type { Cursor, Keyed, Keyset, Position } from "./Keyset.ts"
export type { Derived, Select, SelectFirst } from "./Select.ts"
export type { From } from "./From.ts"
export type { NoRows, Statement } from "./Statement.ts"
