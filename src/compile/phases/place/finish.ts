import type { CombineOperator } from "../../../algebra/Relation.ts"
import {
  aggregate,
  caseOf,
  compare,
  constant,
  type Presence,
  type Ref,
  type Scalar
} from "../../../algebra/Scalar.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import { bigintType, booleanType, integerType } from "../../internalTypes.ts"
import { labelsFor } from "../../labels.ts"
import type { Context } from "../../Program.ts"
import {
  type Block,
  type Column,
  type Item,
  labelsOf,
  type Query,
  type Sort,
  type Term,
  typeOf
} from "../../Placed.ts"
import {
  type Draft,
  draftOf,
  emptyBlock,
  type Field,
  isSettled,
  isSliced,
  once,
  openItems
} from "./Draft.ts"
import { emptyScope, hasAggregate, isDerivable, isSame, type Scope } from "./Scope.ts"
import type { Finisher } from "./Finisher.ts"
import { grounder } from "./ground.ts"
import { soleValue } from "./soleValue.ts"
import { aliasesIn as sourcesIn } from "./sides.ts"
import { unsayable } from "./sources.ts"
import { freeReferencesOf, isCut, operator, type PlaceTerm, varies } from "./terms.ts"
import { type Union, unionOfGroupings } from "./groupings.ts"

const one = (): Term => operator(constant(1, integerType), {})
const yes = (): Term => operator(constant(true, booleanType), {})
const countRows = (): Term =>
  operator(aggregate("count", [], false, bigintType), { args: [], filter: null, order: [] })

export const finisher = (
  context: Context,
  place: PlaceTerm,
  freshAlias: () => string
): Finisher => {
  const onMariadb = context.capabilities.dialect === "mariadb"
  const lazy: Array<Block> = []
  const unions: Array<Union> = []

  const query: Finisher["query"] = (given, rows) => {
    // With the rows that sort as the last one there are some where there are some without.
    const draft = rows === "any" && given.ties ? { ...given, ties: false } : given
    // SQLite and MariaDB forget DISTINCT and GROUP BY inside EXISTS, though OFFSET counts what is
    // left.
    if (rows === "any" && isSliced(draft) && (isSettled(draft) || draft.group !== null))
      return anyOf(query(draft, "row"))
    if (draft.core._tag === "Compound") {
      const { list, op, parts } = draft.core
      if (list === true) return listed(draft, parts)
      return {
        _tag: "Compound",
        op,
        // MariaDB 10.11 also forgets an arm's order, and the width of an arm of arms.
        parts: rows === "any" && onMariadb ? parts.map((one) => wholeArm(one, op)) : parts,
        order: draft.order,
        limit: draft.limit,
        offset: draft.offset,
        ties: draft.ties
      }
    }
    if (draft.core._tag === "CustomQuery") {
      const core = rows === "any" && onMariadb ? wholeArms(draft.core) : draft.core
      return rows === "any" && forgets(core) ? anyOf(core) : core
    }
    const block = blockOf(
      draft,
      rows === "any" && !draft.distinct ? [{ term: one(), label: "" }] : itemsOf(draft)
    )
    if (isUnsaidAggregate(block)) return oneGroup(block)
    return isHiddenAggregate(block) ? { ...block, items: counted(block.items) } : block
  }

  /** SQLite knows neither ORDER BY nor LIMIT after VALUES. */
  const listed = ({ limit, offset, order, ties }: Draft, parts: ReadonlyArray<Query>): Query => {
    const plain = { order: [], limit: null, offset: null }
    const rows: Query = { _tag: "Compound", op: "unionAll", parts, list: true, ...plain }
    return order.length === 0 && limit === null && offset === null
      ? rows
      : { ...wrap(rows), order, limit, offset, ties }
  }

  /** Where repetitions count, it forgets DISTINCT and GROUP BY of an arm as well. */
  const wholeArm = (inner: Query, op: CombineOperator): Query =>
    inner._tag === "Compound" || isCut(inner) || (op === "exceptAll" && thins(inner))
      ? wrap(inner)
      : inner

  /** The same in a user's text around them. */
  const wholeArms = (inner: Query): Query => {
    if (inner._tag === "CustomQuery") return { ...inner, self: wholeArms(inner.self) }
    return inner._tag === "Compound"
      ? { ...inner, parts: inner.parts.map((one) => wholeArm(one, inner.op)) }
      : inner
  }

  const anyOf = (inner: Query): Block => ({
    ...around(inner, []),
    items: [{ term: one(), label: "" }]
  })

  const itemsOf = ({ fields, shape }: Draft): ReadonlyArray<Item> => {
    if (fields === null || shape === null)
      return refuse("a query that selects nothing cannot run: give it a select()")
    const labels = labelsFor(shape, fields.length, context.capabilities)
    return fields.map((field, i): Item => ({ term: field.term(), label: labels[i]! }))
  }

  const around = (inner: Query, labels: ReadonlyArray<string>): Block => {
    const alias = freshAlias()
    const types =
      inner._tag === "Block"
        ? inner.items.map((item) => typeOf(item.term))
        : labels.map(() => integerType)
    const items = labels.map((label, i): Item => ({
      label,
      term: {
        _tag: "Column",
        table: alias,
        name: label,
        type: types[i]!,
        nullable: true,
        stored: false
      }
    }))
    return { ...emptyBlock, from: { _tag: "QueryFrom", query: inner, alias }, items }
  }

  const wrap: Finisher["wrap"] = (inner) => around(inner, labelsOf(inner))

  const byName: Finisher["byName"] = (inner) =>
    inner._tag === "CustomQuery" && labelsOf(inner).length > 1 ? wrap(inner) : inner

  const sole: Finisher["sole"] = (inner) => {
    const open = inner._tag === "Block" && !isCut(inner)
    const two = { ...(open ? inner : wrap(inner)), limit: operator(constant(2, integerType), {}) }
    const block = wrap(two)
    const { label, term } = block.items[0]!
    return { ...block, items: [{ label, term: soleValue(term) }] }
  }

  const arm: Finisher["arm"] = (inner, index) => {
    if (context.capabilities.parenthesisedArms) return inner
    const plain =
      inner._tag === "CustomQuery"
        ? false
        : inner.order.length === 0 &&
          inner.limit === null &&
          inner.offset === null &&
          (inner._tag === "Block" || index === 0)
    return plain ? inner : wrap(inner)
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
    if (!onMariadb || target._tag !== "Block" || target.from === null || target.limit !== null)
      return
    ;(target as { offset: Term | null }).offset ??= operator(constant(0, integerType), {})
  }

  const nest: Finisher["nest"] = (draft, outer) =>
    isSettled(draft) ? nestSettled(draft, outer) : nestOpen(draft, outer, false)

  const nestSorted: Finisher["nestSorted"] = (draft, outer) => {
    if (!isSettled(draft)) return nestOpen(draft, outer, true)
    const nested = nestSettled(draft, outer)
    const said = (draft.fields ?? []).map(({ term }) => term)
    const labels =
      draft.core._tag === "Compound"
        ? labelsOf(draft.core.parts[0]!)
        : labelsFor(draft.shape!, said.length, context.capabilities)
    const order = draft.order.map(({ direction, term }): Sort => {
      const index =
        term._tag === "Label" ? labels.indexOf(term.name) : said.findIndex((one) => one() === term)
      const field = nested.fields![index] ?? refuse("a slice is sorted by what is not projected")
      return { direction, term: field.term() }
    })
    return { ...nested, order }
  }

  const closed: Finisher["closed"] = (draft, outer) => {
    const names = new Set([...aliasesIn(draft), ...sourcesIn(draft.from)])
    const known = (node: Scalar): Term | null =>
      draft.fields!.find((field) => isSame(node, field.node, context))?.term() ?? null
    return {
      ...emptyScope(outer),
      known,
      lasting: known,
      visible: (name, node) =>
        names.has(name) && !isOuter(name, node, outer)
          ? unsayable("is not projected by what is distinct or combined")
          : null
    }
  }

  /**
   * DISTINCT and set operations fix their columns: outside, only projected expressions are known.
   */
  const nestSettled = (draft: Draft, outer: Scope | null): Draft => {
    const alias = freshAlias()
    const inner = query(draft, "row")
    const labels = labelsOf(inner)
    const columns = (draft.fields ?? []).map((field, i): Column => ({
      _tag: "Column",
      table: alias,
      name: labels[i]!,
      type: field.node.type,
      nullable: true,
      stored: false
    }))
    const known = (node: Scalar): Column | null => {
      const index = draft.fields!.findIndex(
        (field) =>
          field.node.key === node.key &&
          (field.combined || !isDerivable(node, has)) &&
          isSame(node, field.node, context)
      )
      return index < 0 ? null : columns[index]!
    }
    const has = (part: Scalar): boolean | null =>
      draft.fields!.some((field) => field.node.binds.length === 0 && field.node.key === part.key)
        ? true
        : part._tag === "Ref" || part._tag === "Presence"
          ? isOuter(part.alias, part, outer)
          : part._tag === "Aggregate" || part._tag === "Grouping"
            ? false
            : null
    const scope: Scope = { ...closed(draft, outer), known, lasting: known }
    const fields = draft.fields!.map((field, i): Field => ({ ...field, term: () => columns[i]! }))
    return {
      ...draftOf({ _tag: "QueryFrom", query: inner, alias }, scope),
      fields,
      shape: draft.shape
    }
  }

  const open: Finisher["open"] = (draft, items) => {
    const block = blockOf(draft, items)
    lazy.push(block)
    return block
  }

  /** Other blocks export what is asked of them, and nothing else. */
  const nestOpen = (draft: Draft, outer: Scope | null, sorted: boolean): Draft => {
    const alias = freshAlias()
    const items: Array<Item> = []
    const block = open(draft, items)
    const labels = new Map<string, string>()
    const give = (
      key: string | null,
      preferred: string | null,
      type: Column["type"],
      make: () => Term
    ): Column => {
      let label = key === null ? undefined : labels.get(key)
      if (label === undefined) {
        const term = make()
        label = freshLabel(preferred, items, draft.group, term)
        items.push({ term, label })
        if (key !== null) labels.set(key, label)
      }
      return { _tag: "Column", table: alias, name: label, type, nullable: true, stored: false }
    }
    /** Values make two expressions of one key two columns. */
    const keyOf = (node: Scalar): string | null => (node.binds.length === 0 ? node.key : null)
    const exported = (node: Scalar, make: () => Term): Column =>
      give(keyOf(node), node._tag === "Ref" ? node.path.at(-1)! : null, node.type, make)
    const inner = draft.scope
    const scope: Scope = {
      known:
        inner.known === null
          ? null
          : (node) => {
              // A window sees the rows that are left here.
              const ask = node._tag === "Window" ? inner.lasting : inner.known
              const term = ask?.(node) ?? null
              return term === null ? null : exported(node, () => term)
            },
      lasting: inner.lasting && ((node) => scope.known!(node)),
      runs: inner.runs,
      visible: (name, node) => {
        const source = inner.visible(name, node)
        return source === null
          ? null
          : {
              ...(source.apart === undefined ? {} : { apart: source.apart }),
              column: (ref: Ref) => exported(ref, () => place(ref, inner)),
              present: (ref: Presence) => ({
                _tag: "IsTrue",
                self: exported(ref, () => place(ref, inner)),
                type: ref.type
              })
            }
      },
      aggregate:
        inner.aggregate === null ? null : (node) => exported(node, () => inner.aggregate!(node)),
      more: (make, type) => give(null, null, type, make),
      outer
    }
    const names =
      draft.shape === null ? [] : labelsFor(draft.shape, draft.fields!.length, context.capabilities)
    const fields =
      draft.fields?.map((field, i): Field => ({
        ...field,
        term: once(() =>
          give(
            field.combined ? null : keyOf(field.node),
            names[i] ?? null,
            field.node.type,
            field.term
          )
        )
      })) ?? null
    const order = sorted
      ? draft.order.map(({ direction, term }): Sort => ({
          direction,
          term: give(null, null, typeOf(term), () => term)
        }))
      : []
    return {
      ...draftOf({ _tag: "QueryFrom", query: block, alias }, scope),
      order,
      fields,
      shape: draft.shape
    }
  }

  const groupings: Finisher["groupings"] = (draft, nodes, keys, sets, outer, saysKey) =>
    unionOfGroupings(draft, nodes, keys, sets, outer, saysKey, {
      freshAlias,
      freshLabel,
      blockOf,
      opened: (union) => unions.push(union)
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

  const someRow = (): Term => countIs("gt")

  return {
    query,
    nest,
    nestSorted,
    closed,
    groupings,
    arm,
    wrap,
    byName,
    sole,
    ground: grounder(onMariadb, freshAlias),
    settle,
    flag,
    one,
    yes,
    someRow,
    labelOf,
    alias: freshAlias,
    open,
    seal
  }
}

/** Whether a query outside has the alias. */
const isOuter = (name: string, node: Ref | Presence, outer: Scope | null): boolean => {
  for (let at = outer; at !== null; at = at.outer) if (at.visible(name, node) !== null) return true
  return false
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

/** A user's text may stand around rows that are made distinct or grouped. */
const thins = (query: Query): boolean =>
  query._tag === "CustomQuery"
    ? thins(query.self)
    : query._tag === "Block" && (query.distinct || query.group !== null)

const blockOf = (draft: Draft, items: ReadonlyArray<Item>): Block => ({
  _tag: "Block",
  from: draft.from,
  where: junctionOf([...draft.where, ...draft.outward]),
  group: draft.group,
  sets: draft.sets,
  having: junctionOf(draft.having),
  outermost: draft.scope.outer === null,
  distinct: draft.distinct,
  distinctOn: draft.distinctOn,
  items,
  order: draft.order,
  limit: draft.limit,
  offset: draft.offset,
  ties: draft.ties,
  lock: draft.lock,
  hints: draft.hints
})

/** `count(*)` compared with zero. */
const countIs = (op: "gt" | "gte"): Term => {
  const zero = constant(0, bigintType)
  return operator(compare(op, zero, zero, booleanType), {
    left: countRows(),
    right: operator(zero, {})
  })
}

/**
 * The one global group is there whatever rows there are: where nothing counts them, it needs none.
 * Else it needs an aggregate in its SELECT too, or servers see a query without groups; what is
 * selected is then said in the case that a count is a count.
 */
const oneGroup = (block: Block): Block =>
  block.having === null || !hasAggregate(block.having)
    ? { ...block, from: null, where: block.having, group: null, having: null, order: [] }
    : { ...block, items: counted(block.items), order: [] }

const counted = ([first, ...rest]: ReadonlyArray<Item>): ReadonlyArray<Item> => {
  const type = typeOf(first!.term)
  const absent = operator(constant(null, type), {})
  const term = operator(caseOf([], [], constant(null, type), type), {
    whens: [countIs("gte")],
    thens: [first!.term],
    otherwise: absent
  })
  return [{ term, label: first!.label }, ...rest]
}

/** Terms that must all hold; null for none. */
export const junctionOf = (parts: ReadonlyArray<Term>): Term | null =>
  parts.length === 0
    ? null
    : parts.length === 1
      ? parts[0]!
      : {
          _tag: "And",
          node: { _tag: "And", parts: [], type: booleanType, key: "", binds: [], ctes: [] },
          kids: { parts }
        }

const isUnsaidAggregate = (block: Block): boolean =>
  block.group !== null &&
  block.group.length === 0 &&
  !block.items.some((item) => hasAggregate(item.term))

/** SQLite sees no group for HAVING in a SELECT whose aggregates stand in windows alone. */
const isHiddenAggregate = ({ group, having, items }: Block): boolean =>
  group !== null &&
  group.length === 0 &&
  having !== null &&
  !items.some((item) => hasAggregate(item.term, false))

const countItem = (items: ReadonlyArray<Item>): Item => ({
  term: countRows(),
  label: freshLabel("rows", items)
})

/**
 * The preferred label if nothing has it, else the next free `cN`.
 *
 * MariaDB 10.11 pushes a condition into a grouped derived table and then finds the name of a key
 * ambiguous that is a label of something else.
 */
export const freshLabel = (
  preferred: string | null,
  items: ReadonlyArray<Item>,
  group: ReadonlyArray<Term> | null = null,
  labelled: Term | null = null
): string => {
  const taken = new Set(items.map((item) => item.label.toLowerCase()))
  const own = labelled?._tag === "Column" ? labelled.name : null
  for (const key of group ?? [])
    if (key._tag === "Column" && key.name !== own) taken.add(key.name.toLowerCase())
  if (
    preferred !== null &&
    /^[a-zA-Z_][a-zA-Z0-9_]{0,29}$/.test(preferred) &&
    !taken.has(preferred.toLowerCase())
  )
    return preferred
  let next = items.length
  while (taken.has(`c${next}`)) next++
  return `c${next}`
}

/** Aliases the projected expressions of a draft speak of. */
const aliasesIn = (draft: Draft): ReadonlySet<string> =>
  new Set(draft.fields!.flatMap(({ node }) => freeReferencesOf(node).map(({ alias }) => alias)))
