/** Writes docs/sql: each family of statements beside its SQL in every dialect. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root } from "../source/source.ts"
import { families, indexOf, pageOf } from "./pages.ts"

const all = await families()
await writeFile(join(root, "docs/sql/README.md"), indexOf(all))
for (const family of all)
  await writeFile(join(root, `docs/sql/${family.name}.md`), await pageOf(family))
