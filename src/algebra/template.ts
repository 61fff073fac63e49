import { refuse } from "./StatementError.ts"

/**
 * The parts of a template literal as the language makes them: frozen, and what was written beside
 * them. Text that was put together while the program runs has neither.
 */
export const isTemplate = (parts: unknown): parts is TemplateStringsArray => {
  if (!Array.isArray(parts) || !Object.isFrozen(parts)) return false
  const raw = Object.getOwnPropertyDescriptor(parts, "raw")
  return raw !== undefined && raw.enumerable === false && Object.isFrozen(raw.value)
}

/**
 * Text that is no literal of the program, for the raw doors: `sql`, `Query.raw`.
 *
 * **Shape** what the text says is SQL, all of it: you owe the proof that no value of a user's is in
 * it. Nothing is bound and nothing quoted; a literal with holes needs no such door.
 * **Errors** `StatementError` for what is no text.
 * **Source** SQLAlchemy 2.0 `text`, of a text made at run time.
 *
 * @example
 * ```ts
 * import { Database, Query, Type, sql, unsafeSql } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const formula = ["1", "+", "41"].join(" ")
 * const answer = Database.one(Query.select(sql(Type.integer)(unsafeSql(formula))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 42
 * ```
 * @category constructors
 */
export const unsafeSql = (text: string): TemplateStringsArray => {
  if (typeof text !== "string") refuse("unsafeSql: it takes a text")
  const raw = { value: Object.freeze([text]), enumerable: false }
  return Object.freeze(Object.defineProperty([text], "raw", raw)) as unknown as TemplateStringsArray
}
