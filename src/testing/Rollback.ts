import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { Database } from "../effects/Database.ts"
import type { DatabaseError, TransactionError } from "../effects/DatabaseError.ts"
import { type Engine, onKnown } from "../effects/Engine.ts"
import type { Lease } from "../effects/pool/Gate.ts"
import { Level, Root, type Traits } from "../effects/transactions/Level.ts"
import { control } from "../effects/statements/send.ts"
import { begin, rolledBack, runOf } from "../effects/transactions/Transaction.ts"
import { plain } from "../effects/transactions/Characteristics.ts"
import { boundariesOf } from "../effects/transactions/transactionTexts.ts"

/**
 * The program's database inside a transaction that is rolled back when the scope ends: what a test
 * writes is never there for the next one.
 *
 * **Shape** a transaction of what is tested becomes a savepoint, whatever its options; its actions
 * after commit run when it is released. A statement alone that fails leaves the others in force, as
 * it would outside. All fibers of the test share one connection and take turns.
 * **Errors** what BEGIN and the wait for a connection give. On MySQL and MariaDB a schema change is
 * `Unsupported`: it would commit the test.
 * **Source** Django `TestCase`; SQLAlchemy 2.0 "Joining a Session into an External Transaction".
 *
 * @example
 * ```ts
 * import { Column, Catalog, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Rollback } from "athanor/testing"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const add = Database.run(Query.insert(users).values({ name: "Ann" }))
 * const count = Database.count(Query.from(users))
 * const oneTest = Effect.provide(Effect.andThen(add, count), Rollback.layer)
 * const program = Effect.andThen(Database.create(Catalog.make({ users })),
 *   Effect.all([oneTest, oneTest, count]))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 1, 0]
 * ```
 * @category layers
 */
export const layer: Layer.Layer<Database, TransactionError, Database> = Layer.suspend(() =>
  layerOf(Database)
)

/**
 * The same for a database of another name.
 *
 * **Errors** as `layer`.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Rollback } from "athanor/testing"
 * class Reports extends Database.Service<Reports>()("reports") {}
 * const layer = Rollback.layerOf(Reports)
 * ```
 * @category layers
 */
export const layerOf = <Self>(
  service: Context.Key<Self, Engine>
): Layer.Layer<Self, TransactionError, Self> =>
  Layer.effectContext(
    onKnown(service, (engine) =>
      Effect.map(trial(engine), (level) =>
        Context.make(service, engine).pipe(Context.add(engine.current, level))
      )
    )
  ) as Layer.Layer<Self, TransactionError, Self>

const traits: Traits = { characteristics: plain, attempt: 0, isTrial: true }

/** A transaction that ends with the scope, and never well. */
const trial = (engine: Engine): Effect.Effect<Level, TransactionError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.all([runOf(engine), engine.gate.enter(restore)]),
      ([run, lease]): Effect.Effect<Level, TransactionError, Scope.Scope> => {
        const back = Effect.sync(() => engine.gate.leave(lease))
        const boundaries = boundariesOf(engine.dialect, plain)
        return Effect.flatMap(
          Effect.onError(begin(run, lease.connection, boundaries, restore), () => back),
          () => {
            const level = levelOf(engine, lease)
            const ended = rolledBack(run, level, boundaries)
            return Effect.as(
              Effect.addFinalizer(() => Effect.ensuring(ended, back)),
              level
            )
          }
        )
      }
    )
  )

const levelOf = (engine: Engine, lease: Lease): Level => {
  const root = new Root(engine.dialect, lease, engine.deadlines.borrow_ms, traits)
  if (engine.dialect === "postgres") root.active = new Healed(engine, root)
  return root.active
}

const name = "athanor_trial"

/**
 * PostgreSQL's transaction is doomed by a statement that fails: each statement alone has a
 * savepoint before it, and the next one goes back to it where it has to.
 */
class Healed extends Level {
  #isHurt = false
  #isBegun = false

  constructor(engine: Engine, root: Root) {
    super(root, null, "")
    const { enter, failed } = this
    this.peek = () => null
    this.tryEnter = () => null
    this.enter = (restore) =>
      Effect.flatMap(enter(restore), (lease) =>
        Effect.as(
          Effect.onError(this.#heal(engine), () => Effect.sync(() => root.free())),
          lease
        )
      )
    this.failed = (error) => {
      if (error.transaction === "doomed") this.#isHurt = true
      else failed(error)
    }
  }

  #heal(engine: Engine): Effect.Effect<void, DatabaseError> {
    return Effect.suspend(() => {
      const texts = this.#isHurt
        ? [`ROLLBACK TO SAVEPOINT ${name}`]
        : [...(this.#isBegun ? [`RELEASE SAVEPOINT ${name}`] : []), `SAVEPOINT ${name}`]
      this.#isHurt = false
      this.#isBegun = true
      return Effect.forEach(
        texts,
        (text) =>
          control(
            engine,
            this.root.lease.connection,
            text,
            { operation: "savepoint", table: null, inTransaction: true },
            engine.deadlines.control_ms
          ),
        { discard: true }
      )
    })
  }
}
