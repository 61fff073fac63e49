import * as Effect from "effect/Effect"
import type { Capabilities } from "../algebra/Dialect.ts"
import { capabilities } from "../compile/capabilities.ts"
import type { CompileOptions } from "../compile/compileStatement.ts"
import type { OwnDialect } from "../compile/Dialect.ts"
import type { ConnectFailed } from "./DatabaseError.ts"
import type { Connection, Result, Site } from "./Driver.ts"
import { connectFailed } from "./drivers/connectFailed.ts"
import type { ServerFacts, Statements, Told } from "./FirstConnect.ts"
import { control, type Sender } from "./statements/send.ts"
import type { Isolation } from "./transactions/Characteristics.ts"

/** How statements of a server are made, in the words of ours or of another's. */
export interface Speech {
  readonly own: OwnDialect | null
  readonly make: (capabilities: Capabilities, options: CompileOptions) => Statements
}

/** What a connection's greeting tells, and for all in SQLite what is always so. */
export const toldBy = ({ server }: Connection, { make, own }: Speech): Told => {
  const { dialect, version } = server
  const able = own === null ? capabilities(dialect, version) : own.capabilities(version)
  const compiling = own === null ? {} : { words: own.words }
  const always = dialect === "sqlite"
  const facts: ServerFacts = {
    dialect,
    version,
    capabilities: able,
    schema: always ? "main" : null,
    isolation: always ? "serializable" : null
  }
  return { facts, compiling, statements: make(able, compiling) }
}

const site: Site = { operation: "connect", table: null, inTransaction: false }

/** What a connection tells when it is also asked for its defaults, where its driver asks. */
export const askedOf = (
  sender: Sender,
  connection: Connection,
  speech: Speech
): Effect.Effect<Told, ConnectFailed> => {
  const { deadlines, driver } = sender
  const told = toldBy(connection, speech)
  if (driver.defaults === undefined) return Effect.succeed(told)
  const text = driver.defaults(told.facts.dialect)
  return Effect.mapBoth(control(sender, connection, text, site, deadlines.connect_ms), {
    onSuccess: (answer) => ({ ...told, facts: { ...told.facts, ...defaultsIn(answer) } }),
    onFailure: (error) => {
      const reason = error.retryable ? "refused" : "protocol"
      return connectFailed(driver.dialect, driver.host, reason, error)
    }
  })
}

const isolations: ReadonlySet<string> = new Set<Isolation>([
  "read uncommitted",
  "read committed",
  "repeatable read",
  "serializable"
])

const defaultsIn = ({ rows }: Result): Pick<ServerFacts, "schema" | "isolation"> => {
  const [schema, level] = rows[0] ?? []
  const isolation = String(level).toLowerCase().replace("-", " ")
  return {
    schema: typeof schema === "string" ? schema : null,
    isolation: isolations.has(isolation) ? (isolation as Isolation) : null
  }
}
