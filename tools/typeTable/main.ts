/** Writes docs/types.md: the SQL of each type on each dialect, its value and its range. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root } from "../source/source.ts"
import { page } from "./page.ts"

await writeFile(join(root, "docs/types.md"), page())
