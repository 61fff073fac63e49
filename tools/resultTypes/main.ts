/** Writes docs/result-types.md: what every operation gives for every pair of operand types. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root } from "../source/source.ts"
import { judgedPage } from "./page.ts"

await writeFile(join(root, "docs/result-types.md"), await judgedPage())
