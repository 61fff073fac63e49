/** Writes docs/capabilities.md: what each database makes of each node. */
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root } from "../source/source.ts"
import { page, type Refused } from "./page.ts"

const { refusals } = JSON.parse(
  await readFile(join(root, "docs/scorecard/refusals.json"), "utf8")
) as { readonly refusals: ReadonlyArray<Refused> }
await writeFile(join(root, "docs/capabilities.md"), page(refusals))
