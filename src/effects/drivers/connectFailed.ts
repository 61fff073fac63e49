import type { DialectName } from "../../algebra/Dialect.ts"
import { ConnectFailed, type ConnectReason } from "../DatabaseError.ts"

/** Codes of the system, SQLSTATEs and MariaDB's numbers for a connection that was not made. */
const reasons: Readonly<Record<string, ConnectReason>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "refused",
  EPIPE: "refused",
  ENOENT: "unreachable",
  EACCES: "refused",
  PROTOCOL_CONNECTION_LOST: "refused",
  "57P03": "refused",
  "57P01": "refused",
  "57P02": "refused",
  "1053": "refused",
  ETIMEDOUT: "timeout",
  PROTOCOL_SEQUENCE_TIMEOUT: "timeout",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  EINVAL: "unreachable",
  "28P01": "authentication",
  "28000": "authentication",
  "1045": "authentication",
  "1698": "authentication",
  "1044": "authentication",
  "1251": "authentication",
  "1130": "authentication",
  "1129": "authentication",
  "53300": "tooManyClients",
  "1040": "tooManyClients",
  "1203": "tooManyClients",
  "1226": "tooManyClients",
  "3D000": "unknownDatabase",
  "1049": "unknownDatabase",
  HANDSHAKE_NO_SSL_SUPPORT: "tls",
  HANDSHAKE_SSL_ERROR: "tls",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  CERT_HAS_EXPIRED: "tls",
  ERR_TLS_CERT_ALTNAME_INVALID: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
  EPROTO: "tls"
}

const words: Readonly<Record<ConnectReason, string>> = {
  refused: "refused the connection",
  timeout: "did not answer in time",
  unreachable: "cannot be reached",
  tls: "cannot agree on an encrypted connection",
  authentication: "refused the account or its password",
  tooManyClients: "has too many clients",
  unknownDatabase: "has no such database",
  file: "cannot be opened",
  protocol: "answered something unexpected",
  credentials: "was not asked: its account could not be told",
  onConnect: "was reached, and what onConnect asked of it failed"
}

const again: ReadonlySet<ConnectReason> = new Set([
  "refused",
  "timeout",
  "unreachable",
  "tooManyClients"
])

/** No connection to `host`, for a known reason. */
export const connectFailed = (
  dialect: DialectName,
  host: string,
  reason: ConnectReason,
  error?: unknown,
  said: string = words[reason]
): ConnectFailed =>
  new ConnectFailed(
    {
      message: `${host} ${said}`,
      dialect,
      operation: "connect",
      retryable: again.has(reason),
      transaction: "ended",
      reason,
      host
    },
    error
  )

/** No connection from what the program has opened and ended itself: it does not come back. */
export const endedByOwner = (dialect: DialectName, host: string, error: unknown): ConnectFailed =>
  connectFailed(
    dialect,
    host,
    dialect === "sqlite" ? "file" : "protocol",
    error,
    "was ended by the program it is of"
  )

/** No connection to `host`, for the reason the driver's error gives by code or number. */
export const connectFailedBy = (
  dialect: DialectName,
  host: string,
  error: unknown
): ConnectFailed => connectFailed(dialect, host, reasonOf(error), error)

const reasonOf = (error: unknown): ConnectReason => {
  if (typeof error !== "object" || error === null) return "protocol"
  if ("errno" in error && reasons[String(error.errno)] !== undefined)
    return reasons[String(error.errno)]!
  if ("code" in error && reasons[String(error.code)] !== undefined)
    return reasons[String(error.code)]!
  if (error instanceof Error) {
    if (/timeout/i.test(error.message)) return "timeout"
    if (/SSL|TLS|certificate/i.test(error.message)) return "tls"
    if (/password/i.test(error.message)) return "authentication"
    if (/terminated|closed|lost/i.test(error.message)) return "refused"
  }
  return "protocol"
}
