/**
 * Source files as syntax trees, for the checks of our own. The parser is TypeScript 5.9's: the
 * native compiler offers none to programs, and 5.9 is here for the type tests anyway.
 */
import { readFileSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript-5.9"

export const root = fileURLToPath(new URL("../../", import.meta.url))

/** Path from the repository's root, with forward slashes, to syntax tree. */
export type Sources = ReadonlyMap<string, ts.SourceFile>

/** A broken rule, at a place. */
export interface Violation {
  readonly file: string
  readonly line: number
  readonly rule: string
  readonly message: string
}

export const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)

/** Trees from texts given in place, for planted violations. */
export const sourcesOf = (texts: Readonly<Record<string, string>>): Sources =>
  new Map(Object.entries(texts).map(([path, text]) => [path, parse(path, text)]))

/** All files below a folder of the repository, whatever their ending. */
export const filesBelow = async (folder: string): Promise<ReadonlyArray<string>> => {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(
    () => []
  )
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.includes("node_modules/"))
    .sort()
}

/** Parses every TypeScript file below the folders. */
export const readSources = async (...folders: ReadonlyArray<string>): Promise<Sources> => {
  const paths = (await Promise.all(folders.map(filesBelow))).flat()
  const trees = new Map<string, ts.SourceFile>()
  for (const path of paths) {
    if (path.endsWith(".ts")) trees.set(path, parse(path, readFileSync(join(root, path), "utf8")))
  }
  return trees
}

/** Line of a node or of a position, counted from one. */
export const lineOf = (tree: ts.SourceFile, at: ts.Node | number): number => {
  const position = typeof at === "number" ? at : at.getStart(tree)
  return tree.getLineAndCharacterOfPosition(position).line + 1
}

/** Every node of a tree, parents first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  const pending = [node]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next
    const children: Array<ts.Node> = []
    ts.forEachChild(next, (child) => void children.push(child))
    pending.push(...children.reverse())
  }
}

/** Prints violations as `file:line rule message`, sets the exit code, says what was inspected. */
export const report = (
  name: string,
  violations: ReadonlyArray<Violation>,
  inspected: string
): void => {
  const sorted = [...violations].sort(
    (left, right) => left.file.localeCompare(right.file) || left.line - right.line
  )
  for (const { file, line, rule, message } of sorted) {
    console.error(`${file}:${line}  ${rule}  ${message}`)
  }
  const verdict = violations.length === 0 ? "no violations" : `${violations.length} violations`
  console.log(`${name}: ${inspected}, ${verdict}`)
  if (violations.length > 0) process.exitCode = 1
}
