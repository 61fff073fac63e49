import { refuse } from "../../../algebra/StatementError.ts"
import { labelsFor } from "../../labels.ts"
import type { Context } from "../../Program.ts"
import { type Block, type Item, labelsOf, type Query } from "../../Placed.ts"
import { blockOf, type Draft, isSettled, isSliced, once, openItems } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { freshLabel } from "./freshLabel.ts"
import { grounder } from "./ground.ts"
import { type Union, unionOfGroupings } from "./groupings.ts"
import { cut, keepKeys } from "./keptKeys.ts"
import { nester } from "./nest.ts"
import {
  countedGroup,
  countItem,
  isHiddenAggregate,
  isUnsaidAggregate,
  oneGroup
} from "./oneGroup.ts"
import { isSame } from "./Scope.ts"
import { soughtIn } from "./sought.ts"
import { one, yes } from "./operator.ts"
import { isCut, type PlaceTerm } from "./terms.ts"
import { varies } from "./varying.ts"
import { wrapper } from "./wrap.ts"

/** Finishes the drafts of one statement; blocks that others may still ask stay open. */
export const finisher = (
  context: Context,
  place: PlaceTerm,
  freshAlias: () => string
): Finisher => {
  const onMariadb = context.capabilities.dialect === "mariadb"
  const lazy: Array<Block> = []
  const unions: Array<Union> = []
  // What few statements need is made where it is asked for.
  const wraps = once(() => wrapper(context, freshAlias))
  const nests = once(() => nester(context, { freshAlias, open, place, query, keepKeys: kept }))

  const query: Finisher["query"] = (given, rows) => {
    // With the rows that sort as the last one there are some where there are some without.
    const draft = rows === "any" && given.ties ? { ...given, ties: false } : given
    // SQLite and MariaDB forget DISTINCT and GROUP BY inside EXISTS, though OFFSET counts what is
    // left.
    if (rows === "any" && isSliced(draft) && (isSettled(draft) || draft.group !== null))
      return wraps().anyOf(query(draft, "row"))
    if (draft.core._tag === "Compound") {
      const { list, op, parts } = draft.core
      if (list === true) return wraps().listed(draft, parts)
      const { limit, offset, order, ties } = draft
      const compound: Query = { _tag: "Compound", op, parts, order, limit, offset, ties }
      // MariaDB 10.11 also forgets an arm's order, and the width of an arm of arms.
      return rows === "any" && onMariadb ? wraps().wholeArms(compound) : compound
    }
    if (draft.core._tag === "CustomQuery") {
      const core = rows === "any" && onMariadb ? wraps().wholeArms(draft.core) : draft.core
      return rows === "any" && forgets(core) ? wraps().anyOf(core) : core
    }
    const block = blockOf(
      draft,
      rows === "any" && !draft.distinct ? [{ term: one(), label: "" }] : itemsOf(draft)
    )
    if (isUnsaidAggregate(block)) return oneGroup(block)
    return isHiddenAggregate(block) ? countedGroup(block) : block
  }

  const itemsOf = ({ fields, shape }: Draft): ReadonlyArray<Item> => {
    if (fields === null || shape === null)
      return refuse("a query that selects nothing cannot run: give it a select()")
    const labels = labelsFor(shape, fields.length, context.capabilities)
    return fields.map((field, i): Item => ({ term: field.term(), label: labels[i]! }))
  }

  const flag: Finisher["flag"] = (target) => {
    if (target._tag === "CustomQuery") return flag(target.self)
    if (target._tag === "Compound") return target.parts.map(flag)[0]!
    const label = freshLabel("present", target.items)
    openItems(target.items).push({ term: yes(), label })
    return label
  }

  /**
   * MariaDB 10.11 merges a derived table into the query around it and takes its constants for there
   * where an outer join left the row out, if a subquery asks. It does not merge one with a limit.
   */
  const settle: Finisher["settle"] = (target) => {
    if (onMariadb && target._tag === "Block" && target.from !== null) cut(target)
  }

  const kept: Finisher["keepKeys"] = onMariadb ? keepKeys : () => {}

  const open: Finisher["open"] = (draft, items) => {
    const block = blockOf(draft, items)
    lazy.push(block)
    return block
  }

  const groupings: Finisher["groupings"] = (draft, nodes, keys, sets, outer, saysKey) =>
    unionOfGroupings(draft, nodes, keys, sets, outer, saysKey, {
      freshAlias,
      freshLabel,
      blockOf,
      opened: (union) => unions.push(union),
      keepKeys: kept
    })

  const labelOf: Finisher["labelOf"] = (draft, key) => {
    const index = draft.fields?.findIndex((field) => isSame(key, field.node, context)) ?? -1
    if (index < 0) return null
    const field = draft.fields![index]!
    return () => {
      const term = draft.core._tag === "Block" ? field.term() : null
      // A column says itself, and a constant orders nothing: neither needs its label.
      if (term !== null && (term._tag === "Column" || !varies(term))) return term
      const labels =
        draft.core._tag === "Compound"
          ? labelsOf(draft.core.parts[0]!)
          : labelsFor(draft.shape!, draft.fields!.length, context.capabilities)
      return { _tag: "Label", name: labels[index]!, type: field.node.type }
    }
  }

  const seal = (): void => {
    for (const block of lazy) {
      if (isUnsaidAggregate(block) || isHiddenAggregate(block))
        openItems(block.items).push(countItem(block.items))
      else if (block.items.length === 0) openItems(block.items).push({ term: one(), label: "c0" })
    }
    for (const { blocks } of unions) {
      const counts = blocks.some(isUnsaidAggregate)
      if (!counts && blocks[0]!.items.length > 0) continue
      for (const { items } of blocks)
        openItems(items).push(counts ? countItem(items) : { term: one(), label: "c0" })
    }
  }

  return {
    query,
    nest: (draft, outer) => nests().nest(draft, outer),
    nestSorted: (draft, outer) => nests().nestSorted(draft, outer),
    closed: (draft, outer) => nests().closed(draft, outer),
    groupings,
    arm: (inner, index) => wraps().arm(inner, index),
    wrap: (inner) => wraps().wrap(inner),
    byName: (inner) => wraps().byName(inner),
    sole: (inner) => wraps().sole(inner),
    ground: grounder(onMariadb, freshAlias),
    sought: onMariadb ? soughtIn : (inner) => inner,
    settle,
    keepKeys: kept,
    flag,
    labelOf,
    alias: freshAlias,
    open,
    seal
  }
}

/**
 * A slice of distinct or grouped rows, which SQLite and MariaDB miscount inside EXISTS, and a slice
 * in an arm or one with its ties, whose order MariaDB forgets.
 */
const forgets = (query: Query): boolean => {
  if (query._tag === "CustomQuery") return forgets(query.self)
  if (query._tag === "Compound") return isCut(query)
  const sliced = query.limit !== null || query.offset !== null
  return sliced && (query.distinct || query.group !== null || query.ties)
}
