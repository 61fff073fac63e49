/**
 * Runs npm scripts, each with its own arguments, one after the other, all of them even when one
 * fails, and ends with what failed and a table of what passed and how long each took. `npm test`
 * and `npm run ready` are lists of such steps.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { failuresFile } from "./failures.ts"

const steps = process.argv.slice(2)
if (steps.length === 0) throw new Error("Name the scripts to run.")

const folder = mkdtempSync(join(tmpdir(), "athanor-steps-"))
const failures = join(folder, "failures")
const env = { ...process.env, [failuresFile]: failures }

const results = steps.map((step) => {
  console.log(`\n▸ ${step}`)
  const begun = performance.now()
  const { status } = spawnSync("npm", ["run", "--silent", ...step.split(" ")], {
    stdio: "inherit",
    env
  })
  return { step, passed: status === 0, seconds: (performance.now() - begun) / 1000 }
})

console.log("")
if (existsSync(failures)) console.log(readFileSync(failures, "utf8"))
rmSync(folder, { recursive: true })
for (const { step, passed, seconds } of results) {
  console.log(
    `${passed ? "passed" : "FAILED"}  ${step.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s`
  )
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1
