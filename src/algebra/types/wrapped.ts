import { type DialectName, dialectNames } from "../Dialect.ts"
import type { Around, Exact, SqlType } from "../SqlType.ts"
import { refuse } from "../StatementError.ts"
import type { Type } from "../Type.ts"

/**
 * A text for each dialect, or one for all; a dialect that is not named has none.
 *
 * @category models
 */
export type Spelled = string | { readonly [D in DialectName | "default"]?: string }

const spelledOn = (spelled: Spelled | undefined, dialect: DialectName): string | null =>
  typeof spelled === "string" ? spelled : (spelled?.[dialect] ?? spelled?.default ?? null)

const perDialect = <A>(of: (dialect: DialectName) => A): Readonly<Record<DialectName, A>> =>
  Object.freeze(Object.fromEntries(dialectNames.map((one) => [one, of(one)]))) as Readonly<
    Record<DialectName, A>
  >

const hole = "{value}"

const around = (said: string | null, asked: string): Around => {
  if (said === null) return null
  const [before, after, ...more] = said.split(hole)
  return after === undefined || more.length > 0
    ? refuse(`wrapped: ${asked} does not hold ${hole} once`)
    : Object.freeze([before!, after] as const)
}

/**
 * How a wrapped type is said.
 *
 * @category models
 */
export interface WrappedOptions<A> {
  readonly name: string
  /** The type of a column of it; where a dialect has none, values of it are `Unsupported`. */
  readonly sql: Spelled
  /** The type of what is bound and read, whose codec converts. */
  readonly as: Type<A>
  /** The expression around a value that is written or compared: `ST_GeomFromText({value})`. */
  readonly write?: Spelled
  /** The expression around one that is selected: `ST_AsText({value})`. */
  readonly read?: Spelled
}

/**
 * A type whose values pass an expression of SQL on their way in, and another where they are
 * selected.
 *
 * **Shape** `write` stands around each value bound, in filters and lists too; `read` around what
 * the statement gives, once, however deep the query it comes from: inside of it values stay what
 * the server stores. What is read is what `as` says, so equal values must be read alike.
 * **Errors** `StatementError` for a text that does not hold `{value}` once; `Unsupported` with the
 * type's name on a dialect without `sql`; `EncodeFailed` from COPY, which takes no expressions.
 * **Source** SQLAlchemy 2.0 "Applying SQL-level Bind/Result Processing".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const folded = Type.wrapped({
 *   name: "folded", sql: "text", as: Type.text, write: "lower({value})"
 * })
 * const t = Table.make("t", { name: Column.make(folded) })
 * const add = Query.insert(t).values({ name: "Ann" }).returning(t.c.name)
 * const found = Query.from(t).where(t.c.name.eq("ANN"))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.one(add)), Effect.andThen(Database.all(found)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ name: "ann" }]
 * ```
 * @category types
 */
export const wrapped = <A>(options: WrappedOptions<A>): Type<A> => {
  const { as, name, read, sql, write } = options
  const column = perDialect((dialect) => spelledOn(sql, dialect))
  const exact: Exact = Object.freeze({ name, capability: name, column })
  const wrap = Object.freeze({
    as: as.sql,
    write: perDialect((dialect) => around(spelledOn(write, dialect), "write")),
    read: perDialect((dialect) => around(spelledOn(read, dialect), "read"))
  })
  const print = perDialect((dialect) => column[dialect] ?? name)
  const whole: SqlType = Object.freeze({ _tag: "Custom", print, exact, wrap })
  const said = JSON.stringify([column, wrap.write, wrap.read])
  return Object.freeze({ key: `wrapped ${name} ${said} ${as.key}`, sql: whole, codec: as.codec })
}
