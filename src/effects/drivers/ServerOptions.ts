import type * as Redacted from "effect/Redacted"
import type { Deadlines } from "../Driver.ts"

/** A server's address and account, complete: what a driver connects by. */
export interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: Redacted.Redacted<string>
  /** False: plain. True: encrypted and verified. Else options of node:tls. */
  readonly tls: boolean | object
  readonly applicationName: string
  /** Prepared statements kept per connection. */
  readonly statements: number
  /** What stands between us and the server, and gives each transaction another session. */
  readonly pooler: "none" | "transaction"
  readonly deadlines: Deadlines
  /** Passed on to the driver as they are, where nothing here says otherwise. */
  readonly driverOptions: object
}

/**
 * What may be new at each connect: a password that rotates, a token that ends.
 *
 * @category models
 */
export interface Credentials {
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly user?: string
  readonly password?: Redacted.Redacted<string>
}
