import type * as Effect from "effect/Effect"
import type { Statement, StatementNode } from "../../algebra/Statement.ts"
import type { TransactionError } from "../DatabaseError.ts"
import type { Plan } from "./Plan.ts"
import type { Failing, Parameters } from "../statements/Parameters.ts"

/** What tells how the server goes about a statement. */
export interface ExplainVerbs<Self> {
  /**
   * The server's plan of a statement, which is not run.
   *
   * **Shape** steps with their tables, indexes, expected rows and costs, as far as the server
   * tells: SQLite tells no numbers. Conditions are left out: values stand in them.
   * **SQL** sqlite: EXPLAIN QUERY PLAN · postgres, mysql, mariadb: EXPLAIN in JSON
   * **Errors** `Unsupported` for DDL; else as the statement.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const byKey = Query.from(users).where(users.c.id.eq(1))
   * const program = Effect.andThen(
   *   Database.create(Catalog.make({ users })), Database.explain(byKey))
   * const plan = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * plan.text // => "SEARCH of users by INTEGER PRIMARY KEY"
   * ```
   * @category verbs
   */
  readonly explain: <Row, R, N extends StatementNode>(
    statement: Statement<Row, R> & { readonly node: N },
    ...parameters: Parameters<R>
  ) => Effect.Effect<Plan, Failing<N>, Self>
  /**
   * The plan of a statement as it went: it is run, and what it wrote is rolled back.
   *
   * **Shape** as `explain`, with the rows each step gave and how long it took.
   * **SQL** postgres: EXPLAIN ANALYZE · mariadb: ANALYZE
   * **Errors** `Unsupported` on SQLite and MySQL; else as the statement.
   *
   * @example
   * ```ts
   * import { Column, Database, Query, Table } from "athanor"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Effect.map(Database.explainAnalyze(Query.from(users)), (plan) => plan.text)
   * ```
   * @category verbs
   */
  readonly explainAnalyze: <Row, R, N extends StatementNode>(
    statement: Statement<Row, R> & { readonly node: N },
    ...parameters: Parameters<R>
  ) => Effect.Effect<Plan, Failing<N> | TransactionError, Self>
}
