/** Writes docs/errors.md: each failure, what it says and what to do. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../source/source.ts"
import { errorPage } from "./page.ts"

writeFileSync(join(root, "docs/errors.md"), errorPage())
