/** Printed catalogs as programs: imported by this process, and judged by the compiler. */
import { execFile } from "node:child_process"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Catalog } from "athanor"
import { root } from "../../../tools/source/source.ts"

interface Printed extends Readonly<Record<string, unknown>> {
  readonly catalog: Catalog.Catalog
}

/** A folder of modules, which is gone when the test has ended. */
export const workshop = async (name: string) => {
  const folder = join(root, ".cache", `${name}-${process.pid}`)
  await mkdir(folder, { recursive: true })
  const configuration = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { rootDir: root },
    include: ["*.ts"]
  }
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(configuration))
  let written = 0
  const moduleIn = async (text: string): Promise<Printed> => {
    const path = join(folder, `module${++written}.ts`)
    await writeFile(path, text)
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Printed
  }
  return {
    moduleIn,
    /** What a module exports as its catalog. */
    catalogIn: async (text: string): Promise<Catalog.Catalog> => (await moduleIn(text)).catalog,
    /** What the compiler says against all of them; nothing where they are right. */
    complaints: () =>
      new Promise<string>((resolve) => {
        const compiler = join(root, "node_modules/typescript/bin/tsc")
        execFile(
          process.execPath,
          [compiler, "--project", folder, "--pretty", "false"],
          { maxBuffer: 2 ** 26 },
          (error, stdout, stderr) => {
            resolve(error !== null && stdout === "" ? `${error.message}${stderr}` : stdout)
          }
        )
      }),
    close: () => rm(folder, { recursive: true, force: true }),
    count: () => written
  }
}
