import { compile, type DialectName } from "athanor/compile"
import type { Construct } from "./constructs.ts"

export const dialects: ReadonlyArray<readonly [DialectName, string]> = [
  ["sqlite", "SQLite"],
  ["postgres", "PostgreSQL"],
  ["mysql", "MySQL"],
  ["mariadb", "MariaDB"]
]

/** What a dialect makes of a construct. */
export type Cell =
  | { readonly _tag: "native" }
  | { readonly _tag: "emulated" }
  | { readonly _tag: "unsupported"; readonly capability: string }

/** Read off what is compiled: refused, said in the words a server has for it, or in others. */
export const cellOf = ({ statement, words }: Construct, dialect: DialectName): Cell => {
  const said = compile(statement, dialect, { verify: true })
  if (said._tag === "Refusal") return { _tag: "unsupported", capability: said.capability }
  return { _tag: words.test(said.text) ? "native" : "emulated" }
}
