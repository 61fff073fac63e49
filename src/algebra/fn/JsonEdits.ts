import { type Expr, expr, isExpr, type Leg, type Part, partOf } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import { jsonBox, jsonPart } from "../types/json.ts"
import type { RequiredOf, Value } from "../Value.ts"
import { documentOf } from "./Json.ts"

type Path = ReadonlyArray<string | number>

/** What a document is given: a value of its schema, JSON's null too, or an expression. */
type Given<A> = A | Expr<A | null, unknown>

type Edited<B, R, V> = Expr<B, R | RequiredOf<V>>

/** Kinds of SQL values that JSON has as they are. */
const plain: ReadonlySet<string> = new Set([
  "Json",
  "Text",
  "Varchar",
  "Enum",
  "Uuid",
  "Smallint",
  "Integer",
  "Double",
  "Boolean"
])

const given = (that: unknown, part: AnyType, asked: string): S.Scalar => {
  if (!isExpr(that))
    return that === undefined
      ? refuse(`${asked}: the value is undefined`)
      : S.bound([that], jsonBox(part))
  const { node } = that
  return plain.has(node.type.sql._tag)
    ? node
    : refuse(`${asked}: JSON has no value for a ${node.type.sql._tag}`)
}

/** The document and the type of what its schema says stands at a path. */
const target = (
  document: Value<unknown, unknown>,
  path: Path,
  asked: string
): readonly [S.Scalar, AnyType] => {
  const self = documentOf(document, asked)
  if (!Array.isArray(path)) return refuse(`${asked}: the path is no list of keys and places`)
  return [self, path.reduce(partOf, self.type)]
}

interface JsonSet {
  <B, R, K extends Leg<B>, V extends Given<Part<B, K>>>(
    document: Value<B, R>,
    path: readonly [K],
    value: V
  ): Edited<B, R, V>
  <B, R, K extends Leg<B>, L extends Leg<Part<B, K>>, V extends Given<Part<Part<B, K>, L>>>(
    document: Value<B, R>,
    path: readonly [K, L],
    value: V
  ): Edited<B, R, V>
  <
    B,
    R,
    K extends Leg<B>,
    L extends Leg<Part<B, K>>,
    M extends Leg<Part<Part<B, K>, L>>,
    V extends Given<Part<Part<Part<B, K>, L>, M>>
  >(
    document: Value<B, R>,
    path: readonly [K, L, M],
    value: V
  ): Edited<B, R, V>
  <
    B,
    R,
    K extends Leg<B>,
    L extends Leg<Part<B, K>>,
    M extends Leg<Part<Part<B, K>, L>>,
    N extends Leg<Part<Part<Part<B, K>, L>, M>>,
    V extends Given<Part<Part<Part<Part<B, K>, L>, M>, N>>
  >(
    document: Value<B, R>,
    path: readonly [K, L, M, N],
    value: V
  ): Edited<B, R, V>
}

/**
 * A document with a value at the end of a path: under a key of a record, which it may lack before,
 * or at a place that a list has. NULL stays NULL.
 *
 * **Shape** typed by the document's schema; `null` and NULL become JSON's null. Where the path
 * leads to no record, or the list has no such place, the document is as it was.
 * **SQL** `json_set` on sqlite, mysql and mariadb, `jsonb_set` on postgres, behind a question
 * whether the path leads somewhere.
 * **Errors** `StatementError` for what is no document of a schema that says what is there, and for
 * an expression JSON has no value for.
 * **Source** SQLAlchemy 2.0 "JSON" subscript targets of UPDATE; PostgreSQL manual 9.16.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const shape = Type.json(Schema.Struct({ name: Schema.String }))
 * const before = Expr.value({ name: "Ada" }, shape)
 * const answer = Database.one(Query.select(Fn.jsonSet(before, ["name"], "Bob")))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => { name: "Bob" }
 * ```
 * @category combinators
 */
export const jsonSet: JsonSet = (
  document: Value<unknown, unknown>,
  path: Path,
  value: unknown
): never => {
  const [self, part] = target(document, path, "jsonSet")
  const last = path.at(-1)
  if (last === undefined) return refuse("jsonSet: the path is empty")
  const change =
    typeof last === "string"
      ? ({ edit: "set", path: path.slice(0, -1), keys: [last] } as const)
      : ({ edit: "replace", path, keys: [] } as const)
  return expr(S.jsonEdit(self, change, [given(value, part, "jsonSet")], self.type)) as never
}

/** Some keys of a record with what they are given. */
type Patch<A> = unknown extends A
  ? { readonly [key: string]: Given<unknown> }
  : A extends ReadonlyArray<unknown>
    ? never
    : A extends object
      ? { readonly [K in keyof A]?: Given<Exclude<A[K], undefined>> | undefined }
      : never

type NeedsOf<P> = RequiredOf<P[keyof P]>

interface JsonMerge {
  <B, R, const P extends Patch<B>>(
    document: Value<B, R>,
    path: readonly [],
    patch: P
  ): Expr<B, R | NeedsOf<P>>
  <B, R, K extends Leg<B>, const P extends Patch<Part<B, K>>>(
    document: Value<B, R>,
    path: readonly [K],
    patch: P
  ): Expr<B, R | NeedsOf<P>>
  <B, R, K extends Leg<B>, L extends Leg<Part<B, K>>, const P extends Patch<Part<Part<B, K>, L>>>(
    document: Value<B, R>,
    path: readonly [K, L],
    patch: P
  ): Expr<B, R | NeedsOf<P>>
}

/**
 * A document whose record at a path has some keys set; the others stay. NULL stays NULL.
 *
 * **Shape** as `jsonSet` of each key, in one step; `undefined` is absence. Only the keys that are
 * given are set: what is in their old values is not kept.
 * **Errors** as `jsonSet`, and for no keys at all.
 * **Source** PostgreSQL manual 9.16, `jsonb || jsonb`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const shape = Type.json(Schema.Struct({ a: Schema.Number, b: Schema.Number, c: Schema.Number }))
 * const before = Expr.value({ a: 1, b: 2, c: 3 }, shape)
 * const answer = Database.one(Query.select(Fn.jsonMerge(before, [], { a: 0, b: 0 })))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => { a: 0, b: 0, c: 3 }
 * ```
 * @category combinators
 */
export const jsonMerge: JsonMerge = (
  document: Value<unknown, unknown>,
  path: Path,
  patch: Readonly<Record<string, unknown>>
): never => {
  const [self, part] = target(document, path, "jsonMerge")
  const keys = Object.keys(patch).filter((key) => patch[key] !== undefined)
  if (keys.length === 0) return refuse("jsonMerge: no keys are given")
  const values = keys.map((key) => given(patch[key], partOf(part, key), "jsonMerge"))
  return expr(S.jsonEdit(self, { edit: "set", path, keys }, values, self.type)) as never
}

/** The elements of a list; of what nobody knows, anything. */
type ElementOf<A> = unknown extends A ? unknown : A extends ReadonlyArray<infer E> ? E : never

interface JsonAppend {
  <B, R, V extends Given<ElementOf<B>>>(
    document: Value<B, R>,
    path: readonly [],
    value: V
  ): Edited<B, R, V>
  <B, R, K extends Leg<B>, V extends Given<ElementOf<Part<B, K>>>>(
    document: Value<B, R>,
    path: readonly [K],
    value: V
  ): Edited<B, R, V>
  <
    B,
    R,
    K extends Leg<B>,
    L extends Leg<Part<B, K>>,
    V extends Given<ElementOf<Part<Part<B, K>, L>>>
  >(
    document: Value<B, R>,
    path: readonly [K, L],
    value: V
  ): Edited<B, R, V>
}

/**
 * A document with one more element at the end of the list at a path. NULL stays NULL.
 *
 * **Shape** `null` and NULL become JSON's null. Where there is no list the document is as it was.
 * **Errors** as `jsonSet`.
 * **Source** MySQL manual 14.17.4, `JSON_ARRAY_APPEND`; PostgreSQL manual 9.16, `jsonb_insert`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const shape = Type.json(Schema.Struct({ tags: Schema.Array(Schema.String) }))
 * const more = Fn.jsonAppend(Expr.value({ tags: ["sql"] }, shape), ["tags"], "effect")
 * const answer = Database.one(Query.select(more))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => { tags: ["sql", "effect"] }
 * ```
 * @category combinators
 */
export const jsonAppend: JsonAppend = (
  document: Value<unknown, unknown>,
  path: Path,
  value: unknown
): never => {
  const [self, part] = target(document, path, "jsonAppend")
  const element = jsonPart(part, 0) ?? refuse(`jsonAppend: ${part.key} has no elements`)
  const values = [given(value, element, "jsonAppend")]
  return expr(S.jsonEdit(self, { edit: "append", path, keys: [] }, values, self.type)) as never
}

interface JsonRemove {
  <B, R, K extends Leg<B>>(document: Value<B, R>, path: readonly [K]): Expr<B, R>
  <B, R, K extends Leg<B>, L extends Leg<Part<B, K>>>(
    document: Value<B, R>,
    path: readonly [K, L]
  ): Expr<B, R>
  <B, R, K extends Leg<B>, L extends Leg<Part<B, K>>, M extends Leg<Part<Part<B, K>, L>>>(
    document: Value<B, R>,
    path: readonly [K, L, M]
  ): Expr<B, R>
}

/**
 * A document without what is at a path: a key of a record, or an element of a list, those behind it
 * moving up. NULL stays NULL.
 *
 * **Shape** where nothing is there the document is as it was. A document that its schema no longer
 * describes is refused when it is read.
 * **Errors** `StatementError` for what is no document of a schema that says what is there.
 * **Source** PostgreSQL manual 9.16, `#-`; SQLAlchemy 2.0 `JSONB.Comparator.delete_path`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const shape = Type.json(Schema.Struct({ tags: Schema.Array(Schema.String) }))
 * const less = Fn.jsonRemove(Expr.value({ tags: ["sql", "effect"] }, shape), ["tags", 0])
 * const answer = Database.one(Query.select(less))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => { tags: ["effect"] }
 * ```
 * @category combinators
 */
export const jsonRemove: JsonRemove = (document: Value<unknown, unknown>, path: Path): never => {
  const [self] = target(document, path, "jsonRemove")
  if (path.length === 0) return refuse("jsonRemove: the path is empty")
  return expr(S.jsonEdit(self, { edit: "remove", path, keys: [] }, [], self.type)) as never
}
