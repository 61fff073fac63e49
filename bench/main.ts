/**
 * `npm run bench`: our time over the raw driver's, on every database.
 *
 * `--write` keeps the figures in docs/bench.md and bench/results.json; `--runs 1`, `--rounds 20`
 * and groups (`sqlite`, `postgres`, `mariadb`, `building`, and `peers` or one of its databases, as
 * `peers/sqlite`) make it shorter. Figures of groups that did not run stay as they were written.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFile, writeFile } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type Beside, middleOf } from "./beside.ts"
import type { Line } from "./group.ts"
import {
  asMarkdown,
  asTable,
  besideTable,
  databases,
  merged,
  type Results,
  worstOf
} from "./report.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean", default: false },
    runs: { type: "string", default: "3" },
    rounds: { type: "string", default: "400" }
  }
})
const asked = positionals.length > 0 ? positionals : [...databases, "building", "peers"]
const groups = asked.flatMap((group) =>
  group === "peers" ? databases.map((one) => `peers/${one}`) : [group]
)

/**
 * A process of its own for each group and run. One thread collects garbage and compiles: on few
 * cores the helpers of a parallel collection, and the compiler, wait for their turn behind whoever
 * else uses the machine, and the way with more code is measured before it is compiled.
 */
const run = async (group: string): Promise<ReadonlyArray<Line | Beside>> => {
  const script = fileURLToPath(new URL("group.ts", import.meta.url))
  const flags = [
    "--conditions=athanor-source",
    "--single-threaded-gc",
    "--no-concurrent-recompilation"
  ]
  const child = spawn(process.execPath, [...flags, script, group, values.rounds], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const closed = once(child, "close") as Promise<[number | null]>
  const lines: Array<Line | Beside> = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line) as Line | Beside)
  }
  const [code] = await closed
  if (code !== 0) throw new Error(`the group ${group} failed`)
  return lines
}

const lines: Array<Line> = []
const beside: Array<Beside> = []
for (const group of groups) {
  for (let at = 1; at <= Number(values.runs); at++) {
    process.stderr.write(`${group}, run ${at} of ${values.runs}\n`)
    for (const line of await run(group)) {
      if ("on" in line) beside.push(line)
      else lines.push(line)
    }
  }
}

const today = new Date().toISOString().slice(0, 10)
const found: Results = {
  node: process.version,
  cores: availableParallelism(),
  rounds: Number(values.rounds),
  runs: Number(values.runs),
  figures: worstOf(lines, today),
  beside: middleOf(beside, today)
}
if (found.figures.length > 0) process.stdout.write(asTable(found))
if (found.beside.length > 0) process.stdout.write(besideTable(found.beside))

if (values.write) {
  const root = new URL("../", import.meta.url)
  const file = new URL("bench/results.json", root)
  const before = JSON.parse(await readFile(file, "utf8")) as Results
  const results = merged(found, before, groups)
  await writeFile(new URL("docs/bench.md", root), asMarkdown(results))
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`)
}
