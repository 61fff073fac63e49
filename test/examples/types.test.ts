import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { page } from "../../tools/typeTable/page.ts"
import { root } from "../../tools/source/source.ts"

test("the table of types is what the dialects say", () => {
  expect(readFileSync(join(root, "docs/types.md"), "utf8")).toBe(page())
})
