/**
 * Runs npm scripts, each with its own arguments, one after the other, all of them even when one
 * fails, and ends with a table of what passed and how long each took. `npm test` and
 * `npm run ready` are lists of such steps.
 */
import { spawnSync } from "node:child_process"

const steps = process.argv.slice(2)
if (steps.length === 0) throw new Error("Name the scripts to run.")

const results = steps.map((step) => {
  console.log(`\n▸ ${step}`)
  const begun = performance.now()
  const { status } = spawnSync("npm", ["run", "--silent", ...step.split(" ")], { stdio: "inherit" })
  return { step, passed: status === 0, seconds: (performance.now() - begun) / 1000 }
})

console.log("")
for (const { step, passed, seconds } of results) {
  console.log(
    `${passed ? "passed" : "FAILED"}  ${step.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s`
  )
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1
