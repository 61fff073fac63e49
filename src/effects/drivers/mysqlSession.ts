import type { DialectName } from "../../algebra/Dialect.ts"
import type { Connection } from "../Driver.ts"

/** What a connection is asked first: whose server it is, and how large a packet may be. */
export const greetingText = "select version(), @@max_allowed_packet"

/** A server and the bytes of its largest packet; a proxy that says nothing takes any. */
export const toldIn = (
  rows: unknown
): { readonly server: Connection["server"]; readonly packet: number } => {
  const [version, packet] = (rows as ReadonlyArray<ReadonlyArray<unknown>>)[0] ?? []
  return { server: serverOf(String(version)), packet: Number(packet) || Infinity }
}

/**
 * `10.11.19-MariaDB-0+deb12u1`, `8.4.2`; MariaDB behind a proxy writes `5.5.5-10.11.19-MariaDB`.
 */
const serverOf = (text: string): Connection["server"] => {
  const numbers = /(\d+)\.(\d+)\.(\d+)/.exec(text.replace(/^5\.5\.5-/, ""))
  return {
    dialect: /mariadb/i.test(text) ? "mariadb" : "mysql",
    version: [Number(numbers?.[1] ?? 0), Number(numbers?.[2] ?? 0), Number(numbers?.[3] ?? 0)]
  }
}

/**
 * Errors instead of silent repair, and one grammar on every server. Division by zero stays NULL, so
 * ERROR_FOR_DIVISION_BY_ZERO is left out. So is ONLY_FULL_GROUP_BY: the compiler checks groups, and
 * MariaDB refuses correct ones (a group's column inside a subquery of SELECT).
 */
const sqlMode = [
  "STRICT_ALL_TABLES",
  "NO_ZERO_DATE",
  "NO_ZERO_IN_DATE",
  "NO_BACKSLASH_ESCAPES",
  "NO_ENGINE_SUBSTITUTION"
].join(",")

export const sessionText = (mariadb: boolean): string =>
  `set session sql_mode = '${sqlMode}', time_zone = '+00:00', autocommit = 1, ` +
  "foreign_key_checks = 1, " +
  // Who reads a stream may take as long between two chunks as between two statements.
  "net_write_timeout = 28800, " +
  // Texts and lists of a group are cut at 1,024 bytes or 1 MiB otherwise.
  "group_concat_max_len = 4294967295, " +
  // MariaDB ends a deeper recursion with a warning and the rows so far.
  `${mariadb ? "max_recursive_iterations" : "cte_max_recursion_depth"} = 4294967295, ` +
  `collation_connection = ${mariadb ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin"}, ` +
  // A statement prepared while the variable has no value takes it for NULL for good.
  "@athanor_left = 0"

/** Asks for what a session has where nothing is said: MySQL 8 has no tx_isolation any more. */
export const defaultsText = (dialect: DialectName): string =>
  `select database(), @@${dialect === "mariadb" ? "tx" : "transaction"}_isolation`
