/** A parameter as it goes over the wire. */
export type Wire = string | Buffer | null

/** What pg's client sends: it writes itself to the protocol. */
export interface PgSubmittable {
  readonly submit: (protocol: PgProtocol) => Error | null
}

/** What is used of the package pg, so that our declarations need none of its types. */
export interface PgModule {
  readonly Client: new (config: object) => PgClient
  readonly Connection: new (config: object) => PgProtocol
}

export interface PgClient {
  readonly connection: PgProtocol
  readonly host: string
  readonly port: number
  readonly processID: number
  readonly secretKey: number
  readonly ssl: unknown
  readonly connect: (done: (error: Error | null | undefined) => void) => void
  readonly query: (statement: PgSubmittable) => void
  readonly end: (done: () => void) => void
  readonly on: (event: "error" | "end" | "notification", listener: (told: unknown) => void) => void
  readonly removeListener: (event: "error" | "end", listener: (error: unknown) => void) => void
  readonly getTransactionStatus: () => "I" | "T" | "E" | null
}

/** The frontend's half of the wire protocol, one method a message. */
export interface PgProtocol {
  readonly stream: {
    readonly destroy: () => void
    readonly cork?: () => void
    readonly uncork?: () => void
    readonly writableNeedDrain?: boolean
    readonly pause?: () => void
    readonly resume?: () => void
    readonly once?: (event: "drain", listener: () => void) => void
  }
  readonly connect: (port: number, host: string) => void
  readonly requestSsl: () => void
  readonly cancel: (processID: number, secretKey: number) => void
  readonly query: (text: string) => void
  readonly parse: (message: {
    readonly name: string
    readonly text: string
    readonly types: ReadonlyArray<number>
  }) => void
  readonly describe: (message: { readonly type: "S" | "P"; readonly name: string }) => void
  readonly bind: (message: {
    readonly portal: string
    readonly statement: string
    readonly values: ReadonlyArray<Wire>
    readonly binary: boolean
    readonly valueMapper: (value: Wire) => Wire
  }) => void
  readonly execute: (message: { readonly portal: string; readonly rows: number }) => void
  readonly close: (message: { readonly type: "S" | "P"; readonly name: string }) => void
  readonly sync: () => void
  readonly sendCopyFail: (message: string) => void
  readonly sendCopyFromChunk: (chunk: Buffer) => void
  readonly endCopyFrom: () => void
  readonly on: (event: string, listener: (message: unknown) => void) => void
  readonly removeListener: (event: string, listener: (message: unknown) => void) => void
}
