/**
 * Docs are programs. Every fenced `ts` block of README.md and docs/, and every `@example` in the
 * sources, is type-checked against the package by its name; those with `// =>` lines are run and
 * show what they say. A block that must not compile says `// @ts-expect-error` where.
 */
import { execFile } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { filesBelow, readSources, root } from "../source/source.ts"
import { type Block, blocksOfPage, blocksOfSource, textOf } from "./blocks.ts"
import { agrees, shown, withObservations } from "./observe.ts"

const workshop = join(root, ".cache", `docs-${process.pid}`)
const failures: Array<string> = []

const read = (path: string): string => readFileSync(join(root, path), "utf8")

const findBlocks = async (): Promise<ReadonlyArray<Block>> => {
  const pages = ["README.md", "CONTRIBUTING.md", ...(await filesBelow("docs"))].filter(
    (path) => path.endsWith(".md") && existsSync(join(root, path))
  )
  const sources = await readSources("src")
  return [
    ...pages.flatMap((path) => blocksOfPage(path, read(path))),
    ...[...sources].flatMap(([path, tree]) => blocksOfSource(path, tree))
  ]
}

/** Where line `line` of a block stands in its page. */
const place = (block: Block, line: number): string =>
  `${block.file}:${block.lines[line - 1]?.at ?? block.lines.at(-1)?.at ?? 1}`

const typeCheck = async (blocks: ReadonlyArray<Block>): Promise<void> => {
  const configuration = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ["checked/*.ts"]
  }
  await mkdir(join(workshop, "checked"), { recursive: true })
  await writeFile(join(workshop, "tsconfig.json"), JSON.stringify(configuration))
  await Promise.all(
    blocks.map((block, index) => writeFile(join(workshop, `checked/${index}.ts`), textOf(block)))
  )
  const output = await compilerOutput()
  let relevant = false
  for (const line of output.split("\n")) {
    const placed = /checked\/(\d+)\.ts\((\d+),\d+\): error (.*)$/.exec(line)
    if (placed !== null) {
      const [, index, at, message] = placed
      failures.push(`${place(blocks[Number(index)]!, Number(at))}  ${message}`)
      relevant = true
    } else if (/^\s+\S/.test(line)) {
      if (relevant) failures.push(`    ${line.trim()}`)
    } else {
      relevant = false // an error of the sources: `npm run check` tells those
      if (/^error TS|panic/.test(line)) failures.push(line)
    }
  }
}

const compilerOutput = (): Promise<string> =>
  new Promise((resolve) => {
    const compiler = join(root, "node_modules/typescript/bin/tsc")
    const args = [compiler, "--project", workshop, "--pretty", "false"]
    const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 }
    execFile(process.execPath, args, options, (_, stdout, stderr) => resolve(stdout + stderr))
  })

/** Runs one block and counts its observations; each must be reached and must agree. */
const run = async (block: Block, index: number): Promise<number> => {
  const { text, observations } = withObservations(textOf(block))
  if (observations.length === 0) return 0
  const unseen = new Set(observations.map(({ line }) => line))
  Object.assign(globalThis, {
    athanorObserve: (
      actual: unknown,
      expected: (() => unknown) | undefined,
      said: string,
      line: number
    ) => {
      unseen.delete(line)
      if (agrees(actual, expected, said)) return
      failures.push(`${place(block, line)}  shows ${shown(actual)}\n    and says ${said}`)
    }
  })
  const path = join(workshop, `run-${index}.ts`)
  await writeFile(path, text)
  const log = console.log
  console.log = () => {}
  try {
    await import(pathToFileURL(path).href)
    for (const line of unseen) failures.push(`${place(block, line)}  was never reached`)
  } catch (problem) {
    failures.push(
      `${place(block, 1)}  ${problem instanceof Error ? problem.message : String(problem)}`
    )
  } finally {
    console.log = log
  }
  return observations.length
}

try {
  const blocks = await findBlocks()
  if (blocks.length === 0 && existsSync(join(root, "README.md"))) {
    failures.push("README.md is here and no program was found in it: nothing was checked")
  }
  if (blocks.length > 0) await typeCheck(blocks)
  let ran = 0
  let observed = 0
  for (const [index, block] of blocks.entries()) {
    if (!block.runs) continue
    const count = await run(block, index)
    if (count > 0) ran += 1
    observed += count
  }
  console.log(
    `docs: ${blocks.length} programs type-checked, ${ran} run with ${observed} observations, ` +
      `${failures.length} failures`
  )
} finally {
  await rm(workshop, { recursive: true, force: true })
}

for (const failure of failures) console.error(failure)
process.exit(failures.length > 0 ? 1 : 0)
