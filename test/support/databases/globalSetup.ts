import { once } from "node:events"
import { createServer, type AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import type { TestProject } from "vitest/node"
import type { Engine } from "./engine.ts"
import { makeSharedServers } from "./shared.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Port of the desk where test files ask for the address of a server. */
    readonly serverDesk: number
  }
}

/**
 * Runs once per test run, in the main process. It starts no server: test files ask at a desk on
 * 127.0.0.1, and the first to ask for an engine makes it start. A run of pure tests needs none.
 */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const servers = makeSharedServers()
  const desk = createServer({ allowHalfOpen: true }, async (socket) => {
    socket.on("error", () => {})
    const engine = (await text(socket)) as Engine
    const answer = await servers.url(engine).then(
      (url) => ({ url }),
      (problem: unknown) => ({ problem: problem instanceof Error ? problem.message : `${problem}` })
    )
    socket.end(JSON.stringify(answer))
  })
  desk.listen(0, "127.0.0.1")
  await once(desk, "listening")
  project.provide("serverDesk", (desk.address() as AddressInfo).port)
  return async () => {
    desk.close()
    await servers.stop()
  }
}
