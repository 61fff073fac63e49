import type { Source } from "../../algebra/Source.ts"
import { refuse } from "../../algebra/StatementError.ts"

/** A source under its alias; servers compare aliases without case, as they are `folded`. */
export interface Aliased {
  readonly alias: string
  readonly folded: string
  readonly source: Source
}

/** Sources in the order of FROM. There are few: a list is read sooner than a map is made. */
export type Aliases = ReadonlyArray<Aliased>

export const aliased = (alias: string, source: Source): Aliased => ({
  alias,
  folded: alias.toLowerCase(),
  source
})

/** The source of an alias; null where it is none of these. */
export const sourceUnder = (alias: string, aliases: Aliases): Source | null => {
  for (const one of aliases) if (one.alias === alias) return one.source
  return null
}

/** Those of two sides of a join, no two of them one name. */
export const joined = (left: Aliases, right: Aliases): Aliases => {
  for (const { alias, folded, source } of right)
    for (const other of left)
      if (other.folded === folded)
        refuse(
          other.source === source && other.alias === alias
            ? `the alias "${alias}" is joined twice: give one of them another with as()`
            : `the aliases "${other.alias}" and "${alias}" of two sources are one name`
        )
  return left.concat(right)
}
