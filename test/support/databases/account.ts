import { execFile } from "node:child_process"
import { chown, readdir } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** The account servers run under: PostgreSQL refuses root, so root steps down. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

let found: Promise<Account | undefined> | undefined

/** `undefined` when we are not root: servers then run as ourselves. */
export const account = (): Promise<Account | undefined> => (found ??= choose())

const choose = async (): Promise<Account | undefined> => {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ["postgres", "nobody"]) {
    try {
      const [uid, gid] = await Promise.all([
        execute("id", ["-u", name]),
        execute("id", ["-g", name])
      ])
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
    } catch {
      continue // no such account here: the next name
    }
  }
  throw new Error("Running as root and neither account `postgres` nor `nobody` exists: add one.")
}

/** Runs a program as the account; its output joins the message when it fails. */
export const runAsAccount = async (
  program: string,
  args: ReadonlyArray<string>,
  options: {
    readonly cwd?: string
    readonly environment?: NodeJS.ProcessEnv
    readonly input?: string
  } = {}
): Promise<string> => {
  const who = (await account()) ?? {}
  const running = execute(program, args, {
    ...who,
    cwd: options.cwd ?? "/",
    env: { ...process.env, ...options.environment },
    maxBuffer: 16 * 1024 * 1024
  })
  const input = running.child.stdin
  input?.on("error", () => {}) // it stopped reading: its exit code says why
  input?.end(options.input ?? "")
  const { stdout } = await running
  return stdout
}

/** Gives a folder and all in it to the account. */
export const giveToAccount = async (directory: string): Promise<void> => {
  const who = await account()
  if (who === undefined) return
  await chown(directory, who.uid, who.gid)
  const entries = await readdir(directory, { recursive: true })
  await Promise.all(entries.map((entry) => chown(join(directory, entry), who.uid, who.gid)))
}
