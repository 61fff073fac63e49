/** Proves the import table of the design on the sources, and that it looked at all of them. */
import { readFileSync } from "node:fs"
import { filesBelow, readSources, report, type Violation } from "../source/source.ts"
import { checkArrows, checkOracle, type House } from "./arrows.ts"

const house = JSON.parse(readFileSync(new URL("./house.json", import.meta.url), "utf8")) as House

const sources = await readSources("src")
const oracle = await readSources("test/oracle")
const existing = await filesBelow("src")

const unread: ReadonlyArray<Violation> = existing
  .filter((file) => !sources.has(file))
  .map((file) => ({ file, line: 1, rule: "unread", message: "only .ts files belong in src" }))
const empty: ReadonlyArray<Violation> =
  sources.size === 0 ? [{ file: "src", line: 1, rule: "unread", message: "nothing inspected" }] : []

report(
  "arrows",
  [...unread, ...empty, ...checkArrows(sources, house), ...checkOracle(oracle)],
  `${sources.size} of ${existing.length} files of src and ${oracle.size} of the oracle inspected`
)
