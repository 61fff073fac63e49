import { type Expr, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { Hstore } from "../types/exact/documents.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"
import { postgresOnly } from "./postgresOnly.ts"

type Key = string | Expr<string | null, unknown>
type Map = Hstore | Expr<Hstore | null, unknown>

const mapOf = ({ node }: Value<unknown, unknown>, asked: string): S.Scalar =>
  node.type.key === T.hstore.key ? node : refuse(`${asked}: ${node.type.key} is no hstore`)

/** A list of keys, as a parameter. */
const keysOf = (keys: ReadonlyArray<string>, asked: string): S.Scalar =>
  Array.isArray(keys) ? S.bound(keys, T.array(T.text)) : refuse(`${asked}: the keys are no list`)

/**
 * `->`: the text an hstore has for a key; NULL where it has NULL, and where it has no such key.
 *
 * **Errors** `StatementError` for what is no hstore; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `HSTORE.Comparator`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const red = Query.from(things).where(Fn.hstoreGet(things.c.facts, "colour").eq("red"))
 * ```
 * @category combinators
 */
export const hstoreGet = <A extends Hstore | null, R, K extends Key>(
  map: Value<A, R>,
  key: K
): Expr<string | null, R | RequiredOf<K>> =>
  postgresOnly(
    "hstoreGet",
    [mapOf(map, "hstoreGet"), lift(key, T.text, "hstoreGet")],
    ["(", " -> ", ")"],
    T.text
  )

/**
 * `?`: whether an hstore has a key, whatever it has for it. NULL stays NULL.
 *
 * **Errors** as `hstoreGet`.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `HSTORE.Comparator.has_key`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const sized = Query.from(things).where(Fn.hstoreHas(things.c.facts, "size"))
 * ```
 * @category combinators
 */
export const hstoreHas = <A extends Hstore | null, R, K extends Key>(
  map: Value<A, R>,
  key: K
): Expr<boolean | (A & null) | NullOf<K>, R | RequiredOf<K>> =>
  postgresOnly(
    "hstoreHas",
    [mapOf(map, "hstoreHas"), lift(key, T.text, "hstoreHas")],
    ["exist(", ", ", ")"],
    T.boolean
  )

/**
 * `?&`: whether an hstore has all of some keys. NULL stays NULL.
 *
 * **Errors** as `hstoreGet`.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `HSTORE.Comparator.has_all`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const both = Query.from(things).where(Fn.hstoreHasKeys(things.c.facts, ["size", "colour"]))
 * ```
 * @category combinators
 */
export const hstoreHasKeys = <A extends Hstore | null, R>(
  map: Value<A, R>,
  keys: ReadonlyArray<string>
): Expr<boolean | (A & null), R> =>
  postgresOnly(
    "hstoreHasKeys",
    [mapOf(map, "hstoreHasKeys"), keysOf(keys, "hstoreHasKeys")],
    ["exists_all(", ", ", ")"],
    T.boolean
  )

/**
 * `?|`: whether an hstore has one of some keys. NULL stays NULL.
 *
 * **Errors** as `hstoreGet`.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `HSTORE.Comparator.has_any`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const some = Query.from(things).where(Fn.hstoreHasAnyKey(things.c.facts, ["size", "weight"]))
 * ```
 * @category combinators
 */
export const hstoreHasAnyKey = <A extends Hstore | null, R>(
  map: Value<A, R>,
  keys: ReadonlyArray<string>
): Expr<boolean | (A & null), R> =>
  postgresOnly(
    "hstoreHasAnyKey",
    [mapOf(map, "hstoreHasAnyKey"), keysOf(keys, "hstoreHasAnyKey")],
    ["exists_any(", ", ", ")"],
    T.boolean
  )

/**
 * `@>`: whether an hstore has all that another has, NULL for NULL. NULL stays NULL.
 *
 * **Shape** the other way round it is `<@`.
 * **Errors** as `hstoreGet`.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `HSTORE.Comparator.contains`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const red = Query.from(things).where(Fn.hstoreContains(things.c.facts, { colour: "red" }))
 * ```
 * @category combinators
 */
export const hstoreContains = <A extends Hstore | null, R, O extends Map>(
  map: Value<A, R>,
  part: O
): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>> =>
  postgresOnly(
    "hstoreContains",
    [mapOf(map, "hstoreContains"), lift(part, T.hstore, "hstoreContains")],
    ["hs_contains(", ", ", ")"],
    T.boolean
  )

/**
 * `||`: an hstore with what another one has, which wins where both have a key. NULL stays NULL.
 *
 * **Errors** as `hstoreGet`.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `HSTORE.Comparator`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const paint = Query.update(things).set({
 *   facts: Fn.hstoreConcat(things.c.facts, { colour: "red" })
 * })
 * ```
 * @category combinators
 */
export const hstoreConcat = <A extends Hstore | null, R, O extends Map>(
  map: Value<A, R>,
  more: O
): Expr<Hstore | (A & null) | NullOf<O>, R | RequiredOf<O>> =>
  postgresOnly(
    "hstoreConcat",
    [mapOf(map, "hstoreConcat"), lift(more, T.hstore, "hstoreConcat")],
    ["hs_concat(", ", ", ")"],
    T.hstore
  )

/**
 * `-`: an hstore without some keys. NULL stays NULL.
 *
 * **Errors** as `hstoreGet`.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `HSTORE.Comparator.delete`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const bare = Query.from(things).select(Fn.hstoreWithout(things.c.facts, ["size"]))
 * ```
 * @category combinators
 */
export const hstoreWithout = <A extends Hstore | null, R>(
  map: Value<A, R>,
  keys: ReadonlyArray<string>
): Expr<Hstore | (A & null), R> =>
  postgresOnly(
    "hstoreWithout",
    [mapOf(map, "hstoreWithout"), keysOf(keys, "hstoreWithout")],
    ["delete(", ", ", ")"],
    T.hstore
  )

/**
 * The keys of an hstore, as a list in no order. NULL stays NULL.
 *
 * **Errors** as `hstoreGet`.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `HSTORE.Comparator.keys`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const keys = Query.from(things).select(Fn.hstoreKeys(things.c.facts))
 * ```
 * @category combinators
 */
export const hstoreKeys = <A extends Hstore | null, R>(
  map: Value<A, R>
): Expr<ReadonlyArray<string> | (A & null), R> =>
  postgresOnly("hstoreKeys", [mapOf(map, "hstoreKeys")], ["akeys(", ")"], T.array(T.text))

/**
 * The values of an hstore, as a list in the order of `hstoreKeys`. NULL stays NULL.
 *
 * **Errors** as `hstoreGet`.
 * **Source** PostgreSQL manual F.17; SQLAlchemy 2.0 `HSTORE.Comparator.vals`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const things = Table.make("things", { id: Column.id(), facts: Column.make(Type.hstore) })
 * const values = Query.from(things).select(Fn.hstoreValues(things.c.facts))
 * ```
 * @category combinators
 */
export const hstoreValues = <A extends Hstore | null, R>(
  map: Value<A, R>
): Expr<ReadonlyArray<string | null> | (A & null), R> =>
  postgresOnly(
    "hstoreValues",
    [mapOf(map, "hstoreValues")],
    ["avals(", ")"],
    T.array(T.text, { nulls: true })
  )
