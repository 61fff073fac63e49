import { type ConditionalOptions, ruled, type TableItem } from "./Constraint.ts"
import { onlyIn } from "./only.ts"
import type { Value } from "../Value.ts"

/**
 * CHECK: a row for which the predicate is FALSE is refused; NULL passes.
 *
 * **Shape** name it: an error can then say which rule was broken.
 * **Errors** `CheckViolation` for an insert or update of such a row.
 * **Source** SQL:2016 part 2, 11.9 check constraint definition; SQLAlchemy 2.0 `CheckConstraint`.
 *
 * @example
 * ```ts
 * import { Catalog, Check, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { age: Column.integer() }, (c) => [Check.that(c.age.gte(0), "age")])
 * const add = Database.run(Query.insert(t).values({ age: -1 }))
 * const program = Effect.flip(Effect.andThen(Database.create(Catalog.make({ t })), add))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "CheckViolation"
 * ```
 * @category constructors
 */
export const that = (predicate: Value<boolean | null, any>, name?: string): TableItem =>
  with_(name === undefined ? {} : { name }, predicate)

/**
 * CHECK with a comment, under a name that is exact, or for some dialects alone.
 *
 * **Source** SQLAlchemy 2.0 `CheckConstraint`.
 *
 * @example
 * ```ts
 * import { Check, Column, Table } from "athanor"
 * const t = Table.make("t", { age: Column.integer() }, (c) => [
 *   Check.with({ name: "age", comment: "Nobody is younger than that." }, c.age.gte(0))
 * ])
 * ```
 * @category constructors
 */
const with_ = (options: ConditionalOptions, predicate: Value<boolean | null, any>): TableItem =>
  Object.freeze({
    _tag: "Check",
    predicate: predicate.node,
    only: onlyIn(options.only, "check"),
    ...ruled(options)
  })
export { with_ as with }
