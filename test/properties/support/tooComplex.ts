import type { DialectName, Refusal } from "../../../src/algebra/Dialect.ts"
import { classify as ofMysql } from "../../../src/effects/classify/mysql.ts"
import { classify as ofPostgres } from "../../../src/effects/classify/postgres.ts"
import { classify as ofSqlite } from "../../../src/effects/classify/sqlite.ts"
import type { Site } from "../../../src/effects/Driver.ts"

const site: Site = { operation: "query", table: null, inTransaction: false }

const failureOf = (error: Error, dialect: DialectName) =>
  dialect === "sqlite"
    ? ofSqlite(error, site, null)
    : dialect === "postgres"
      ? ofPostgres(error, site, null)
      : ofMysql(dialect, error, site, null)

/**
 * A server has limits of its own, which no text tells before it is sent: a program gets them as
 * `QueryTooComplex`, and here they are refusals.
 */
export const tooComplex = (error: Error, dialect: DialectName): Refusal | null =>
  failureOf(error, dialect)._tag === "QueryTooComplex"
    ? { _tag: "Refusal", dialect, capability: "QueryTooComplex", construct: "a server's limit" }
    : null
