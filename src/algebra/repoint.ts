import { rewrite } from "./rewrite.ts"
import { type From, FromId, type FromNode } from "./From.ts"
import type * as R from "./Relation.ts"
import { partAt } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Select } from "./Select.ts"
import { query } from "./SelectQuery.ts"
import { refuse } from "./StatementError.ts"

/** What a need of one alias is of another: the columns of the old are columns of the new. */
type Moved<R, N extends string, M extends string> = R extends N ? M : R

/** A query whose columns of one source are another's: the new alias stands for the old. */
export type Repoint<N extends string, M extends string> = <Row, Needs, Scope extends string>(
  self: Select<Row, Needs, Scope>
) => Select<Row, Moved<Needs, N, M>, Moved<Scope, N, M>>

/**
 * Points a query at another source: each column of the one becomes the column of that name of the
 * other, in every clause and in every query within; where the one stands in FROM the other does.
 *
 * **Shape** the other is an alias of the source, a derived table or a common table expression of
 * it, or whatever else has the columns that are used. The query's derived tables and common table
 * expressions are pointed within; what the other source is made of stays as it is. A fragment for
 * `.pipe`.
 * **Laws** pointed at an alias of itself, a query has the rows it had (L28); a query that does not
 * speak of the source is returned as it is.
 * **Errors** `StatementError` for a column the other source does not have.
 * **Source** SQLAlchemy 2.0 `ClauseAdapter`, `corresponding_column`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { compile } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id(), age: Column.integer() })
 * const adults = Query.from(users).where(users.c.age.gte(18)).as("adults")
 * const ages = Query.from(users).orderBy(users.c.age).select({ age: users.c.age })
 * const said = compile(ages.pipe(Query.repoint(users, adults)), "sqlite")
 * const text = "text" in said ? said.text : ""
 * text.startsWith("SELECT adults.age FROM (SELECT users.id, users.age FROM users") // => true
 * ```
 * @category combinators
 */
export const repoint = <N extends string, M extends string>(
  from: From<N, unknown, unknown>,
  to: From<M, unknown, unknown>
): Repoint<N, M> => {
  const [one, other]: ReadonlyArray<FromNode<string, unknown> | undefined> = [
    from?.[FromId],
    to?.[FromId]
  ]
  if (one === undefined || other === undefined)
    return refuse("repoint: not a table, an entity, an alias or a derived table")
  const isOf = (node: { readonly alias: string; readonly source: unknown }): boolean =>
    node.alias === one.alias && node.source === one.source
  const moved = (node: R.Relation | S.Scalar): R.Relation | S.Scalar => {
    switch (node._tag) {
      case "Ref":
        if (!isOf(node)) return node
        return partAt(other.shape, node.path) !== null
          ? S.ref(other.alias, other.source, node.path, node.type)
          : refuse(`repoint: "${other.alias}" has no column "${node.path.join(".")}"`)
      case "Presence":
        return isOf(node) && partAt(other.shape, node.path) !== null
          ? S.presence(other.alias, other.source, node.path, node.type)
          : node
      case "Table":
      case "Derived":
      case "Cte":
        return isOf(node) || isOther(node) ? other.relation : node
      default:
        return node
    }
  }
  const pointed = <N extends R.Relation>(root: N): N =>
    rewrite(root, (part) => ("returned" in part ? part : moved(part)))
  /** Whether the other source stands in the query already, by now pointed to itself within. */
  const isOther = (node: R.Relation & { readonly alias: string }): boolean => {
    if (node.alias !== other.alias || node._tag === "Table" || asking) return false
    asking = true
    const same = pointed(other.relation)
    asking = false
    return node.key === same.key && node.binds.every((bind, i) => bind === same.binds[i])
  }
  let asking = false
  return (self) => {
    const node = pointed(self.node)
    return (node === self.node ? self : query(node)) as never
  }
}
