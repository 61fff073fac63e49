import type { Client, Submittable } from "pg"

/** What is used of pg's protocol while a COPY takes rows. */
interface Protocol {
  readonly query: (text: string) => void
  readonly sendCopyFromChunk: (chunk: Buffer) => void
  readonly endCopyFrom: () => void
  readonly stream: {
    readonly writableNeedDrain: boolean
    readonly once: (event: "drain", listener: () => void) => void
  }
}

/** A COPY by hand of bytes that are there already: what is left is the server's work. */
export const copyMade = (
  client: Client,
  text: string,
  chunks: ReadonlyArray<Buffer>
): Promise<void> =>
  new Promise((copied, refused) => {
    let failure: unknown = null
    const sendFrom = (protocol: Protocol, from: number): void => {
      for (let at = from; at < chunks.length; at++) {
        protocol.sendCopyFromChunk(chunks[at]!)
        if (protocol.stream.writableNeedDrain)
          return protocol.stream.once("drain", () => sendFrom(protocol, at + 1))
      }
      protocol.endCopyFrom()
    }
    const copy = {
      callback: () => {},
      submit: (protocol: Protocol) => protocol.query(text),
      handleCopyInResponse: (protocol: Protocol) => sendFrom(protocol, 0),
      handleCommandComplete: () => {},
      handleError: (error: unknown) => {
        failure = error
      },
      handleReadyForQuery: () => {
        if (failure === null) copied()
        else refused(failure)
      }
    }
    client.query(copy as unknown as Submittable)
  })
