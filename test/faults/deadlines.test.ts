/** How late a deadline is, beyond what this program was itself too late, under each fault. */
import { Database } from "athanor"
import BetterSqlite3 from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { expect } from "vitest"
import { timed } from "../support/stalls.ts"
import { amount, within } from "./support/amount.ts"
import { fault } from "./support/fault.ts"
import { add, fileOf, type Trouble } from "./support/trouble.ts"

const trials = amount(4, 200)
const deadline_ms = 60
const late_ms = 100
/** Long enough for a round trip that is not silent, on however busy a machine. */
const own_ms = 300

const inside = <A, E>(work: Effect.Effect<A, E, Database>) => Database.transaction(work)

const own = { control_ms: own_ms, commit_ms: own_ms, ping_ms: own_ms, connect_ms: 2000 }

/** What is tried, and what brings the fault about and takes it away again. */
interface Trial {
  readonly work: Effect.Effect<unknown, unknown, Database>
  readonly before?: () => Promise<void> | void
  readonly after?: () => Promise<void> | void
}

const given = <A, E>(work: Effect.Effect<A, E, Database>) => Effect.timeoutOption(work, deadline_ms)

/** Served, at once or within a second: a deadline of our own may be shorter than a busy server. */
const served = Effect.retry(Database.transaction(Effect.void), Schedule.spaced("10 millis")).pipe(
  Effect.timeout("1 second")
)

/** Tries each so often: how late it was, and whether the pool serves again within a second. */
const tried = async (
  one: Trouble,
  engine: string,
  kinds: Readonly<Record<string, Trial>>,
  due_ms = deadline_ms
) => {
  const night = within(8 * 60 * 1000)
  for (const [what, { after, before, work }] of Object.entries(kinds)) {
    let most = 0
    let ran = 0
    const lateness = async () => {
      await one.database.run(served)
      await before?.()
      const { took_ms } = await timed(() => one.database.exit(work))
      await after?.()
      return took_ms - due_ms
    }
    for (; ran < trials && (ran < 6 || !night.isOver()); ran++) {
      let late = await lateness()
      // A machine that has paused does not pause again; what overshoots by itself does.
      if (late > late_ms) late = Math.min(late, await lateness())
      most = Math.max(most, late)
      expect(late, `${what}: late by, in ms`).toBeLessThanOrEqual(late_ms)
      const again = await timed(() => one.database.run(served))
      expect(again.took_ms, `${what}: serves again`).toBeLessThan(1000)
    }
    night.tell(
      `${what} on ${engine}, late by ${Math.max(0, most).toFixed(1)} ms at most`,
      ran,
      trials
    )
  }
}

fault(
  5,
  ["postgres", "mariadb"],
  "no deadline is overshot, whatever went silent",
  async (scene) => {
    const wire = await scene.wire()
    const pool = { size: 1, pingAfter_ms: 60_000 }
    const callers = await scene.open({ pool }, wire.url)
    const ours = await scene.open({ deadlines: own, pool }, wire.url)
    const pinging = await scene.open(
      { deadlines: own, pool: { size: 1, pingAfter_ms: 0 } },
      wire.url
    )
    const soon = { connect_ms: 500, control_ms: own_ms }
    const connecting = await scene.open({ deadlines: soon, pool }, wire.url)
    const hush = Effect.sync(() => void (wire.state.isSilent = true))
    const heal = () => wire.heal()
    await tried(callers, scene.engine, {
      "the caller's, in a statement": {
        work: given(Effect.andThen(hush, add(-1, 0))),
        after: heal
      },
      "the caller's, at BEGIN": {
        work: given(Effect.andThen(hush, inside(add(-1, 0)))),
        after: heal
      },
      "the caller's, in a transaction": {
        work: given(inside(Effect.andThen(hush, add(-1, 0)))),
        after: heal
      },
      "the caller's, at ROLLBACK": {
        work: given(inside(Effect.andThen(hush, Effect.never))),
        after: heal
      }
    })
    await tried(
      ours,
      scene.engine,
      {
        "BEGIN's own": { work: Effect.andThen(hush, inside(add(-1, 0))), after: heal },
        "SAVEPOINT's own": { work: inside(Effect.andThen(hush, inside(add(-1, 0)))), after: heal },
        "COMMIT's own": { work: inside(hush), after: heal },
        "ROLLBACK's own": { work: inside(Effect.andThen(hush, Effect.fail("no"))), after: heal }
      },
      own_ms
    )
    await tried(
      pinging,
      scene.engine,
      {
        "the ping's own": {
          before: async () => {
            // What was used in this very millisecond need not prove that it lives.
            await new Promise((next) => setTimeout(next, 5))
            wire.state.isSilent = true
            // Only what is open goes silent: what is opened meanwhile is whole.
            setTimeout(heal, own_ms / 2)
          },
          work: add(-1, 0)
        }
      },
      own_ms
    )
    await tried(
      connecting,
      scene.engine,
      {
        "connect's own": {
          before: async () => {
            await connecting.database.run(
              Effect.map(Database, (engine) => engine.pool.invalidate())
            )
            wire.state.isSilent = true
          },
          work: add(-1, 0),
          after: heal
        }
      },
      500
    )
  }
)

fault(
  8,
  ["sqlite", "postgres", "mariadb"],
  "no deadline of who waits is overshot",
  async (scene) => {
    const pool = { size: 1, borrow_ms: deadline_ms }
    const long = await scene.open({ pool: { size: 1 } })
    const short = await scene.open({ pool })
    let release = () => {}
    const hold = (one: Trouble) => () =>
      new Promise<void>((taken) => {
        const released = new Promise<void>((next) => (release = next))
        void one.database.exit(
          Database.transaction(
            Effect.andThen(
              Effect.sync(() => taken()),
              Effect.promise(() => released)
            )
          )
        )
      })
    await tried(long, scene.engine, {
      "the caller's, waiting for a connection": {
        before: hold(long),
        work: given(add(-1, 0)),
        after: () => release()
      }
    })
    await tried(short, scene.engine, {
      "the borrow's own": { before: hold(short), work: add(-1, 0), after: () => release() }
    })
  }
)

fault(7, ["sqlite"], "no deadline is overshot while another holds the file", async (scene) => {
  const one = await scene.open()
  const other = new BetterSqlite3(fileOf(scene.url), { timeout: 0 })
  const before = () => void other.exec("begin immediate")
  const after = () => void other.exec("rollback")
  await tried(one, scene.engine, {
    "the caller's, in a statement": { before, work: given(add(-1, 0)), after },
    "the caller's, at BEGIN": { before, work: given(Database.transaction(add(-1, 0))), after }
  })
  other.close()
})
