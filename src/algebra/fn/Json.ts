import { type Expr, expr } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { Type } from "../Type.ts"
import * as T from "../types.ts"
import type { Value } from "../Value.ts"

/** The node of a document; anything else is refused. */
export const documentOf = <A, R>({ node }: Value<A, R>, asked: string): S.Scalar =>
  node.type.sql._tag === "Json"
    ? node
    : refuse(`${asked}: ${node.type.sql._tag} is no JSON document`)

const kinds: ReadonlySet<string> = new Set([
  "Text",
  "Varchar",
  "Smallint",
  "Integer",
  "Bigint",
  "Double",
  "Numeric",
  "Boolean"
])

/**
 * The one value of a document as a value of SQL: a string as text, a number as a number, a boolean.
 *
 * **Shape** NULL where the document is NULL, where it is JSON's null and where it holds another
 * kind of value: no text becomes a number. A fraction is cut for a type of whole numbers, and
 * rounded to the scale of a decimal, half away from zero.
 * **Errors** `StatementError` for what is no document, and for a type of another kind;
 * `DecodeFailed` or the server's error for a number beyond the type.
 * **Source** SQLAlchemy 2.0 `JSON.Comparator.as_string`, `as_integer`, `as_float`, `as_boolean`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const shape = Type.json(Schema.Struct({ age: Schema.Number }))
 * const age = Fn.jsonAs(Expr.value({ age: 41 }, shape).at("age"), Type.integer)
 * const answer = Database.one(Query.select(age.add(1)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 42
 * ```
 * @category combinators
 */
export const jsonAs = <A, R, B extends NonNullable<unknown>>(
  value: Value<A, R>,
  type: Type<B>
): Expr<B | null, R> =>
  kinds.has(type.sql._tag)
    ? expr(S.call("jsonAs", [documentOf(value, "jsonAs")], type))
    : refuse(`jsonAs: no value of JSON is a ${type.sql._tag}`)

/**
 * The kind of a document: `object`, `array`, `string`, `number`, `boolean` or `null`; NULL of NULL.
 *
 * **Shape** what tells JSON's null, which is a value, from NULL, which is none.
 * **Errors** `StatementError` for what is no document.
 * **Source** PostgreSQL manual 9.16, `jsonb_typeof`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const shape = Type.json(Schema.Struct({ age: Schema.NullOr(Schema.Number) }))
 * const age = Expr.value({ age: null }, shape).at("age")
 * const answer = Database.one(Query.select(Fn.jsonType(age)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "null"
 * ```
 * @category combinators
 */
export const jsonType = <A, R>(
  value: Value<A, R>
): Expr<"object" | "array" | "string" | "number" | "boolean" | "null" | null, R> =>
  expr(S.call("jsonType", [documentOf(value, "jsonType")], T.text))

/**
 * The number of elements of a document that is a list; NULL of another document and of NULL.
 *
 * **Errors** `StatementError` for what is no document.
 * **Source** PostgreSQL manual 9.16, `jsonb_array_length`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const tags = Expr.value(["sql", "effect"], Type.json(Schema.Array(Schema.String)))
 * const answer = Database.one(Query.select(Fn.jsonLength(tags)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 2
 * ```
 * @category combinators
 */
export const jsonLength = <A, R>(value: Value<A, R>): Expr<number | null, R> =>
  expr(S.call("jsonLength", [documentOf(value, "jsonLength")], T.integer))
