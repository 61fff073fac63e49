import { globSync, readFileSync } from "node:fs"
import { join, sep } from "node:path"
import { facetsFile, type Files, pageFile, provenFile, refusalsFile } from "./check.ts"

/** The scorecard and the sources that may name a facet, below one root. */
export const readFiles = (root: string): Files => ({
  facets: textOf(root, facetsFile),
  refusals: textOf(root, refusalsFile),
  proven: textOf(root, provenFile),
  page: textOf(root, pageFile),
  sources: new Map(
    globSync(["test/**/*.ts", "src/testing/**/*.ts"], { cwd: root })
      .map((path) => path.split(sep).join("/"))
      .toSorted()
      .map((path) => [path, textOf(root, path)])
  )
})

const textOf = (root: string, path: string): string => readFileSync(join(root, path), "utf8")
