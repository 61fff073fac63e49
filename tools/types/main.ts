/**
 * The type tests: how much work the compiler has, which wrong programs it refuses and with which
 * words, which right programs it accepts. Fixtures live in test/types and import the package by
 * its name, compiled against its declarations.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { filesBelow, root } from "../source/source.ts"
import {
  closeWorkshop,
  type Compilation,
  compile,
  type Compiler,
  emitDeclarations
} from "./compiler.ts"
import { type Expectation, judge, readExpectation, show } from "./expectation.ts"

interface Budget {
  readonly file: string
  readonly max: number
}

const folder = "test/types"
const failures: Array<string> = []

const textOf = (path: string): string => readFileSync(join(root, path), "utf8")

const programsIn = async (name: string): Promise<ReadonlyArray<string>> => {
  const files = (await filesBelow(`${folder}/${name}`)).filter((path) => path.endsWith(".ts"))
  if (files.length === 0) failures.push(`${folder}/${name} holds no program: nothing was tested`)
  return files
}

const readBudgets = (): ReadonlyArray<Budget> => {
  if (!existsSync(join(root, folder, "budgets.json"))) {
    failures.push(`${folder}/budgets.json is missing: nothing was measured`)
    return []
  }
  const budgets = JSON.parse(textOf(`${folder}/budgets.json`)) as ReadonlyArray<Budget>
  if (budgets.length === 0) failures.push(`${folder}/budgets.json lists nothing`)
  return budgets
}

const measure = async ({ file, max }: Budget): Promise<void> => {
  const path = `${folder}/${file}`
  const flags = ["--extendedDiagnostics", "--singleThreaded"]
  const { diagnostics, troubles, instantiations } = await compile("typescript", [path], flags)
  failures.push(...diagnostics.map(show), ...troubles)
  if (instantiations === undefined || instantiations === 0) {
    failures.push(`${path}: the compiler measured nothing`)
    return
  }
  const figure = instantiations.toLocaleString("en").padStart(9)
  console.log(`  ${figure} of ${max.toLocaleString("en").padStart(9)} instantiations  ${file}`)
  if (instantiations > max)
    failures.push(`${path}: ${instantiations} instantiations, ${max} allowed`)
}

const checkPrograms = async (
  compiler: Compiler,
  wrong: ReadonlyArray<Expectation>,
  right: ReadonlyArray<string>
): Promise<void> => {
  const compilation = await compile(compiler, [...wrong.map(({ file }) => file), ...right])
  const label = (failure: string) => `${compiler}  ${failure}`
  const problems = [
    ...compilation.troubles,
    ...outside(compilation, wrong).map(show),
    ...wrong.flatMap((one) => judge(one, compilation, compiler === "typescript"))
  ]
  failures.push(...problems.map(label))
}

/** Right programs, fixtures they share and declarations: no complaint is allowed there. */
const outside = (compilation: Compilation, wrong: ReadonlyArray<Expectation>) =>
  compilation.diagnostics.filter(({ file }) => !wrong.some((one) => one.file === file))

try {
  const [wrongFiles, right] = await Promise.all([programsIn("wrong"), programsIn("right")])
  const budgets = readBudgets()
  const read = wrongFiles.map((file) => readExpectation(file, textOf(file)))
  failures.push(...read.filter((one) => typeof one === "string"))
  const wrong = read.filter((one) => typeof one !== "string")

  await emitDeclarations()
  await Promise.all([
    ...budgets.map(measure),
    checkPrograms("typescript", wrong, right),
    checkPrograms("typescript-5.9", wrong, right)
  ])
  console.log(
    `types: ${budgets.length} budgets, ${wrongFiles.length} wrong and ${right.length} right ` +
      `programs on TypeScript 7 and 5.9, ${failures.length} failures`
  )
} finally {
  await closeWorkshop()
}

for (const failure of failures) console.error(failure)
if (failures.length > 0) process.exitCode = 1
