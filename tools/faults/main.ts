/** Writes the tables of docs/faults.md from the tests that show them. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { filesBelow, root } from "../source/source.ts"
import { page, renewed } from "./page.ts"

const path = join(root, "docs/faults.md")
const files = new Map(
  (await filesBelow("test"))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => [file, readFileSync(join(root, file), "utf8")])
)
const { text, wrong } = page(files)
writeFileSync(path, renewed(readFileSync(path, "utf8"), text))
for (const one of wrong) console.error(one)
console.log(`docs/faults.md: ${text.split("\n").length} lines of tables`)
if (wrong.length > 0) process.exitCode = 1
