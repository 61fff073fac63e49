import type * as Effect from "effect/Effect"
import type { Database } from "../effects/Database.ts"
import type { DatabaseError } from "../effects/DatabaseError.ts"
import {
  type Case,
  type ConformanceFailed,
  type Outcome,
  run as runCase
} from "./conformance/Case.ts"
import { conditions } from "./conformance/conditions.ts"
import { ctes } from "./conformance/ctes.ts"
import { reflection } from "./conformance/reflection.ts"
import { results } from "./conformance/results.ts"
import { selects } from "./conformance/selects.ts"
import { sessions } from "./conformance/sessions.ts"
import { tables } from "./conformance/tables.ts"
import { types } from "./conformance/types.ts"
import { writes } from "./conformance/writes.ts"

export { type Case, ConformanceFailed, type Outcome } from "./conformance/Case.ts"

/**
 * What every dialect answers alike: the questions a new one, or a new driver, is asked.
 *
 * **Shape** data: a test runner of any kind goes through them. Ids stay from version to version.
 * **Source** SQLAlchemy 2.0 `sqlalchemy.testing.suite`; the map is docs/conformance.md.
 *
 * @example
 * ```ts
 * import { Conformance } from "athanor/testing"
 * Conformance.cases.some(({ id }) => id === "selects.windows") // => true
 * ```
 * @category constants
 */
export const cases: ReadonlyArray<Case> = Object.freeze([
  ...sessions,
  ...tables,
  ...types,
  ...writes,
  ...selects,
  ...conditions,
  ...ctes,
  ...results,
  ...reflection
])

/**
 * Runs one case on the database in scope: its tables, whose names begin with `cf_`, are made before
 * and gone afterwards.
 *
 * **Shape** "held", or "refused" where the server lacks the capability a case needs: then its
 * statements must be `Unsupported` by that name.
 * **Errors** `ConformanceFailed`, which says what was answered instead of what; what the statements
 * themselves give.
 *
 * @example
 * ```ts
 * import { Sqlite } from "athanor/sqlite"
 * import { Conformance } from "athanor/testing"
 * import { Effect } from "effect"
 * const [first] = Conformance.cases
 * await Effect.runPromise(Effect.provide(Conformance.run(first!), Sqlite.layer())) // => "held"
 * ```
 * @category running
 */
export const run: (
  one: Case
) => Effect.Effect<Outcome, ConformanceFailed | DatabaseError, Database> = runCase
