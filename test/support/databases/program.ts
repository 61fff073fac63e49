import { execFile } from "node:child_process"
import { access, constants, readFile } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

const pathOf = async (name: string): Promise<string | undefined> => {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"]
  for (const folder of folders) {
    const path = join(folder, name)
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false
    )
    if (runs) return path
  }
  return undefined
}

/**
 * Where a program of the system is; on Debian, as root, installed where it is missing. `advice`
 * says what to do where it cannot be.
 */
export const program = async (name: string, packaged: string, advice: string): Promise<string> => {
  const found = await pathOf(name)
  if (found !== undefined) return found
  const release = await readFile("/etc/os-release", "utf8").catch(() => "")
  const debian = /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(release)
  if (!debian || process.getuid?.() !== 0) throw new Error(advice)
  console.log(`${name} is missing: installing ${packaged} with apt-get.`)
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  const install = ["install", "-y", "--no-install-recommends", packaged]
  try {
    await execute("apt-get", install, { env: environment }).catch(async () => {
      await execute("apt-get", ["update"], { env: environment })
      await execute("apt-get", install, { env: environment })
    })
  } catch (problem) {
    const lines = String((problem as { readonly stderr?: unknown }).stderr ?? problem).trim()
    const said = lines.split("\n").slice(-3).join(" ")
    throw new Error(`apt-get could not: ${said}\n${advice}`, { cause: problem })
  }
  const path = await pathOf(name)
  if (path === undefined) throw new Error(advice)
  return path
}
