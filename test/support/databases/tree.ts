import { execFile } from "node:child_process"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** A server's own child workers (PostgreSQL has one per connection). */
const children = async (pid: number): Promise<ReadonlyArray<number>> => {
  try {
    const { stdout } = await execute("ps", ["-e", "-o", "pid=,ppid="])
    return stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter(([, parent]) => parent === pid)
      .map(([child]) => child as number)
  } catch {
    return []
  }
}

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // gone already: that is what was wanted
  }
}

/** Signals a server and all its workers, the server first so that it starts no new ones. */
export const signalTree = async (pid: number, signal: NodeJS.Signals): Promise<void> => {
  const workers = await children(pid)
  send(pid, signal)
  for (const worker of workers) send(worker, signal)
}

/** Kills as the kernel kills when memory runs out: nobody gets a chance to say goodbye. */
export const killTree = (pid: number): Promise<void> => signalTree(pid, "SIGKILL")
