import type { Capabilities, DialectName } from "../algebra/Dialect.ts"
import type { Dialect } from "./Dialect.ts"
import { mariadb } from "./dialects/mariadb.ts"
import { mysql } from "./dialects/mysql.ts"
import { postgres } from "./dialects/postgres.ts"
import { sqlite } from "./dialects/sqlite.ts"

/**
 * How each dialect says things.
 *
 * @example
 * ```ts
 * import { dialects } from "athanor/dialect"
 * dialects.postgres.placeholder(2) // => "$2"
 * ```
 * @category models
 */
export const dialects: Readonly<Record<DialectName, Dialect>> = Object.freeze({
  sqlite,
  postgres,
  mysql,
  mariadb
})

/** How a server of these capabilities is spoken to, where nobody brings words of their own. */
export const wordsOf = (
  { dialect }: Capabilities,
  { words }: { readonly words?: Dialect }
): Dialect => words ?? dialects[dialect]
