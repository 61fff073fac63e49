/** Expressions as the compiler types them and as the library builds them, by one module. */
import { execFile } from "node:child_process"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Expr } from "../../src/algebra/Expression.ts"
import type { Table } from "../../src/algebra/schema/Table.ts"
import { StatementError } from "../../src/algebra/StatementError.ts"
import { root } from "../source/source.ts"
import { operands } from "./operations.ts"

/** What an expression is: by the compiler and when it is built; null where that refuses it. */
export interface Judged {
  readonly text: string
  /** Members of the union, NULL among them where it may be. */
  readonly typed: ReadonlyArray<string> | null
  readonly built: Expr<unknown> | null
}

const columns = operands.flatMap(([name, column]) => [
  `  ${name}: ${column}`,
  `  ${name}Null: ${column}.nullable()`
])

const heading = `import { Column, Expr, Fn, Interval, Table, Type } from "athanor"
export const t = Table.make("t", {
  id: Column.integer().primaryKey(),
${columns.join(",\n")}
})
const { c } = t
`

const compiler = join(root, "node_modules/typescript/bin/tsc")

/** The type an expression has, out of the declaration of what makes it. */
const typeIn = (declaration: string): ReadonlyArray<string> | null => {
  const found = /^\(\) => .*?\b(?:Expr|Aggregated)<(.*), [^,]*>$/.exec(declaration)
  if (found === null) return null
  const plain = found[1]!
    .replaceAll(/import\("[^"]*"\)\.(?:\w+\.)*/g, "")
    .replaceAll(/\b\w+\./g, "")
  return plain === "any" ? null : plain.split(" | ")
}

/** Judges expressions over the table's columns `c`. */
export const judge = async (
  texts: ReadonlyArray<string>
): Promise<{ readonly table: Table<"t", any>; readonly all: ReadonlyArray<Judged> }> => {
  const folder = join(root, ".cache", `judged-${process.pid}`)
  await mkdir(folder, { recursive: true })
  try {
    const configuration = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        rootDir: root,
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        noEmitOnError: false,
        outDir: join(folder, "out"),
        noErrorTruncation: true
      },
      include: ["judged.ts"]
    }
    const path = join(folder, "judged.ts")
    const lines = texts.map((text, at) => `export const e${at} = () => ${text}\n`)
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(configuration))
    await writeFile(path, heading + lines.join(""))
    const complaints = await new Promise<string>((resolve) => {
      const args = [compiler, "--project", folder, "--pretty", "false"]
      execFile(process.execPath, args, { maxBuffer: 2 ** 28 }, (_, output) => resolve(output))
    })
    const first = heading.split("\n").length
    const wrong = new Set(
      [...complaints.matchAll(/judged\.ts\((\d+),/g)].map(([, line]) => Number(line) - first)
    )
    const written = join(folder, "out", ".cache", `judged-${process.pid}`, "judged.d.ts")
    const declared = new Map(
      [...(await readFile(written, "utf8")).matchAll(/^export declare const e(\d+): (.*);$/gm)].map(
        ([, at, type]) => [Number(at), type!]
      )
    )
    const module = (await import(pathToFileURL(path).href)) as Readonly<
      Record<string, () => Expr<unknown>>
    > & { readonly t: Table<"t", any> }
    const all = texts.map((text, at): Judged => {
      let built: Expr<unknown> | null = null
      try {
        built = module[`e${at}`]!()
      } catch (error) {
        if (!(error instanceof StatementError) && !(error instanceof TypeError)) throw error
      }
      const declaration = declared.get(at)
      const typed = wrong.has(at) || declaration === undefined ? null : typeIn(declaration)
      return { text, typed, built }
    })
    return { table: module.t, all }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
