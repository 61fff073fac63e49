/**
 * A program of which V8 counts what it runs: `node silentProgram.ts address silent|heard`.
 *
 * Prints how often each place was run where a value is built for somebody who listens.
 */
import { readFileSync } from "node:fs"
import { type Profiler, Session } from "node:inspector"

const [address = "", mode = "silent"] = process.argv.slice(2)

/** Where what listeners hear is built, by the text that stands there. */
const places: Readonly<Record<string, ReadonlyArray<readonly [name: string, text: string]>>> = {
  "effects/pool/Pool.ts": ["connected", "borrowed", "returned", "retired", "closed"].map((tag) => [
    tag,
    `this.tell({ _tag: "${tag}", connection: entry`
  ]),
  "effects/observability/Tap.ts": [["event", "const { operation, parameterCount, table, text }"]],
  "effects/observability/Telemetry.ts": [
    ["attributes", `"db.system.name": systems`],
    ["span", "const words = ["],
    ["metric", "Metric.withAttributes(duration"]
  ],
  "effects/observability/echo.ts": [
    ["line", "const line ="],
    ["shown", "const count ="]
  ],
  "effects/observability/slowLog.ts": [["slow", "const startedAt"]]
}

const countsIn = (
  found: ReadonlyArray<Profiler.ScriptCoverage>
): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const [file, marks] of Object.entries(places)) {
    const script = found.find(({ url }) => url.endsWith(file))
    const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8")
    for (const [name, text] of marks) {
      const at: Array<number> = []
      for (let next = source.indexOf(text); next >= 0; next = source.indexOf(text, next + 1))
        at.push(next)
      if (script === undefined || at.length === 0) throw new Error(`${file} has no ${name}`)
      counts[name] = at.reduce((sum, offset) => sum + countAt(script, offset), 0)
    }
  }
  return counts
}

/** How often the innermost block around an offset was run. */
const countAt = (script: Profiler.ScriptCoverage, offset: number): number => {
  const around = script.functions
    .flatMap(({ ranges }) => ranges)
    .filter(({ endOffset, startOffset }) => startOffset <= offset && offset < endOffset)
    .sort((one, other) => one.endOffset - one.startOffset - (other.endOffset - other.startOffset))
  return around[0]?.count ?? 0
}

const session = new Session()
session.connect()
const post = <A>(method: string, params: object = {}): Promise<A> =>
  new Promise((done, fail) => {
    session.post(method, params, (error, result) =>
      error === null ? done(result as A) : fail(error)
    )
  })
await post("Profiler.enable")
await post("Profiler.startPreciseCoverage", { callCount: true, detailed: true })
const { work } = await import("./silentWork.ts")
await work(address, mode)
const { result } = await post<{ readonly result: ReadonlyArray<Profiler.ScriptCoverage> }>(
  "Profiler.takePreciseCoverage"
)
process.stdout.write(JSON.stringify(countsIn(result)))
process.exit(0)
