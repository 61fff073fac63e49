import { type Expr, expr, type Leg, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import { anyJson, anyJsonList } from "../types/json.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"
import { documentOf } from "./Json.ts"

/** Some of a document: of records some keys, of lists some elements. */
type Some<A> = unknown extends A
  ? unknown
  : A extends ReadonlyArray<infer E>
    ? ReadonlyArray<Some<E>>
    : A extends object
      ? { readonly [K in keyof A]?: Some<A[K]> }
      : A

const compared = (
  name: "jsonContains" | "jsonContainedBy",
  document: Value<unknown, unknown>,
  that: unknown
): Expr<never, never> =>
  expr(S.call(name, [documentOf(document, name), lift(that, anyJson, name)], T.boolean))

/**
 * `@>`: whether a document has all of another: of its records at least the keys, of its lists at
 * least the elements, in any order. NULL stays NULL.
 *
 * **Shape** at the top a list has its elements too. The part is JSON as it is stored.
 * **Errors** `StatementError` for what is no document; `Unsupported` but on postgres: MariaDB's
 * takes an element for a list of itself at any depth.
 * **Source** PostgreSQL manual 8.14.3; SQLAlchemy 2.0 `JSONB.Comparator.contains`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * import { Schema } from "effect"
 * const shape = Type.json(Schema.Struct({ tags: Schema.Array(Schema.String) }))
 * const users = Table.make("users", { id: Column.id(), profile: Column.make(shape) })
 * const tagged = Query.from(users).where(Fn.jsonContains(users.c.profile, { tags: ["sql"] }))
 * ```
 * @category combinators
 */
export const jsonContains = <A, R, O extends Some<NonNullable<A>> | Expr<unknown, unknown>>(
  document: Value<A, R>,
  part: O
): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>> =>
  compared("jsonContains", document, part)

/**
 * `<@`: whether another document has all of this one. NULL stays NULL.
 *
 * **Errors** as `jsonContains`.
 * **Source** PostgreSQL manual 8.14.3; SQLAlchemy 2.0 `JSONB.Comparator.contained_by`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * import { Schema } from "effect"
 * const tags = Column.make(Type.json(Schema.Array(Schema.String)))
 * const users = Table.make("users", { id: Column.id(), tags })
 * const known = Query.from(users).where(Fn.jsonContainedBy(users.c.tags, ["sql", "effect"]))
 * ```
 * @category combinators
 */
export const jsonContainedBy = <A, R, O extends NonNullable<unknown>>(
  document: Value<A, R>,
  whole: O
): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>> =>
  compared("jsonContainedBy", document, whole)

const keyed = (
  name: "jsonHasKeys" | "jsonHasAnyKey",
  document: Value<unknown, unknown>,
  keys: ReadonlyArray<unknown>
): Expr<never, never> =>
  Array.isArray(keys)
    ? expr(S.call(name, [documentOf(document, name), S.bound(keys, T.array(T.text))], T.boolean))
    : refuse(`${name}: the keys are no list`)

/**
 * `?&`: whether a document is a record that has all of some keys. NULL stays NULL.
 *
 * **Shape** of one key, `at(key).isNotNull()` asks on every database.
 * **Errors** `StatementError` for what is no document; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.16; SQLAlchemy 2.0 `JSONB.Comparator.has_all`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * import { Schema } from "effect"
 * const shape = Type.json(Schema.Record(Schema.String, Schema.Number))
 * const users = Table.make("users", { id: Column.id(), scores: Column.make(shape) })
 * const both = Query.from(users).where(Fn.jsonHasKeys(users.c.scores, ["go", "chess"]))
 * ```
 * @category combinators
 */
export const jsonHasKeys = <A, R>(
  document: Value<A, R>,
  keys: ReadonlyArray<Leg<A>>
): Expr<boolean | (A & null), R> => keyed("jsonHasKeys", document, keys)

/**
 * `?|`: whether a document is a record that has one of some keys. NULL stays NULL.
 *
 * **Errors** as `jsonHasKeys`.
 * **Source** PostgreSQL manual 9.16; SQLAlchemy 2.0 `JSONB.Comparator.has_any`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * import { Schema } from "effect"
 * const shape = Type.json(Schema.Record(Schema.String, Schema.Number))
 * const users = Table.make("users", { id: Column.id(), scores: Column.make(shape) })
 * const either = Query.from(users).where(Fn.jsonHasAnyKey(users.c.scores, ["go", "chess"]))
 * ```
 * @category combinators
 */
export const jsonHasAnyKey = <A, R>(
  document: Value<A, R>,
  keys: ReadonlyArray<Leg<A>>
): Expr<boolean | (A & null), R> => keyed("jsonHasAnyKey", document, keys)

const byPath = (
  name: "jsonPathExists" | "jsonPathMatches" | "jsonPathQuery",
  document: Value<unknown, unknown>,
  path: unknown,
  type: AnyType
): Expr<never, never> =>
  expr(S.call(name, [documentOf(document, name), lift(path, T.text, name)], type))

/**
 * `@?`: whether a path of SQL's own language finds something in a document. NULL stays NULL.
 *
 * **Shape** the path is a value of the statement: no part of its text.
 * **Errors** `StatementError` for what is no document; `Unsupported` but on postgres; the server's
 * error for what is no path.
 * **Source** SQL:2016 part 2, 9.39 path language; PostgreSQL manual 9.16.2.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * import { Schema } from "effect"
 * const tags = Column.make(Type.json(Schema.Array(Schema.String)))
 * const users = Table.make("users", { id: Column.id(), tags })
 * const found = Query.from(users).where(Fn.jsonPathExists(users.c.tags, '$[*] ? (@ == "sql")'))
 * ```
 * @category combinators
 */
export const jsonPathExists = <A, R>(
  document: Value<A, R>,
  path: string
): Expr<boolean | (A & null), R> => byPath("jsonPathExists", document, path, T.boolean)

/**
 * `@@`: what a path of SQL's own language that is a condition says of a document; NULL where it
 * says nothing, and of NULL.
 *
 * **Errors** as `jsonPathExists`.
 * **Source** PostgreSQL manual 9.16.2, `jsonb_path_match`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * import { Schema } from "effect"
 * const shape = Column.make(Type.json(Schema.Struct({ age: Schema.Number })))
 * const users = Table.make("users", { id: Column.id(), profile: shape })
 * const adult = Query.from(users).where(Fn.jsonPathMatches(users.c.profile, "$.age >= 18"))
 * ```
 * @category combinators
 */
export const jsonPathMatches = <A, R>(
  document: Value<A, R>,
  path: string
): Expr<boolean | null, R> => byPath("jsonPathMatches", document, path, T.boolean)

/**
 * All that a path of SQL's own language finds in a document, as a list. NULL stays NULL.
 *
 * **Errors** as `jsonPathExists`.
 * **Source** PostgreSQL manual 9.16.2, `jsonb_path_query_array`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * import { Schema } from "effect"
 * const tags = Column.make(Type.json(Schema.Array(Schema.String)))
 * const users = Table.make("users", { id: Column.id(), tags })
 * const found = Query.from(users).select(Fn.jsonPathQuery(users.c.tags, "$[0 to 1]"))
 * ```
 * @category combinators
 */
export const jsonPathQuery = <A, R>(
  document: Value<A, R>,
  path: string
): Expr<ReadonlyArray<unknown> | (A & null), R> =>
  byPath("jsonPathQuery", document, path, anyJsonList)
