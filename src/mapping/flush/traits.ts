import type { Capabilities, DialectName } from "../../algebra/Dialect.ts"

/** How a server checks rows while a statement runs, and what it says of inserted rows. */
export interface FlushTraits {
  /**
   * Foreign keys are checked row by row: parent and child cannot go in one DELETE, and a row that
   * refers to itself cannot go at all. Else a statement is checked when it ends.
   */
  readonly checksRows: boolean
}

const byDialect: Readonly<Record<DialectName, FlushTraits>> = {
  sqlite: { checksRows: false },
  postgres: { checksRows: false },
  // InnoDB, as measured on MariaDB 10.11; the manual says the same of MySQL.
  mysql: { checksRows: true },
  mariadb: { checksRows: true }
}

/** The traits of a server. */
export const traitsOf = ({ dialect }: Capabilities): FlushTraits => byDialect[dialect]
