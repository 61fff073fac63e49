import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
import { amount, within } from "./support/amount.ts"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, program } from "../conformance/engine-support.ts"

const groups = Table.make("groups_of_five", {
  group: Column.integer().primaryKey(),
  member: Column.integer().primaryKey()
})

const aim = amount(20, 1000)
const budget_ms = 25 * 60 * 1000
const writer = fileURLToPath(new URL("./programs/writer.ts", import.meta.url))

describe("a program killed while it writes", () => {
  let rounds = 0
  const places: Array<Awaited<ReturnType<typeof place>>> = []
  const databases: Array<ReturnType<typeof program>> = []
  const acknowledged: ReadonlyArray<Array<number>> = engines.map(() => [])
  // Most of a round is the program's start: compiled once for all of them.
  const cache = mkdtempSync(join(tmpdir(), "athanor-compiled-"))
  const started = () => {
    const urls = places.map(({ url }) => url)
    return spawn(process.execPath, ["--conditions=athanor-source", writer, ...urls], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, NODE_COMPILE_CACHE: cache }
    })
  }
  beforeAll(async () => {
    for (const engine of engines) {
      const own = await place(engine)
      const database = program(own.url)
      await database.run(Database.create(Catalog.make({ groups })))
      places.push(own)
      databases.push(database)
    }
    const night = within(budget_ms)
    let next = started()
    for (let isLast = false; !isLast; rounds++) {
      const round = rounds
      const child = next
      isLast = round + 1 >= aim || night.isOver()
      if (!isLast) next = started()
      const told = engines.map(() => 0)
      const lines = createInterface({ input: child.stdout })
      const some = new Promise<void>((reached) => {
        lines.on("line", (line) => {
          const [at = 0, group = 0] = line.split(" ").map(Number)
          acknowledged[at]!.push(group)
          told[at]! += 1
          if (told.every((count) => count > round % 5)) reached()
        })
      })
      const over = Promise.all([once(child, "exit"), once(lines, "close")])
      child.stdin.write(`${round * 1_000_000}\n`)
      await Promise.race([some, over])
      // Sometimes between two statements, sometimes in the middle of COMMIT.
      await new Promise((waited) => setTimeout(waited, (round * 7) % 11))
      child.kill("SIGKILL")
      expect((await over)[0]).toEqual([null, "SIGKILL"])
      expect(told).not.toContain(0)
    }
    night.tell("rounds of kill -9", rounds, aim)
  }, budget_ms * 2)
  afterAll(async () => {
    for (const database of databases) await database.dispose()
    for (const own of places) await own.drop()
    rmSync(cache, { recursive: true, force: true })
  })

  test.each(engines)(
    "again and again: on %s no acknowledged group is lost, none is there in part",
    async (engine) => {
      const at = engines.indexOf(engine)
      const stored = await databases[at]!.run(
        Database.all(
          Query.from(groups)
            .groupBy(groups.c.group)
            .select({ group: groups.c.group, members: Fn.count() })
        )
      )
      expect(stored.filter(({ members }) => members !== 5)).toEqual([])
      const there = new Set(stored.map(({ group }) => group))
      expect(acknowledged[at]!.filter((group) => !there.has(group))).toEqual([])
      expect(acknowledged[at]!.length).toBeGreaterThan(rounds * 2)
      // Committed and not told of: at most what each of its fibers had under way.
      expect(there.size - acknowledged[at]!.length).toBeLessThanOrEqual(rounds * 3)
    }
  )
})
