import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { access, cp, mkdir, mkdtemp, rename, rm, statfs } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { giveToAccount } from "./account.ts"

const memory = "/dev/shm"
const enoughBytes = 1024 ** 3

/** A folder of our own, in memory where a gigabyte is free there. */
export const makeDirectory = async (name: string): Promise<string> => {
  const parent = (await freeBytes(memory)) > enoughBytes ? memory : tmpdir()
  const directory = await mkdtemp(join(parent, `athanor-${name}-`))
  tellJanitor("+directory", directory)
  await giveToAccount(directory)
  return directory
}

export const removeDirectory = async (directory: string): Promise<void> => {
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  tellJanitor("-directory", directory)
}

const freeBytes = async (directory: string): Promise<number> => {
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  } catch {
    return 0
  }
}

const cache = fileURLToPath(new URL("../../../node_modules/.cache/athanor/", import.meta.url))

/**
 * Fills `target` with a copy of the cluster named by `fingerprint`, made once by `make` and kept
 * under node_modules/.cache. Two runs at once may both make one; the first to finish is kept.
 */
export const copyFromCache = async (
  fingerprint: string,
  target: string,
  make: (directory: string) => Promise<void>
): Promise<void> => {
  const kept = join(cache, fingerprint)
  if (!(await exists(kept))) {
    const directory = await makeDirectory("cluster")
    try {
      await make(directory)
      await keep(directory, kept)
    } finally {
      await removeDirectory(directory)
    }
  }
  await cp(kept, target, { recursive: true })
  await giveToAccount(target)
}

const keep = async (directory: string, kept: string): Promise<void> => {
  const draft = `${kept}.${randomBytes(4).toString("hex")}`
  await mkdir(dirname(kept), { recursive: true })
  await cp(directory, draft, { recursive: true })
  try {
    await rename(draft, kept)
  } catch (problem) {
    await rm(draft, { recursive: true, force: true })
    if (!(await exists(kept))) throw problem
  }
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false
  )

type Note = "+server" | "-server" | "+directory" | "-directory"

let janitor: NodeJS.WritableStream | undefined

/** The janitor keeps its own session, so Ctrl-C reaches us and not it. */
export const tellJanitor = (note: Note, subject: string | number): void => {
  janitor ??= startJanitor()
  janitor.write(`${note} ${subject}\n`)
}

const startJanitor = (): NodeJS.WritableStream => {
  const program = fileURLToPath(new URL("./janitor.ts", import.meta.url))
  const child = spawn(process.execPath, [program], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"]
  })
  child.unref()
  const input = child.stdin
  input.on("error", () => {}) // a dead janitor must not fail a test run
  if ("unref" in input && typeof input.unref === "function") input.unref()
  return input
}
