import { grantedSince } from "./capabilities.ts"
import type { Command } from "../algebra/Command.ts"
import type { Capabilities, Refusal } from "../algebra/Dialect.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { Bound, BoundList } from "../algebra/Scalar.ts"
import type { CteSource } from "../algebra/Source.ts"
import type { Agreement, Fixed } from "./Compiled.ts"

/** A common table expression as the phases see it: its identity and its rewritten body. */
export interface NamedQuery {
  readonly source: CteSource
  readonly query: Relation | Command
}

/** A whole statement on its way through the phases: its tree and its common table expressions. */
export interface Program {
  readonly root: Relation | Command
  /** Dependencies first. */
  readonly ctes: ReadonlyArray<NamedQuery>
}

/**
 * What one compilation knows beside the statement. The first refusal is kept and the phases go on:
 * a refusal is a value, not an exception.
 */
export interface Context {
  readonly capabilities: Capabilities
  readonly refuse: (
    capability: string,
    construct: string,
    exceeded?: NonNullable<Refusal["exceeded"]>
  ) => void
  readonly refusal: () => Refusal | null
  /** Pairs of values that are one, because one text stands for both, or that differ. */
  readonly agree: Array<Agreement>
  /** The values by position, for places where a server takes no parameter. */
  readonly values: ReadonlyArray<Bound | BoundList>
  /** The values the text holds, with their positions. */
  readonly fixed: Array<Fixed>
}

export const makeContext = (
  capabilities: Capabilities,
  values: ReadonlyArray<Bound | BoundList> = []
): Context => {
  let first: Refusal | null = null
  return {
    capabilities,
    agree: [],
    values,
    fixed: [],
    refusal: () => first,
    refuse: (capability, construct, exceeded) => {
      first ??= Object.freeze({
        _tag: "Refusal",
        dialect: capabilities.dialect,
        capability,
        construct,
        ...(exceeded === undefined
          ? sinceOf(capabilities, capability)
          : { exceeded: Object.freeze(exceeded) })
      })
    }
  }
}

const sinceOf = (capabilities: Capabilities, name: string): Pick<Refusal, "since"> => {
  const since = grantedSince(capabilities, name)
  return since === null ? {} : { since }
}

/** The same program with each of its trees rewritten. */
export const overTrees = (
  program: Program,
  f: <N extends Relation | Command>(tree: N) => N
): Program => ({
  root: f(program.root),
  ctes: program.ctes.map((cte) => ({ source: cte.source, query: f(cte.query) }))
})

/** The trees of a program, the statement first. */
export const treesOf = ({ ctes, root }: Program): ReadonlyArray<Relation | Command> =>
  ctes.length === 0 ? [root] : [root, ...ctes.map(({ query }) => query)]
