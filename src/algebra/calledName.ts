import { type DialectName, dialectNames } from "./Dialect.ts"
import { noFunctions } from "./noFunctions.ts"
import { refuse } from "./StatementError.ts"

/** The name of a function: one for all dialects, or one for each that has it. */
export type CalledName = string | { readonly [D in DialectName]?: string }

const schemaAndName = /^([A-Za-z_][A-Za-z0-9_]*\.)?[A-Za-z_][A-Za-z0-9_]*$/

/** SQLite has no functions in schemas. */
const isSayable = (name: string, dialect: DialectName): boolean =>
  !noFunctions[dialect].has(name.toLowerCase()) && !(dialect === "sqlite" && name.includes("."))

/**
 * What a function is called on each dialect; null where nobody said, and where the name is none
 * there.
 */
export const calledNames = (name: CalledName): Readonly<Record<DialectName, string | null>> => {
  const said = (dialect: DialectName): string | null => {
    const own = typeof name === "string" ? name : name[dialect]
    if (own === undefined) return null
    if (typeof own !== "string" || !schemaAndName.test(own))
      return refuse("call: the name of a function is letters, digits and underscores")
    return isSayable(own, dialect) ? own : null
  }
  const names = Object.fromEntries(dialectNames.map((one) => [one, said(one)]))
  if (typeof name === "string" && dialectNames.every((one) => names[one] === null))
    refuse(`call: "${name}" is a word of SQL's own on every dialect`)
  return Object.freeze(names) as Readonly<Record<DialectName, string | null>>
}

/** Functions that every server that has them knows to draw, or to count on. */
const drawnNames: ReadonlySet<string> = new Set([
  "random",
  "rand",
  "randomblob",
  "random_bytes",
  "random_normal",
  "nextval",
  "setval",
  "lastval",
  "uuid",
  "gen_random_uuid"
])

/** Whether a function is known to have another value each time it is asked. */
export const isDrawnName = (name: string | null): boolean =>
  name !== null && drawnNames.has(name.slice(name.indexOf(".") + 1).toLowerCase())
