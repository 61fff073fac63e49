import { isExpr } from "./Expression.ts"
import { checkNodeName, partsAround, type Print, printed, type Written } from "./Print.ts"
import { declaredColumns, type RawColumns, type RawRow } from "./rawQuery.ts"
import * as R from "./Relation.ts"
import type { Scalar } from "./Scalar.ts"
import type { Select } from "./Select.ts"
import { query } from "./SelectQuery.ts"
import { type RawOptions, tablesOf } from "./sql.ts"
import { refuse } from "./StatementError.ts"
import type { RequiredOf, Value } from "./Value.ts"

const nodesOf = (args: ReadonlyArray<unknown>, name: string): ReadonlyArray<Scalar> =>
  args.map((arg) =>
    isExpr(arg) ? arg.node : refuse(`custom: an argument of "${name}" is not an expression`)
  )

/**
 * A query of one's own around another: how each dialect writes it, as `sql` with the query in its
 * first hole and the arguments in the others.
 *
 * **Shape** gives a function of the query, and of expressions that speak of none of its columns;
 * its rows are those of the query. It is a query like any other: limited, joined or combined it
 * stands in parentheses. A dialect without a text of its own writes the `default`; without one it
 * is `Unsupported`, by the name.
 * **Errors** `StatementError` where a text does not hold the query and each argument once and in
 * order, for an empty name and for an argument that is no expression.
 * **Source** SQLAlchemy 2.0 `ext.compiler`, of a selectable.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, sql, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const twice = Query.custom("twice", {
 *   default: (query) => sql(Type.text)`SELECT q.* FROM (${query}) AS q, (SELECT 1 UNION SELECT 2)`
 * })
 * const one = Query.select({ n: Expr.value(7, Type.integer) })
 * const program = Database.all(twice(one))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ n: 7 }, { n: 7 }]
 * ```
 * @category constructors
 */
export const custom = (
  name: string,
  print: Print<Written>,
  options: RawOptions = {}
): (<Row, Needs, S extends string, const P extends ReadonlyArray<Value<any, any>>>(
  self: Select<Row, Needs, S>,
  ...args: P
) => Select<Row, Needs | RequiredOf<P[number]>, never>) => {
  checkNodeName(name)
  return (self, ...args) => {
    const nodes = nodesOf(args, name)
    const said = printed(print, (written) => partsAround(name, written, nodes.length + 1))
    return query(R.customRelation(name, self.node, nodes, said, false, tablesOf(options)))
  }
}

/**
 * A statement of one's own, whatever it is: how each dialect writes it, as `sql` with the arguments
 * in its holes, and the columns it gives.
 *
 * **Shape** gives a function of expressions. Rows are records of the columns, each of which may be
 * NULL; with `as` they are a source. One that writes says so by `Query.writing`; one that gives no
 * rows is a script. Prints as in `Query.custom`.
 * **Errors** as `Query.custom`; `StatementError` for no columns, and for one that has no ordinary
 * name.
 * **Source** SQLAlchemy 2.0 `ext.compiler`, of an `Executable`.
 *
 * @example
 * ```ts
 * import { Database, Query, sql, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const version = Query.statement("version", { version: Type.text }, {
 *   sqlite: () => sql(Type.text)`SELECT sqlite_version() AS version`,
 *   default: () => sql(Type.text)`SELECT version() AS version`
 * })
 * const program = Database.one(version())
 * const { version: said } = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * said?.startsWith("3.") // => true
 * ```
 * @category constructors
 */
export const statement = <C extends RawColumns>(
  name: string,
  columns: C,
  print: Print<Written>,
  options: RawOptions = {}
): (<const P extends ReadonlyArray<Value<any, any>>>(
  ...args: P
) => Select<RawRow<C>, RequiredOf<P[number]>, never>) => {
  checkNodeName(name)
  if (Object.keys(columns).length === 0) refuse("statement: say the columns and their types")
  const declared = declaredColumns(columns, "statement")
  return (...args) => {
    const nodes = nodesOf(args, name)
    const said = printed(print, (written) => partsAround(name, written, nodes.length))
    return query(R.customRelation(name, declared, nodes, said, true, tablesOf(options)))
  }
}
