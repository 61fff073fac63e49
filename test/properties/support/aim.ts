import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { Home } from "./context.ts"
import { chance, type Draw, weigh, type Weighted } from "./draw.ts"
import { type Sort, sortsOf, type Tag } from "./sorts.ts"

/**
 * A child below a parent that a statement is to have, if its other choices allow it: undirected,
 * the rarest pairs come a few times in twenty thousand statements.
 */
export interface Aim {
  readonly parent: Tag
  readonly child: Tag
}

/** Whether a kind of node is one of the two that are aimed at. */
export const aimsAt = ({ aim }: Home, ...tags: ReadonlyArray<Tag>): boolean =>
  aim !== null && (tags.includes(aim.parent) || tags.includes(aim.child))

/** Whether a kind of node is the child that is aimed at. */
export const aimsBelow = ({ aim }: Home, ...tags: ReadonlyArray<Tag>): boolean =>
  aim !== null && tags.includes(aim.child)

/** TRUE once in `of` times, and every other time where it is aimed at. */
export const rather = (draw: Draw, aimed: boolean, of: number): boolean =>
  chance(draw, aimed ? Math.min(of, 2) : of)

/** How much heavier a choice is that is aimed at. */
export const pull = (aimed: boolean): number => (aimed ? 20 : 1)

/** Draws what stands directly below a node. */
export const under = <A>(home: Home, at: Tag | null, make: () => A): A => {
  const before = home.at
  home.at = at
  try {
    return make()
  } finally {
    home.at = before
  }
}

/** Whether a kind of expression is the parent that is aimed at, or holds it. */
export const leadsThere = ({ aim }: Home, kind: Scalar["_tag"]): boolean => {
  if (aim === null) return false
  const { child, parent } = aim
  // An aggregate asks whether its group is a total only as a window over groups.
  const inWindow = parent === "WindowCall" || (parent === "Aggregate" && child === "Grouping")
  return kind === (inWindow ? "Window" : parent)
}

/** Whether a window is wanted. */
export const asksWindow = (home: Home): boolean =>
  aimsAt(home, "Window", "WindowCall") || leadsThere(home, "Window")

/** Whether what is drawn now is a child of the parent that is aimed at. */
export const isThere = ({ aim, at }: Home): boolean => aim !== null && aim.parent === at

const isScalar = (tag: Tag): tag is Scalar["_tag"] => Object.hasOwn(sortsOf, tag)

/** Kinds that have the sort of what stands below them. */
const passes: ReadonlySet<Tag> = new Set<Tag>(["WindowCall", "Window", "Case", "Call"])

/** The sorts of what is aimed at: of the child below its parent, else of the parent. */
const wanted = (home: Home): ReadonlyArray<Sort> => {
  const { aim } = home
  if (aim === null) return []
  const tag = isThere(home) || passes.has(aim.parent) ? aim.child : aim.parent
  return isScalar(tag) ? sortsOf[tag] : []
}

/** A sort by weight, rather one that what is aimed at can have. */
export const sortFrom = (draw: Draw, home: Home, choices: ReadonlyArray<Weighted<Sort>>): Sort => {
  const sorts = wanted(home)
  return weigh(
    draw,
    choices.map(([weight, sort]) => [weight * pull(sorts.includes(sort)), sort])
  )
}
