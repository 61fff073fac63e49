import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { account } from "./account.ts"
import type { Engine, Installation, Recipe, StopMode } from "./engine.ts"
import { mariadb } from "./mariadb.ts"
import { postgres } from "./postgres.ts"
import { signalTree } from "./tree.ts"
import { copyFromCache, makeDirectory, removeDirectory, tellJanitor } from "./workspace.ts"

export const recipes: Readonly<Record<Engine, Recipe>> = { postgres, mariadb }

/** A server that belongs to whoever asked for it: stop it, kill it, freeze it, start it again. */
export interface OwnServer {
  readonly engine: Engine
  /** Stays the same over stop and start. */
  readonly url: string
  readonly port: number
  /** Undefined while stopped. */
  readonly pid: () => number | undefined
  /** Starts again on the same port and folder. Resolves when connections are answered. */
  readonly start: () => Promise<void>
  /** Asks the server to stop. Resolves when it is gone. */
  readonly stop: (mode?: StopMode) => Promise<void>
  /** kill -9 of the server and all its workers. Resolves when they are gone. */
  readonly kill: () => Promise<void>
  /** Stops the server's clock: sockets stay open and nothing is answered. */
  readonly freeze: () => Promise<void>
  readonly thaw: () => Promise<void>
  /** What the server wrote to its log. */
  readonly log: () => Promise<string>
  /** Kills it and deletes its folder. */
  readonly remove: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const readyWithin_ms = 60_000

/** Starts a server of our own on a free port of 127.0.0.1, its files in memory where they fit. */
export const ownServer = async (engine: Engine): Promise<OwnServer> => {
  const recipe = recipes[engine]
  const installation = await recipe.find()
  const root = await makeDirectory(engine)
  const directory = join(root, "cluster")
  await copyFromCache(recipe.fingerprint(installation), directory, (empty) =>
    recipe.initialise(installation, empty)
  )
  const server = makeServer(recipe, installation, root, directory, await freePort())
  try {
    await server.start()
  } catch (problem) {
    await server.remove()
    throw problem
  }
  return server
}

const makeServer = (
  recipe: Recipe,
  installation: Installation,
  root: string,
  directory: string,
  port: number
): OwnServer => {
  const url = recipe.url(port)
  const logPath = join(root, "log")
  let child: ChildProcess | undefined

  const log = (): Promise<string> => readFile(logPath, "utf8").catch(() => "")

  const start = async (): Promise<void> => {
    if (child !== undefined) throw new Error(`The ${recipe.engine} server is running already.`)
    child = await launch(recipe.command(installation, directory, port), logPath, () => {
      child = undefined
    })
    await ready()
  }

  const ready = async (): Promise<void> => {
    const deadline = performance.now() + readyWithin_ms
    for (;;) {
      const problem = await recipe.ping(url).then(
        () => undefined,
        (reason: unknown) => reason
      )
      if (problem === undefined) return
      if (child === undefined || performance.now() > deadline) {
        const tail = (await log()).trim().split("\n").slice(-8).join("\n")
        const state = child === undefined ? "stopped while starting" : "did not answer in time"
        throw new Error(`${recipe.engine} ${state}. Its log ends:\n${tail}`, { cause: problem })
      }
      await sleep(15)
    }
  }

  const end = async (signal: (pid: number) => Promise<void> | void): Promise<void> => {
    const running = child
    if (running?.pid === undefined) return
    const gone = once(running, "exit")
    running.ref() // a forgotten server keeps no program alive, a stopping one does
    await signal(running.pid)
    await gone
  }

  const kill = (): Promise<void> => end((pid) => signalTree(pid, "SIGKILL"))
  const remove = async (): Promise<void> => {
    await kill()
    await removeDirectory(root)
  }

  return {
    engine: recipe.engine,
    url,
    port,
    pid: () => child?.pid,
    start,
    stop: (mode = "fast") => end((pid) => void process.kill(pid, recipe.signal[mode])),
    kill,
    freeze: async () => void (child?.pid && (await signalTree(child.pid, "SIGSTOP"))),
    thaw: async () => void (child?.pid && (await signalTree(child.pid, "SIGCONT"))),
    log,
    remove,
    [Symbol.asyncDispose]: remove
  }
}

/** Spawns in a session of its own, so Ctrl-C in a terminal stops the tests first. */
const launch = async (
  [program, args]: readonly [string, ReadonlyArray<string>],
  logPath: string,
  onExit: () => void
): Promise<ChildProcess> => {
  const output = openSync(logPath, "a")
  const child = spawn(program, args, {
    ...(await account()),
    cwd: "/",
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" }
  })
  closeSync(output)
  child.unref()
  const { pid } = child
  if (pid === undefined) {
    const [problem] = (await once(child, "error")) as [Error]
    throw problem
  }
  tellJanitor("+server", pid)
  child.once("exit", () => {
    tellJanitor("-server", pid)
    onExit()
  })
  return child
}

export const freePort = async (): Promise<number> => {
  const listener = createServer().listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, "close")
  return port
}
