import { projection } from "./block.ts"
import type { Command } from "./Command.ts"
import { rewriter, walk } from "./fold.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import { partAt } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Presence, Ref, Scalar } from "./Scalar.ts"
import type { DerivedSource, Source } from "./Source.ts"
import type { AnyType } from "./Type.ts"

type Node = Scalar | Relation | Command
type Standing = Extract<Relation, { readonly _tag: "Table" | "Derived" | "Cte" }>

/**
 * Rewrites a statement bottom-up: `f` sees each node over its rewritten children and may replace
 * it.
 *
 * **Shape** common table expressions are rewritten too, each once. A reference follows its source:
 * where a derived table or a common table expression has changed, or where `f` put another source
 * under the same alias, what `f` left a reference to the one is one to the other, if that has the
 * column.
 * **Laws** nodes nothing changed in keep their identity: `rewrite(q, identity)` is `q`; a pass that
 * filters each table asks of the filtered tables (L25).
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { rewrite } from "athanor/dialect"
 * const users = Table.make("users", { id: Column.id() })
 * const { node } = Query.from(users)
 * rewrite(node, (one) => one) === node // => true
 * ```
 * @category interpreters
 */
export const rewrite = <N extends Node>(root: N, f: (node: Node) => Node): N => {
  const places = placesIn(root)
  const at = places.size === 0 ? rewriter(f) : following(places, f)
  // Dependencies first, so that no chain of them is as deep as the call stack.
  for (const { query } of root.ctes) at(query)
  return at(root) as N
}

/** What stands in FROM somewhere, by its source and its alias. */
type Places = ReadonlyMap<Source, ReadonlyMap<string, Standing>>

const placesIn = (root: Node): Places => {
  const places = new Map<Source, Map<string, Standing>>()
  for (const tree of [...root.ctes.map(({ query }) => query), root])
    walk(tree, (node) => {
      if (node._tag !== "Table" && node._tag !== "Derived" && node._tag !== "Cte") return
      const under = places.get(node.source)
      if (under === undefined) places.set(node.source, new Map([[node.alias, node]]))
      else under.set(node.alias, node)
    })
  return places
}

const following = (places: Places, f: (node: Node) => Node): ((node: Node) => Node) => {
  const derived = new Map<Relation, DerivedSource>()
  const named = new Map<Source, Source>()
  const now = new Map<Standing, Source | null>()
  /** One source over each query: a derived table is known by its identity. */
  const over = (made: DerivedSource): DerivedSource => {
    const known = derived.get(made.query)
    if (known === undefined) derived.set(made.query, made)
    return known ?? made
  }
  const sourceOf = <A extends R.Cte["source"]>(source: A): A => {
    let made = named.get(source)
    if (made === undefined) {
      const query = at(source.query)
      made =
        query === source.query ? source : (Object.freeze<Source>({ ...source, query } as A) as A)
      named.set(source, made)
    }
    return made as A
  }
  const kept = (node: Node): Node => {
    switch (node._tag) {
      case "Derived": {
        if (places.has(node.source)) return node
        const source = over(node.source)
        return source === node.source ? node : R.derived(source, node.alias)
      }
      case "Cte": {
        const source = sourceOf(node.source)
        return source === node.source ? node : R.cte(source, node.alias)
      }
      case "Recursion": {
        const source = sourceOf(node.source)
        return source === node.source
          ? node
          : R.recursion(source, node.base, node.step, node.distinct)
      }
      default:
        return node
    }
  }
  const followed = (node: Ref | Presence): Node => {
    const place = places.get(node.source)?.get(node.alias)
    if (place === undefined) return node
    let source = now.get(place)
    if (source === undefined) now.set(place, (source = standing(at(place), node.alias)))
    if (source === null || source === node.source) return node
    const [before, after] = [typeAt(node.source, node), typeAt(source, node)]
    if (after === null) return node
    const type = before === after ? node.type : after
    return (node._tag === "Ref" ? S.ref : S.presence)(node.alias, source, node.path, type)
  }
  const at = rewriter((node) => {
    const made = f(kept(node))
    // Whoever says another source knows which.
    const isLeft = "source" in made && "source" in node && made.source === node.source
    return isLeft && (made._tag === "Ref" || made._tag === "Presence") ? followed(made) : made
  })
  return at
}

/** The source that stands under an alias in what a place has become. */
const standing = (node: Node, alias: string): Source | null => {
  switch (node._tag) {
    case "Table":
    case "Derived":
    case "Cte":
      return node.alias === alias ? node.source : null
    case "Join":
      return standing(node.left, alias) ?? standing(node.right, alias)
    case "Filter":
    case "Sample":
    case "Hint":
    case "Lock":
      return standing(node.self, alias)
    default:
      return null
  }
}

/** The type of what a reference says of a source; null where that has no such column. */
const typeAt = (source: Source, { _tag, path, type }: Ref | Presence): AnyType | null => {
  if (source._tag === "TableSource") {
    if (_tag === "Presence") return path.length === 0 ? type : null
    return path.length === 1 ? (source.byKey.get(path[0]!)?.type ?? null) : null
  }
  const row = projection(source.query)
  const part = row === null ? null : partAt(row.shape, path)
  if (part === null) return null
  return _tag === "Presence" ? type : part._tag === "Cell" ? row!.fields[part.index]!.type : null
}
