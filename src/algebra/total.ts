import { select } from "./block.ts"
import { derivedFrom } from "./derived.ts"
import { beneath } from "./lock.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Select } from "./Select.ts"
import { query as queryOf } from "./SelectQuery.ts"
import * as T from "./types.ts"

const rows = S.aggregate("count", [], false, T.count)
const fields = Object.freeze([rows])
const shape = Object.freeze({ _tag: "Cell", index: 0 } as const)

/**
 * How many rows a query gives, as a query of one number: `SELECT count(*) FROM …`.
 *
 * **Shape** a limit and an offset of the query are its own and count; so ask before paging. Its
 * order is left out. A query that neither groups nor removes nor cuts rows is counted where it
 * stands, any other as a derived table.
 * **Laws** the length of what the query gives.
 * **Source** SQLAlchemy 2.0 `select(func.count()).select_from(query.subquery())`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const query = Query.from(users).orderBy(users.c.name)
 * const program = Effect.gen(function* () {
 *   yield* Database.create(Catalog.make({ users }))
 *   yield* Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))
 *   const page = yield* Database.all(query.select(users.c.name).limit(1))
 *   return { page, of: yield* Database.one(query.pipe(Query.total)) }
 * })
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { page: ["Ann"], of: 2 }
 * ```
 * @category combinators
 */
export const total = <Row, R, S extends string>(
  query: Select<Row, R, S>
): Select<number, R, never> => queryOf(beneath(unlocked(query.node), counted))

/** Nothing is locked by counting. */
const unlocked = (node: Relation): Relation =>
  node._tag === "Lock"
    ? node.self
    : node._tag === "Hint"
      ? R.hint(unlocked(node.self), node.hint)
      : node

const counted = (node: Relation): Relation => {
  const unordered = node._tag === "Order" ? node.self : node
  return isFlat(unordered)
    ? select(unordered, fields, shape)
    : R.project(R.group(derivedFrom(unordered, "counted").relation, []), fields, shape)
}

/** A projection of joined and filtered sources: it has as many rows as they have. */
const isFlat = (node: Relation): boolean => {
  let at = node
  while (at._tag === "Project" || at._tag === "Filter") at = at.self
  return at._tag === "Join" || at._tag === "Table" || at._tag === "Derived" || at._tag === "Cte"
}
