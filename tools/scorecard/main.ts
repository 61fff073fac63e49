/**
 * The scorecard: which facets are proven on which database.
 *
 *   npm run scorecard              runs the tests, writes proven.json and the page
 *   npm run scorecard -- --page    writes the page and the canonical files, runs nothing
 *   npm run scorecard -- --check   writes nothing, fails on anything wrong
 */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { join } from "node:path"
import { check, facetsFile, pageFile, provenFile, refusalsFile } from "./check.ts"
import { readFiles } from "./files.ts"
import { page } from "./page.ts"
import { facetsById, featuresOf } from "./scorebook.ts"
import { printFacets, printProven, printRefusals } from "./write.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const modes: ReadonlyArray<string | undefined> = [undefined, "--page", "--check"]
const [mode, ...rest] = process.argv.slice(2)

const fail = (lines: ReadonlyArray<string>): never => {
  process.stderr.write(`${lines.join("\n")}\n`)
  process.exit(1)
}

/** Writes the files in their one form, unless the lists are broken. */
const write = (): void => {
  const { book, proven, broken } = check(readFiles(root))
  if (broken.length > 0) fail(broken)
  writeFileSync(join(root, facetsFile), printFacets(book))
  writeFileSync(join(root, refusalsFile), printRefusals(book))
  writeFileSync(join(root, provenFile), printProven(proven))
  writeFileSync(join(root, pageFile), page(book, proven))
}

if (!modes.includes(mode) || rest.length > 0)
  fail(["usage: npm run scorecard [-- --page | --check]"])

let status = 0
if (mode !== "--check") write()
if (mode === undefined) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs")
  const own = ["./tools/steps/failures.ts", "./tools/scorecard/reporter.ts"]
  const reporters = ["default", ...own].map((reporter) => `--reporter=${reporter}`)
  const run = spawnSync(process.execPath, [vitest, "run", ...reporters], {
    cwd: root,
    stdio: "inherit"
  })
  status = run.status ?? 1
  write()
}

const { book, proven, broken, faults } = check(readFiles(root))
const wrong = [...broken, ...faults]
if (wrong.length > 0) fail([...wrong, `scorecard: ${wrong.length} faults`])
process.stdout.write(
  `scorecard: ${featuresOf(book).length} features, ${facetsById(book).size} facets, ` +
    `${Object.keys(proven).length} with a proof, ${book.refusals.length} refusals\n`
)
process.exit(status)
