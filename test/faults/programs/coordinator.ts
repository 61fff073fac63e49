/**
 * A program that is killed: `node coordinator.ts left right log name`, each an address.
 *
 * It runs one transaction after another, the k-th of which is told nothing any more after its k-th
 * statement, until one comes to its end. Then all that were left die with the process.
 */
import { Column, Database, Query, Table, TwoPhase } from "athanor"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scheduler from "effect/Scheduler"
import { drivers } from "../../runtime/databases.ts"

class Left extends Database.Service<Left>()("Left") {}
class Right extends Database.Service<Right>()("Right") {}
class Log extends Database.Service<Log>()("Log") {}

const [left = "", right = "", log = "", name = ""] = process.argv.slice(2)
const pairs = Table.make("pairs", { id: Column.integer().primaryKey() })

const settings = { drivers, pool: { size: 30 } }
const layer = Layer.mergeAll(
  Database.layerUrlOf(Left, left, settings),
  Database.layerUrlOf(Right, right, settings),
  Database.layerUrlOf(Log, log, settings)
)
const both = TwoPhase.make({ name, log: Log, databases: { left: Left, right: Right } })

/** A scheduler whose fibers stand still once it is told to halt. */
const halting = () => {
  const base = new Scheduler.MixedScheduler()
  let isHalted = false
  const scheduler: Scheduler.Scheduler = {
    executionMode: base.executionMode,
    makeDispatcher: () => {
      const dispatcher = base.makeDispatcher()
      return {
        flush: () => dispatcher.flush(),
        scheduleTask: (task, priority) => {
          if (!isHalted) dispatcher.scheduleTask(task, priority)
        }
      }
    },
    shouldYield: (fiber) => isHalted || base.shouldYield(fiber)
  }
  return { scheduler, halt: () => (isHalted = true) }
}

/** Whether the k-th transaction came to its end. */
const ended = (services: Context.Context<Left | Right | Log>, k: number): Promise<boolean> =>
  new Promise((settled) => {
    const { halt, scheduler } = halting()
    const add = Query.insert(pairs).values({ id: k })
    const work = both.transaction(Effect.andThen(Left.run(add), Right.run(add)))
    let statements = 0
    const heard = Effect.provideService(work, Database.Tap, () => {
      if (++statements < k) return
      halt()
      settled(false)
    })
    Effect.runForkWith(services)(heard, { scheduler }).addObserver((exit) =>
      settled(exit._tag === "Success")
    )
  })

const program = Effect.gen(function* () {
  const services = yield* Effect.context<Left | Right | Log>()
  for (let k = 1; ; k++) if (yield* Effect.promise(() => ended(services, k))) break
  process.kill(process.pid, "SIGKILL")
})
await Effect.runPromise(Effect.provide(program, layer))
