import { derivedFrom } from "./derived.ts"
import { type ClassFrom, FromId, type Of } from "./From.ts"
import * as R from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Select } from "./Select.ts"
import { query } from "./SelectQuery.ts"
import { asTable } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import {
  type Hole,
  type HoleNeeds,
  holeNodes,
  literalParts,
  type RawOptions,
  tablesOf
} from "./sql.ts"
import type { AnyType, Type } from "./Type.ts"
import * as T from "./types.ts"

/** Names of columns and their types. */
export type RawColumns = Readonly<Record<string, Type<any>>>
/** A row of such columns, each of which may be NULL. */
export type RawRow<C extends RawColumns> = {
  readonly [K in keyof C]: (C[K] extends Type<infer A> ? A : never) | null
} & {}

/** Names the text gives its columns, as every dialect writes them. */
const ordinary = /^[a-zA-Z_][a-zA-Z0-9_]{0,29}$/

/** A row of NULLs that says which columns a text gives. */
export const declaredColumns = (columns: RawColumns, asked: string): R.Relation => {
  const keys = Object.keys(columns)
  for (const key of keys)
    if (!ordinary.test(key)) refuse(`${asked}: "${key}" is no name a column has on every dialect`)
  const types: ReadonlyArray<AnyType> = Object.values(columns)
  const shape = Object.freeze({
    _tag: "Record",
    keys: Object.freeze(keys),
    parts: Object.freeze(keys.map((_, index) => Object.freeze({ _tag: "Cell", index } as const))),
    presence: null,
    prototype: null
  } as const)
  return R.project(
    R.unit,
    types.map((type) => S.constant(null, type)),
    shape
  )
}

/**
 * A query written by hand: literal parts, holes, and the names and types of its columns.
 *
 * **Shape** rows are records of the columns, each of which may be NULL; with `as` it is a source
 * whose `.c` is joined and filtered. The text names its columns as they are declared here, and in
 * their order. Alone it is read by position, a source, an arm of a set operation and what a tuple
 * is compared with by name. An entity in place of columns makes the rows its values: the text gives
 * its columns by their names in the database, and `as` sorts them: what the text sorts is not kept
 * in order. Holes as in `sql`.
 * Before a text is first read by position its database is asked which columns it gives: none,
 * another number than are declared, or one where another is declared is `DecodeFailed`, and has not
 * run. A column that bears no declared name is what stands in its place.
 * **Errors** `StatementError` when called other than as a template tag, for no columns, and for a
 * name of a column that is no ordinary one.
 * **Source** SQLAlchemy 2.0 `TextClause.columns`.
 *
 * @example
 * ```ts
 * import { Database, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const digits = Query.raw({ n: Type.integer, name: Type.text })`
 *   SELECT 1 AS n, ${"one"} AS name UNION ALL SELECT 2, ${"two"}`.as("digits")
 * const program = Database.all(Query.from(digits).where(digits.c.n.gt(1)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ n: 2, name: "two" }]
 * ```
 * @category constructors
 */
export const raw: {
  <const E extends ClassFrom<string>>(
    entity: E,
    options?: RawOptions
  ): RawTag<E["prototype"] & Of<E>>
  <C extends RawColumns>(columns: C, options?: RawOptions): RawTag<RawRow<C>>
} = (given: RawColumns | ClassFrom<string>, options: RawOptions = {}): RawTag<never> => {
  if (!(FromId in given)) return rawOf(given, options) as never
  const { shape, source } = given[FromId]
  const table = asTable(source, "raw")
  const columns = Object.fromEntries(table.columns.map(({ name, type }) => [name, type]))
  return (parts, ...holes) => {
    const from = derivedFrom(rawOf(columns, options)(parts, ...holes).node, table.name)
    return query(R.project(from.relation, from.fields, shape))
  }
}

/** What takes the text of a query by hand. */
export interface RawTag<Row> {
  <const H extends ReadonlyArray<Hole>>(
    parts: TemplateStringsArray,
    ...holes: H
  ): Select<Row, HoleNeeds<H[number]>, never>
}

const rawOf =
  (columns: RawColumns, options: RawOptions) =>
  (parts: TemplateStringsArray, ...holes: ReadonlyArray<Hole>): Select<object, never, never> => {
    if (Object.keys(columns).length === 0) refuse("raw: say the columns and their types")
    const declared = declaredColumns(columns, "raw")
    const said = literalParts(parts, "raw")
    const everywhere = { sqlite: said, postgres: said, mysql: said, mariadb: said }
    return query(
      R.customRelation(
        "raw",
        declared,
        holeNodes(holes, T.text, "raw"),
        everywhere,
        true,
        tablesOf(options)
      )
    )
  }
