/** Writes docs/sql: each family of statements beside its SQL in every dialect. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root } from "../source/source.ts"
import { families, pageOf } from "./pages.ts"

for (const family of await families())
  await writeFile(join(root, `docs/sql/${family.name}.md`), await pageOf(family))
