import type { Capabilities } from "../algebra/Dialect.ts"
import type { Dialect } from "./Dialect.ts"
import { identifier } from "./identifiers.ts"

/** Identifiers as a dialect says them, each checked once. */
export interface Names {
  readonly name: (name: string) => string
  /** `table.name` */
  readonly column: (table: string, name: string) => string
}

/** A program says few names, each of them often; what is made up on the way may be anything. */
const most = 1_000

const makeNames = (dialect: Dialect, capabilities: Capabilities): Names => {
  const names = new Map<string, string>()
  const tables = new Map<string, Map<string, string>>()
  let columns = 0
  const name: Names["name"] = (one) => {
    let said = names.get(one)
    if (said === undefined) {
      said = identifier(one, dialect, capabilities)
      if (names.size < most) names.set(one, said)
    }
    return said
  }
  // Of one table columns come in a row.
  let last = ""
  let known: Map<string, string> | undefined
  const column: Names["column"] = (table, one) => {
    if (table !== last) known = tables.get((last = table))
    let said = known?.get(one)
    if (said === undefined) {
      said = `${name(table)}.${name(one)}`
      if (columns === most) return said
      columns++
      if (known === undefined) tables.set(table, (known = new Map()))
      known.set(one, said)
    }
    return said
  }
  return { name, column }
}

const known = new WeakMap<Capabilities, { readonly dialect: Dialect; readonly names: Names }>()

/** Those of a server; of another dialect's words for it, others. */
export const namesOf = (dialect: Dialect, capabilities: Capabilities): Names => {
  const found = known.get(capabilities)
  if (found?.dialect === dialect) return found.names
  const names = makeNames(dialect, capabilities)
  known.set(capabilities, { dialect, names })
  return names
}
