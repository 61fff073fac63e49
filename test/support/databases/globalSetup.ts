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
  const desk = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {})
    text(socket)
      .then((engine) => servers.url(engine as Engine))
      .then(
        (url) => ({ url }),
        (reason: unknown) => ({ problem: reason instanceof Error ? reason.message : `${reason}` })
      )
      .then(
        (answer) => socket.end(JSON.stringify(answer)),
        () => socket.destroy()
      )
  })
  desk.listen(0, "127.0.0.1")
  await once(desk, "listening")
  project.provide("serverDesk", (desk.address() as AddressInfo).port)
  return async () => {
    desk.close()
    await servers.stop()
  }
}
