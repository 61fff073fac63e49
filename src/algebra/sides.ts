import { walk } from "./fold.ts"
import { rewrite } from "./rewrite.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { saidFor, type TableSource } from "./Source.ts"

/**
 * The two sides of a relation that is told by a condition: each has an alias of its own, so that a
 * table may relate to itself.
 */
export const sides = { own: "own", target: "target" } as const

/** The aliases a condition speaks of and does not bring itself, in a query within. */
export const aliasesOf = (on: Scalar): ReadonlySet<string> => {
  const said = new Set<string>()
  const brought = new Set<string>()
  walk(on, (node) => {
    if (node._tag === "Ref" || node._tag === "Presence") said.add(node.alias)
    else if ("alias" in node) brought.add(node.alias)
  })
  return new Set([...said].filter((alias) => !brought.has(alias)))
}

/** The row that stands for one side of a condition. */
export interface Side {
  /** Whose columns the condition speaks of. */
  readonly source: TableSource
  /** A column of it where the condition stands. */
  readonly at: (key: string) => Scalar
}

/** A source under an alias of its query, as a side. */
export const sideAs = (source: TableSource, alias: string): Side => ({
  source,
  at: (key) => S.ref(alias, source, [key], source.byKey.get(key)!.type)
})

/** The condition with its sides as the query it stands in has them. */
export const between = (on: Scalar, own: Side, target: Side): Scalar =>
  rewrite(on, (node) => {
    if (node._tag !== "Ref") return node
    for (const [name, side] of [
      [sides.own, own],
      [sides.target, target]
    ] as const) {
      if (node.alias === name && node.source === saidFor(side.source)) return side.at(node.path[0]!)
    }
    return node
  })
