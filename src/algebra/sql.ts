import { typeOfPlain } from "./Case.ts"
import { type Expr, expr, isExpr, lift } from "./Expression.ts"
import { type From, FromId } from "./From.ts"
import { projection } from "./block.ts"
import type { TableSource } from "./nodes.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { Statement } from "./Statement.ts"
import { saidFor } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, Type } from "./Type.ts"
import { isTemplate } from "./template.ts"
import * as T from "./types.ts"
import type { RequiredOf, Value } from "./Value.ts"

/**
 * SQL by hand, anywhere an expression stands: literal parts, and holes that are bound or embedded.
 *
 * **Shape** the type gives the value, which may be NULL; the holes give the scope. A plain value is
 * sent as a parameter, an expression is embedded, a query too, in parentheses. `tables` declares
 * what the text itself reads, `[]` nothing: for `audit`, and to stand under policies of others.
 * `volatile` declares that it draws: `` sql(Type.double, { volatile: true })`random()` `` is never
 * said twice for one value. Undeclared, a text is taken for one that answers alike.
 * Text that the program puts together comes through `unsafeSql` alone.
 * **Errors** `StatementError` when called other than as a template tag, for an `undefined` hole, or
 * for one that is no expression, text, number, bigint, boolean or null.
 * **Source** SQLAlchemy 2.0 `text`, `literal_column`.
 *
 * @example
 * ```ts
 * import { Database, Query, Type, sql } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(sql(Type.integer)`abs(${-7})`))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 7
 * ```
 * @category constructors
 */
export const sql =
  <A>(type: Type<A>, options: SqlOptions = {}) =>
  <const H extends ReadonlyArray<Hole>>(
    parts: TemplateStringsArray,
    ...holes: H
  ): Expr<A | null, HoleNeeds<H[number]>> =>
    expr(
      S.raw(
        literalParts(parts, "sql"),
        holeNodes(holes, type, "sql"),
        type,
        tablesOf(options),
        options.volatile
      )
    )

/**
 * What is known of a text of SQL.
 *
 * @category models
 */
export interface RawOptions {
  /** The tables it reads, beside those of its holes: policies and audits must know them. */
  readonly tables?: ReadonlyArray<From<any, any>>
}

/**
 * What is known of a text of SQL that is an expression.
 *
 * @category models
 */
export interface SqlOptions extends RawOptions {
  /**
   * It may have another value each time it is asked, as `random()`: it is said where it stands and
   * nowhere else, or the statement is refused. The text itself is never read for that.
   */
  readonly volatile?: boolean
}

export const literalParts = (parts: TemplateStringsArray, asked: string): ReadonlyArray<string> =>
  isTemplate(parts) ? [...parts] : refuse(`${asked}: use it as a template tag: ${asked}(…)\`…\``)

/** What stands in the holes: values are bound, expressions and statements embedded. */
export const holeNodes = (
  holes: ReadonlyArray<unknown>,
  type: AnyType,
  asked: string
): ReadonlyArray<Scalar> =>
  holes.map((hole) => {
    if (isExpr(hole)) return hole.node
    if (hole === null) return S.bound(null, type)
    const query = typeof hole === "object" && "node" in hole ? (hole.node as Relation) : null
    if (query === null) return lift(hole, typeOfPlain(hole), asked)
    const fields = projection(query)?.fields
    return fields === undefined || fields.length === 0
      ? refuse(`${asked}: the statement in a hole gives no rows`)
      : S.subquery(query, T.tuple(fields.map((field) => field.type)))
  })

export const tablesOf = ({ tables }: RawOptions): ReadonlyArray<TableSource> | null =>
  tables?.map((one) => {
    const source = saidFor(one[FromId].source)
    return source._tag === "TableSource" ? source : refuse("tables: one of them is not a table")
  }) ?? null

/** What a hole requires. */
export type HoleNeeds<H> =
  H extends Value<any, any> ? RequiredOf<H> : H extends Statement<any, infer R> ? R : never

/**
 * What a hole of `sql` takes: an expression, or a plain value to be bound.
 *
 * @category models
 */
export type Hole =
  | Value<any, any>
  | (Statement<any, any> & { readonly node: Relation })
  | string
  | number
  | bigint
  | boolean
  | null
