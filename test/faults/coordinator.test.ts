import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { Catalog, Column, Database, Query, Table, TwoPhase } from "athanor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { place } from "../conformance/engine-support.ts"
import { drivers } from "../runtime/databases.ts"

class Left extends Database.Service<Left>()("faults/Left") {}
class Right extends Database.Service<Right>()("faults/Right") {}
class Log extends Database.Service<Log>()("faults/Log") {}

const pairs = Table.make("pairs", { id: Column.integer().primaryKey() })
const program = fileURLToPath(new URL("./programs/coordinator.ts", import.meta.url))

describe("a coordinator over postgres and mariadb", () => {
  const places: Array<Awaited<ReturnType<typeof place>>> = []
  let layer: Layer.Layer<Left | Right | Log>
  const name = `k${process.pid}`
  const both = TwoPhase.make({ name, log: Log, databases: { left: Left, right: Right } })
  const run = <A, E>(effect: Effect.Effect<A, E, Left | Right | Log>) =>
    Effect.runPromise(Effect.provide(effect, layer))
  beforeAll(async () => {
    for (const engine of ["postgres", "mariadb", "sqlite"] as const)
      places.push(await place(engine))
    const [left, right, log] = places.map(({ url }) => url)
    layer = Layer.orDie(
      Layer.mergeAll(
        Database.layerUrlOf(Left, left!, { drivers }),
        Database.layerUrlOf(Right, right!, { drivers }),
        Database.layerUrlOf(Log, log!, { drivers })
      )
    )
    const catalog = Catalog.make({ pairs })
    await run(
      Effect.all([
        Left.create(catalog),
        Right.create(catalog),
        TwoPhase.make({ name, log: Log, databases: { Left } }).create
      ])
    )
  })
  afterAll(async () => {
    for (const own of places) await own.drop()
  })

  const ids = Query.from(pairs).orderBy(pairs.c.id).select(pairs.c.id)
  const waiting = Effect.map(Effect.all([Left.prepared, Right.prepared]), (all) =>
    all.flat().filter((one) => one.startsWith(name))
  )

  test(
    "killed after each of its statements, it is recovered: both have the row or neither " +
      "[F24.3 F24.4]",
    async () => {
      const urls = places.map(({ url }) => url)
      const args = ["--conditions=athanor-source", program, ...urls, name]
      const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] })
      expect(await once(child, "exit")).toEqual([null, "SIGKILL"])
      const [before] = await run(Effect.all([Left.all(ids), Right.all(ids)]))
      expect((await run(waiting)).length).toBeGreaterThan(4)
      const report = await run(both.recover({ olderThan_ms: 0 }))
      expect(report.active).toEqual([])
      const [left, right] = await run(Effect.all([Left.all(ids), Right.all(ids)]))
      expect(left).toEqual(right)
      expect(await run(waiting)).toEqual([])
      expect(await run(Log.count(Query.from(TwoPhase.decisions)))).toBe(0)
      // Nothing before the decision, everything after it, up to the one that came to its end.
      const [decision, last] = [left[0]!, left.at(-1)!]
      expect(decision).toBeGreaterThan(5)
      expect(left).toEqual(Array.from({ length: last - decision + 1 }, (_, at) => decision + at))
      expect(last).toBeGreaterThan(decision + 2)
      expect(report.committed.length).toBeGreaterThan(1)
      expect(report.rolledBack.length).toBeGreaterThan(3)
      expect(before.length).toBeLessThan(left.length)
      const again = await run(both.recover({ olderThan_ms: 0 }))
      expect(again).toEqual({ committed: [], rolledBack: [], active: [] })
    },
    60_000
  )
})
