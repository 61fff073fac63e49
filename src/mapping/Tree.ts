import { refuse } from "../algebra/StatementError.ts"
import { type AnyEntity, ClassId, type RelationFacts } from "./EntityClass.ts"

/** Where a plan keeps how deep a tree of one entity is loaded. */
export const TreeId: unique symbol = Symbol.for("athanor/Tree")
export type TreeId = typeof TreeId

/** How deep, and what with each row; its types put aside. */
export interface TreePart {
  readonly entity: AnyEntity
  /** Levels below the row it stands at; null for all there are. */
  readonly depth: number | null
  readonly load: unknown
}

/**
 * How deep a tree is loaded, and what with each of its rows.
 *
 * @category models
 */
export interface TreeOptions<out D, out P> {
  /** Levels below the row it stands at; all there are where left out. */
  readonly depth?: D
  /** The plan of the rows themselves. */
  readonly load?: P
}

/**
 * A tree of one entity in a plan: `D` is its depth, never where it is loaded whole.
 *
 * @category models
 */
export interface TreePlan<out E extends AnyEntity, out D, out P> extends AnyTree {
  readonly [TreeId]: TreePart & { readonly entity: E; readonly levels: [D]; readonly load: P }
}

/** A tree of any entity. */
export interface AnyTree {
  readonly [TreeId]: TreePart
}

/** The same for a tree: see `MaybeSome`. */
export interface MaybeTree {
  readonly [TreeId]?: TreePart
}

/** Is this step of a plan a tree? */
export const isTree = (plan: unknown): plan is AnyTree =>
  typeof plan === "object" && plan !== null && TreeId in plan

/** What a relation leads to: a list, or a value where there is one. */
type Fork<M, V> = M extends "many" ? ReadonlyArray<V> : V | null

/**
 * A row with all that its relation `K` leads to, and so on.
 *
 * @category models
 */
export type Tree<V, K extends PropertyKey, M> = V & {
  readonly [P in K]: Fork<M, Tree<V, K, M>>
}

/** The same to a depth: the rows of the last level have nothing loaded below them. */
export type Branch<
  V,
  K extends PropertyKey,
  M,
  D,
  Done extends ReadonlyArray<unknown> = [1]
> = number extends D
  ? V & { readonly [P in K]?: Fork<M, Branch<V, K, M, D>> }
  : Done["length"] extends D
    ? V
    : V & { readonly [P in K]: Fork<M, Branch<V, K, M, D, [...Done, 1]>> }

/** What a tree loads by one of its relations. */
export type TreeValue<V, K extends PropertyKey, M, D> = Fork<
  M,
  [D] extends [never] ? Tree<V, K, M> : Branch<V, K, M, D>
>

/** A tree as data. */
export const treeOf = (
  entity: AnyEntity,
  { depth, load }: TreeOptions<number, unknown>
): AnyTree => {
  if (depth !== undefined && !(Number.isSafeInteger(depth) && depth > 0))
    refuse(`tree: a depth of ${String(depth)} is no number of levels`)
  return Object.freeze({
    [TreeId]: Object.freeze({ entity, depth: depth ?? null, load: load ?? {} })
  })
}

/** A tree where it stands in a plan: it follows one key of one entity. */
export const treeAt = (relation: RelationFacts, tree: TreePart): TreePart => {
  const { label, source } = tree.entity[ClassId]
  const { name, on, owner, related, through } = relation
  const place = `plan: ${owner.label}.${name}`
  if (related.class !== tree.entity) refuse(`${place} leads to ${related.label}, not to ${label}`)
  if (owner !== related) refuse(`${place} leads to ${related.label}: a tree is of one entity`)
  if (on !== null || through !== null) refuse(`${place} holds no key, which a tree follows`)
  if (source.primaryKey.length === 0) refuse(`${place}: ${label} has no key to tell its rows by`)
  if (typeof tree.load === "object" && tree.load !== null && name in tree.load)
    refuse(`${place} is the tree's own, and loaded with it`)
  return tree
}
