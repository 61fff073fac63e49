import { type AddressInfo, connect as dial, createServer, type Socket } from "node:net"

/** Which way bytes go over a wire. */
export type Direction = "to the server" | "to the client"

/** What a wire does to what is sent over it; all of it may be changed at any moment. */
export interface WireState {
  /** A connect takes so long. */
  slow_ms: number
  /** Cuts where the client says this. */
  cutAt: string
  /** Nothing arrives any more, and no connect is answered: half open. */
  isSilent: boolean
  /** Counts how often the client says this. */
  watch: string
  watched: number
  /** Cuts after so many bytes more in one direction. */
  direction: Direction
  left: number
  /** Bytes that went in that direction. */
  seen: number
}

/** Whole, and nothing counted. */
const sound = (): WireState => ({
  slow_ms: 0,
  cutAt: "",
  isSilent: false,
  watch: "",
  watched: 0,
  direction: "to the client",
  left: Infinity,
  seen: 0
})

/** A wire to a server that can be slow, silent, cut at once, at a word or at a byte. */
export const wireTo = async (target: string, at = 0) => {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const state = sound()
  const server = createServer((client) => {
    client.on("error", () => {})
    setTimeout(() => {
      // Given up while it waited: nobody would end the other half.
      if (client.destroyed) return
      const upstream = dial(Number(port), hostname)
      const both = [client, upstream]
      const end = (): void => both.forEach((socket) => socket.destroy())
      // What went silent stays so: its connection is lost to both sides without a word.
      let isDeaf = state.isSilent
      for (const socket of both) {
        sockets.add(socket)
        socket.setNoDelay(true)
        socket.on("error", () => {})
        socket.on("close", () => {
          sockets.delete(socket)
          end()
        })
      }
      const pass = (to: Socket, direction: Direction, chunk: Buffer): void => {
        isDeaf ||= state.isSilent
        if (isDeaf) return
        if (direction !== state.direction) return void to.write(chunk)
        state.seen += chunk.length
        state.left -= chunk.length
        if (state.left > 0) return void to.write(chunk)
        const part = chunk.subarray(0, chunk.length + state.left)
        state.left = Infinity
        to.write(part, end)
      }
      client.on("data", (chunk: Buffer) => {
        if (state.watch !== "" && chunk.includes(state.watch)) state.watched++
        if (state.cutAt !== "" && chunk.includes(state.cutAt)) return end()
        pass(upstream, "to the server", chunk)
      })
      upstream.on("data", (chunk: Buffer) => pass(client, "to the client", chunk))
    }, state.slow_ms)
  })
  await new Promise<void>((listening) => server.listen(at, "127.0.0.1", listening))
  const url = new URL(target)
  url.hostname = "127.0.0.1"
  url.port = String((server.address() as AddressInfo).port)
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const close = (): void => {
    cut()
    server.close()
  }
  /** As it was made. Connections that went silent stay lost, as after a NAT that forgot them. */
  const heal = (): void => void Object.assign(state, sound())
  return { url: url.href, state, cut, heal, close }
}

export type Wire = Awaited<ReturnType<typeof wireTo>>
