import type { DialectName } from "../algebra/Dialect.ts"
import type { Dialect } from "./Dialect.ts"
import { mariadb } from "./dialects/mariadb.ts"
import { mysql } from "./dialects/mysql.ts"
import { postgres } from "./dialects/postgres.ts"
import { sqlite } from "./dialects/sqlite.ts"

/** How each dialect says things. */
export const dialects: Readonly<Record<DialectName, Dialect>> = Object.freeze({
  sqlite,
  postgres,
  mysql,
  mariadb
})
