/**
 * Builds dist/ from src/ with the native compiler. The new one replaces the old one whole, and
 * only when it compiled: nobody ever sees half a build.
 */
import { spawnSync } from "node:child_process"
import { rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { filesBelow, root } from "../source/source.ts"

const draft = join(root, `dist-${process.pid}`)
const compiler = join(root, "node_modules/typescript/bin/tsc")

try {
  const { status } = spawnSync(
    process.execPath,
    [compiler, "--project", join(root, "tsconfig.build.json"), "--outDir", draft],
    { stdio: "inherit" }
  )
  if (status === 0) {
    await rm(join(root, "dist"), { recursive: true, force: true })
    await rename(draft, join(root, "dist"))
    const modules = (await filesBelow("dist")).filter((path) => path.endsWith(".js")).length
    console.log(`build: ${modules} modules in dist`)
    if (modules === 0) process.exitCode = 1
  } else process.exitCode = 1
} finally {
  await rm(draft, { recursive: true, force: true })
}
