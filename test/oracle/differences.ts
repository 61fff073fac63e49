import type { DialectName } from "../../src/algebra/Dialect.ts"

/**
 * The one list of places where a server's value differs and athanor does not hide it.
 *
 * Each says what differs, why it is left so, and where the server's manual states it. Everything
 * that is not in this list means the same on every dialect.
 */
export interface Difference {
  readonly what: string
  readonly why: string
  readonly manual: string
}

/** @public Read by people. */
export const differences = {
  caseMapping: {
    what: "lower and upper map the letters outside ASCII on MySQL and MariaDB only",
    why: "SQLite maps ASCII only, and PostgreSQL follows the database's LC_CTYPE, which is C here",
    manual:
      "sqlite.org/lang_corefunc.html#upper; postgresql.org/docs/current/collation.html 23.2.2; " +
      "mariadb.com/kb/en/upper"
  }
} as const satisfies Readonly<Record<string, Difference>>

/** Whether a dialect maps letters outside ASCII between cases. */
export const mapsAllLetters: Readonly<Record<DialectName, boolean>> = {
  sqlite: false,
  postgres: false,
  mysql: true,
  mariadb: true
}
