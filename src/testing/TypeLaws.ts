/**
 * The laws of a type, put to a database: what was written is found and read, flat and nested.
 */
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Catalog from "../algebra/schema/Catalog.ts"
import * as Column from "../algebra/schema/Column.ts"
import * as Fn from "../algebra/Fn.ts"
import * as Query from "../algebra/Query.ts"
import * as Table from "../algebra/schema/Table.ts"
import type { Type } from "../algebra/Type.ts"
import { Database } from "../effects/Database.ts"
import type { DatabaseError } from "../effects/DatabaseError.ts"

/**
 * A law of types.
 *
 * **Shape** `read`: a row gives what was written. `nested`: so does a record in a record of a
 * derived table. `listed`: so does a JSON array the server makes. `found`: a filter of the value
 * finds its row. `joined`: a stored value equals itself stored again. `refused`: a value the type
 * has not is `EncodeFailed`, and nothing is stored.
 *
 * @category models
 */
export type Law = "read" | "nested" | "listed" | "found" | "joined" | "refused"

/**
 * A value for which a law does not hold.
 *
 * @category models
 */
export interface Broken {
  readonly law: Law
  readonly value: unknown
  readonly found: unknown
}

/**
 * What is put to the laws beside the values.
 *
 * @category models
 */
export interface Options<A> {
  /** Values of other types, or of this one that it cannot hold. */
  readonly refused?: ReadonlyArray<unknown>
  /** Whether two values are one; `Equal.equals` unless said. */
  readonly same?: (one: A, other: A) => boolean
  /** Laws that are not asked, where the server has no such question: JSON has no equality there. */
  readonly except?: ReadonlyArray<Law>
}

/** How many values are compared in one statement. */
const together = 100

/**
 * The laws that do not hold for some values of a type: none, for a type that is right.
 *
 * **Shape** makes two tables of its own, named `type_laws_…`, and drops them. NULL is
 * always one of the values.
 * **Laws** L33, L24: `decode(encode(a)) = a` through the server, in rows and in JSON.
 * **Errors** those of the statements, for a server that refuses a value the codec has let pass.
 * **Source** SQLAlchemy 2.0 `sqlalchemy.testing.suite.test_types`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { TypeLaws } from "athanor/testing"
 * import { Effect } from "effect"
 * const laws = TypeLaws.broken(Type.varchar(3), ["", "abc", "日本語"], { refused: ["abcd", 7] })
 * await Effect.runPromise(Effect.provide(laws, Sqlite.layer())) // => []
 * ```
 * @category laws
 */
export const broken = <A>(
  type: Type<A>,
  values: ReadonlyArray<A>,
  options: Options<A> = {}
): Effect.Effect<ReadonlyArray<Broken>, DatabaseError, Database> =>
  // What the values are no statement needs to know: text stands for them in its types.
  brokenOf(type as unknown as Type<string>, values as never, options as never)

const brokenOf = (
  type: Type<string>,
  values: ReadonlyArray<string>,
  { except = [], refused = [], same = Equal.equals }: Options<string>
): Effect.Effect<ReadonlyArray<Broken>, DatabaseError, Database> => {
  // Of its own name for each type: servers remember of what type the last table's columns were.
  const name = `type_laws_${(Hash.string(type.key) >>> 0).toString(36)}`
  const [table, copy] = [name, `${name}_again`].map((one) =>
    Table.make(one, { id: Column.integer().primaryKey(), value: Column.make(type).nullable() })
  ) as unknown as readonly [Held, Held]
  const one = Query.alias(table, "one")
  const again = Query.alias(copy, "again")
  const catalog = Catalog.make({ table, copy })
  const rows = [null, ...values].map((value, id) => ({ id, value }))

  /** Values by the number of their row, as something gave them. */
  const differing =
    (law: Law) =>
    (found: ReadonlyArray<string | null>): ReadonlyArray<Broken> =>
      rows.flatMap(({ id, value }) => {
        const back = found[id] ?? null
        const isSame = value === null || back === null ? value === back : same(value, back)
        return isSame ? [] : [{ law, value, found: found[id] }]
      })
  /** Rows a condition did not find. */
  const missing =
    (law: Law) =>
    (ids: ReadonlyArray<number>): ReadonlyArray<Broken> => {
      const known = new Set(ids)
      return rows.flatMap(({ id, value }) =>
        value === null || known.has(id) ? [] : [{ law, value, found: undefined }]
      )
    }

  const ordered = Query.from(one).orderBy(one.c.id)
  const deep = ordered.select({ id: one.c.id, deep: { value: one.c.value } }).as("deep")
  const nested = Query.from(deep)
    .orderBy(deep.c.id)
    .select({ in: { value: deep.c.deep.value } })
  const joined = Query.from(one)
    .join(again, again.c.value.eq(one.c.value).and(again.c.id.eq(one.c.id)))
    .select(one.c.id)
  const among = (some: ReadonlyArray<{ readonly id: number; readonly value: string | null }>) =>
    Query.from(one)
      .where(some.map(({ id, value }) => one.c.id.eq(id).and(one.c.value.eq(value!))).reduce(or))
      .select(one.c.id)
  const refusedOne = (value: unknown) =>
    Effect.map(
      Effect.result(Database.run(Query.insert(table).values({ id: -1, value: value as string }))),
      (result): ReadonlyArray<Broken> =>
        result._tag === "Failure" && result.failure._tag === "EncodeFailed"
          ? []
          : [{ law: "refused", value, found: result }]
    )

  const laws: { readonly [L in Law]: Asked } = {
    read: Effect.map(Database.all(ordered.select(one.c.value)), differing("read")),
    nested: Effect.map(Database.all(nested), (found) =>
      differing("nested")(found.map((row) => row.in.value))
    ),
    listed: Effect.map(
      Database.all(ordered.groupBy(one.c.id).select(Fn.jsonAgg(one.c.value))),
      (found) => differing("listed")(found.map((list) => list?.[0] ?? null))
    ),
    joined: Effect.map(Database.all(joined), missing("joined")),
    found: Effect.map(
      Effect.forEach(chunked(rows.slice(1), together), (some) => Database.all(among(some))),
      (ids) => missing("found")(ids.flat())
    ),
    refused: Effect.map(Effect.forEach(refused, refusedOne), (found) => found.flat())
  }
  const asked = (Object.keys(laws) as ReadonlyArray<Law>).filter((law) => !except.includes(law))
  const put = Effect.forEach([Query.insert(table), Query.insert(copy)], (into) =>
    Database.run(into.rows(rows))
  )
  return Effect.acquireUseRelease(
    Database.create(catalog),
    () =>
      Effect.andThen(
        put,
        Effect.map(
          Effect.forEach(asked, (law) => laws[law]),
          (found) => found.flat()
        )
      ),
    () => Database.drop(catalog)
  )
}

type Held = Table.Table<
  "held",
  { readonly id: Column.Column<number>; readonly value: Column.Column<string | null, "optional"> }
>

type Asked = Effect.Effect<ReadonlyArray<Broken>, DatabaseError, Database>

const or = <A extends { readonly or: (that: A) => unknown }>(one: A, other: A): A =>
  one.or(other) as A

const chunked = <A>(list: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size)
  )
