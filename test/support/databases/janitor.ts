/**
 * A program that outlives a crashed test run by a moment. It reads lines from its parent:
 * `+server <pid>`, `-server <pid>`, `+directory <path>`, `-directory <path>`. When the parent is
 * gone, however it went, the pipe ends: what is still on the list is killed and deleted.
 */
import { rm } from "node:fs/promises"
import { createInterface } from "node:readline"
import { killTree } from "./tree.ts"

const servers = new Set<number>()
const directories = new Set<string>()

for await (const line of createInterface({ input: process.stdin })) {
  const space = line.indexOf(" ")
  const [verb, subject] = [line.slice(0, space), line.slice(space + 1)]
  if (verb === "+server") servers.add(Number(subject))
  else if (verb === "-server") servers.delete(Number(subject))
  else if (verb === "+directory") directories.add(subject)
  else if (verb === "-directory") directories.delete(subject)
}

for (const pid of servers) await killTree(pid)
for (const directory of directories) {
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
