import type { DialectTexts, TextObject } from "../Ddl.ts"
import { type From, FromId } from "../From.ts"
import { checkName } from "./naming.ts"
import { type Only, onlyIn } from "./only.ts"
import { saidFor } from "../Source.ts"
import { refuse } from "../StatementError.ts"

export type { DialectTexts, TextObject } from "../Ddl.ts"

/**
 * What a text object is made from.
 *
 * @category models
 */
export interface TextObjectOptions {
  /** The tables and views it is about. */
  readonly on?: ReadonlyArray<From<string, unknown>>
  /** The dialects and versions it is for; all of those that have a text where left out. */
  readonly only?: Only
  readonly create: DialectTexts
  /** Best with IF EXISTS: `Database.drop` says it whether the object is there or not. */
  readonly drop: DialectTexts
}

/**
 * A function, a procedure or a trigger, as text in each dialect's own words.
 *
 * **Shape** one statement for each dialect, which stands as it is written; where a dialect has
 * none, the object is not there. Created with `ifMissing` it is created once more: let its text say
 * OR REPLACE or IF NOT EXISTS.
 * **Errors** `StatementError` for an empty name or text, and for a text to create without one to
 * drop, or the other way round.
 * **Source** SQLAlchemy 2.0 `DDL`; SQL:2016 part 2, 11.49 trigger definition.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table, TextObject } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const shout = TextObject.make("shout", {
 *   on: [users],
 *   create: { sqlite: `CREATE TRIGGER shout AFTER INSERT ON users
 *     BEGIN UPDATE users SET name = upper(name) WHERE id = new.id; END` },
 *   drop: { sqlite: "DROP TRIGGER IF EXISTS shout" }
 * })
 * const program = Database.create(Catalog.make({ users, shout })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).values({ name: "Ann" }))),
 *   Effect.andThen(Database.all(Query.from(users).select(users.c.name))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["ANN"]
 * ```
 * @category constructors
 */
export const make = (
  name: string,
  { create, drop, on = [], only }: TextObjectOptions
): TextObject => {
  const what = `text object "${checkName(name, "text object")}"`
  const dialects = Object.keys(create)
  if (dialects.toSorted().join() !== Object.keys(drop).toSorted().join())
    refuse(`${what}: each dialect that creates it drops it`)
  if (dialects.length === 0 || [...Object.values(create), ...Object.values(drop)].includes(""))
    refuse(`${what}: its text is empty`)
  const tables = on.map((from) => {
    const source = saidFor(from[FromId].source)
    return source._tag === "TableSource" ? source : refuse(`${what}: it is about no table`)
  })
  return Object.freeze({
    _tag: "TextObject",
    name,
    on: Object.freeze(tables),
    only: onlyIn(only, what),
    create: Object.freeze({ ...create }),
    drop: Object.freeze({ ...drop })
  })
}
