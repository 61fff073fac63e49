import { capabilities } from "athanor/compile"
import { dialects, type OwnDialect } from "athanor/dialect"

/**
 * A server that takes SQLite's files and protocol and less of its SQL: names stand in brackets,
 * nothing comes back from a write, and there is no OVER.
 */
export const plainSqlite: OwnDialect = {
  words: {
    ...dialects.sqlite,
    quote: (name) => (name.includes("]") ? dialects.sqlite.quote(name) : `[${name}]`)
  },
  capabilities: (version) => ({
    ...capabilities("sqlite", version),
    insertReturning: false,
    updateReturning: false,
    deleteReturning: false,
    windows: false
  })
}
