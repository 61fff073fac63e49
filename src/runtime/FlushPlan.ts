/**
 * What a flush would do, as a value: to be listed, asserted and printed before it runs.
 *
 * @module
 */
import type { Capabilities } from "../algebra/Dialect.ts"
import type { StatementNode } from "../algebra/Statement.ts"
import type { LoadRequest } from "../mapping/flush/demand.ts"
import { toCommand } from "../mapping/flush/toCommand.ts"
import { listedUpdates } from "./listedUpdates.ts"
import {
  type FlushPlan as Planned,
  format as formatSteps,
  statements
} from "../mapping/FlushPlan.ts"
import type { Row } from "../mapping/RowRef.ts"
import { nameOf } from "./SessionState.ts"

/**
 * Rows a flush has to read before it can be planned: those of a table whose columns equal a key.
 *
 * @category models
 */
export interface PlannedLoad {
  readonly table: string
  readonly columns: ReadonlyArray<string>
  readonly keys: ReadonlyArray<ReadonlyArray<unknown>>
}

/**
 * What a flush would do: what it reads first, the steps it takes, the text of each statement.
 *
 * **Shape** `texts` are those that are sent, in their order, with the server's placeholders; keys
 * the server has yet to make are among their parameters, never in them. An insert of many
 * rows is one of them, and may be sent in parts: as many rows at a time as suit the server.
 *
 * @category models
 */
export interface FlushPlan extends Planned {
  readonly loads: ReadonlyArray<PlannedLoad>
  readonly texts: ReadonlyArray<string>
}

/** A request without what only the planner reads of it. */
export const plannedLoad = ({ columns, keys, table }: LoadRequest): PlannedLoad => ({
  table: nameOf(table),
  columns,
  keys
})

/** Stands for a key the server has yet to make: a text does not depend on it. */
const stand = (plan: Planned): ReadonlyMap<string, Row> =>
  new Map(
    plan.changes.changes.map(({ ref }, at) => [
      ref.id,
      Object.fromEntries(ref.table.columns.map(({ key }) => [key, at]))
    ])
  )

/** The texts of a plan's statements, as `text` says each. */
export const textsOf = (
  plan: Planned,
  capabilities: Capabilities,
  text: (node: StatementNode) => string
): ReadonlyArray<string> => {
  const resolved = stand(plan)
  return plan.steps.flatMap((step) =>
    (
      listedUpdates(step, resolved, capabilities)?.map(({ node }) => node) ??
      statements(step).map((statement) => toCommand(statement, resolved))
    ).map(text)
  )
}

const loadLine = ({ columns, keys, table }: PlannedLoad): string =>
  `read ${table} by (${columns.join(", ")}): ${keys.length} ${keys.length === 1 ? "key" : "keys"}`

/**
 * A plan as a readable list: what is read, then one line a step; keys are shown, other values not.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, FlushPlan, Session } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * const ann = Session.add(User.make({ name: "Ann" }))
 * const work = Session.transact(Effect.andThen(ann, Effect.map(Session.plan, FlushPlan.format)))
 * const program = Effect.andThen(Database.create(Catalog.make({ User })), work)
 * const listed = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * listed // => "1. insert users (name), returning id: users@1"
 * ```
 * @category interpreters
 */
export const format = (plan: FlushPlan): string =>
  [...plan.loads.map(loadLine), formatSteps(plan)].join("\n")

/**
 * A plan as SQL: the text of each statement it sends, with placeholders.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, FlushPlan, Session } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * const leave = Session.delete(User.ref(5))
 * const work = Session.transact(Effect.andThen(leave, Effect.map(Session.plan, FlushPlan.print)))
 * const setUp = Database.create(Catalog.make({ User }))
 * const add = Session.transact(Session.add(...[1, 2, 3, 4, 5].map(() => User.make({ name: "x" }))))
 * const program = Effect.andThen(setUp, Effect.andThen(add, work))
 * const sql = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * sql.startsWith("DELETE FROM") // => true
 * ```
 * @category interpreters
 */
export const print = ({ texts }: FlushPlan): string => texts.map((text) => `${text};`).join("\n")
