/** The house style, as far as a machine can judge it. Exceptions are listed with their reasons. */
import { readFileSync } from "node:fs"
import { filesBelow, readSources, report, type Violation } from "../source/source.ts"
import { type Exception, withoutExempt } from "./exempt.ts"
import { checkSurface } from "./surface.ts"
import { checkTidy } from "./tidy.ts"

const folders = ["src", "test", "tools", "examples", "bench"]
const exceptions = JSON.parse(
  readFileSync(new URL("./exceptions.json", import.meta.url), "utf8")
) as ReadonlyArray<Exception>

const sources = await readSources(...folders)
const entries = (await filesBelow("src")).filter((path) => /^src\/[^/]+\.ts$/.test(path))
const surface = checkSurface(sources, entries)

const nothing: ReadonlyArray<Violation> =
  sources.size === 0 ? [{ file: "src", line: 1, rule: "unread", message: "nothing inspected" }] : []
report(
  "tidy",
  [...nothing, ...withoutExempt([...checkTidy(sources), ...surface.violations], exceptions)],
  `${sources.size} files and ${surface.count} public exports inspected`
)
