import { execFile } from "node:child_process"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { isAbsolute, join, relative, sep } from "node:path"
import { root } from "../source/source.ts"

/** One complaint of a compiler, at a place; `text` holds all its lines. */
export interface Diagnostic {
  readonly file: string
  readonly line: number
  readonly text: string
}

export interface Compilation {
  readonly diagnostics: ReadonlyArray<Diagnostic>
  /** Complaints without a place: a bad configuration, a crash. */
  readonly troubles: ReadonlyArray<string>
  readonly instantiations: number | undefined
}

export type Compiler = "typescript" | "typescript-5.9"

/** Where this run keeps its configurations and the library's declarations. */
export const workshop = join(root, "node_modules/.cache/athanor", `types-${process.pid}`)

export const closeWorkshop = (): Promise<void> => rm(workshop, { recursive: true, force: true })

/**
 * Emits the library's declarations: fixtures see what users see, and the library's own bodies are
 * not counted in a budget.
 */
export const emitDeclarations = async (): Promise<void> => {
  await mkdir(workshop, { recursive: true })
  const outDir = join(workshop, "declarations")
  await run("typescript", [
    ...["--project", join(root, "tsconfig.build.json"), "--emitDeclarationOnly"],
    ...["--declarationMap", "false", "--sourceMap", "false", "--outDir", outDir]
  ])
}

/** Compiles files as one program of a user who imports the package by its name. */
export const compile = async (
  compiler: Compiler,
  files: ReadonlyArray<string>,
  flags: ReadonlyArray<string> = []
): Promise<Compilation> => {
  const name = `${compiler}-${(configurations += 1)}.json`
  const configuration = join(workshop, name)
  await writeFile(configuration, JSON.stringify(configurationOf(files)))
  return read(await run(compiler, ["--project", configuration, "--pretty", "false", ...flags]))
}

let configurations = 0

const configurationOf = (files: ReadonlyArray<string>): unknown => ({
  extends: join(root, "tsconfig.json"),
  compilerOptions: {
    noUnusedLocals: false,
    noUnusedParameters: false,
    customConditions: [],
    paths: {
      athanor: [join(workshop, "declarations/index.d.ts")],
      "athanor/*": [join(workshop, "declarations/*.d.ts")]
    }
  },
  include: [],
  files: files.map((file) => join(root, file))
})

/** A compiler that finds errors exits with 1 or 2: its output says all there is to know. */
const run = (compiler: Compiler, args: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve) => {
    const program = join(root, "node_modules", compiler, "bin/tsc")
    const options = { cwd: root, maxBuffer: 256 * 1024 * 1024 }
    execFile(process.execPath, [program, ...args], options, (_, stdout, stderr) => {
      resolve(`${stdout}${stderr}`)
    })
  })

const read = (output: string): Compilation => {
  const diagnostics: Array<{ file: string; line: number; text: string }> = []
  const troubles: Array<string> = []
  for (const line of output.split(/\r?\n/)) {
    const placed = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/.exec(line)
    if (placed !== null) {
      const [, file = "", at, text = ""] = placed
      diagnostics.push({ file: fromRoot(file), line: Number(at), text })
    } else if (/^\s+\S/.test(line) && diagnostics.length > 0 && !/^\s+\d+$/.test(line)) {
      diagnostics.at(-1)!.text += `\n${line.trim()}`
    } else if (/\berror\b|panic|Error:/.test(line)) troubles.push(line)
  }
  const counted = /^Instantiations:\s+([\d,]+)/m.exec(output)?.[1]?.replaceAll(",", "")
  return { diagnostics, troubles, instantiations: counted === undefined ? undefined : +counted }
}

const fromRoot = (file: string): string =>
  (isAbsolute(file) ? relative(root, file) : file).split(sep).join("/")
