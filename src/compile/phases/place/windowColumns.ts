import { windows } from "../../../algebra/block.ts"
import { children, holds } from "../../../algebra/fold.ts"
import type { Scalar, Window } from "../../../algebra/Scalar.ts"
import { type Draft, type Field, once } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import type { Scope } from "./Scope.ts"
import { asksRecursion } from "./contents.ts"
import type { PlaceTerm } from "./terms.ts"

/** The windows of an expression's own query, save in what is a column here already. */
const windowsIn = (node: Scalar, scope: Scope | null): ReadonlyArray<Window> => {
  if (node._tag === "Window") return (scope?.lasting?.(node) ?? null) === null ? [node] : []
  if (!windows(node) || (scope?.known?.(node) ?? null) !== null) return []
  const own = (children(node) as ReadonlyArray<Scalar>).filter(
    (kid) => !("query" in node && kid === (node.query as unknown))
  )
  return own.flatMap((kid) => windowsIn(kid, scope))
}

/** Whether a window is only a part of an expression. */
const isComposed = (node: Scalar): boolean => node._tag !== "Window" && windows(node)

/**
 * The windows of some expressions as columns of a derived table, and a scope in which those are
 * known.
 *
 * MariaDB 10.11 loses the text of a window inside CONCAT beside a window of another order:
 * `concat(min(s) over (order by a), '!'), rank() over (order by b)`. By itself it is there.
 */
export const windowColumns = (
  nodes: ReadonlyArray<Scalar>,
  draft: Draft,
  outer: Scope | null,
  term: PlaceTerm,
  nest: Finisher["nest"]
): Draft => {
  const found = nodes.flatMap((node) => windowsIn(node, draft.scope))
  return columnsFirst(found, (node) => node._tag === "Window", draft, outer, term, nest)
}

/** Whether a window with a frame stands in a query in an expression. */
const asksFrame = (key: Scalar): boolean =>
  holds(key, (one) => one._tag === "Window" && one.frame !== null)

const isApart = (key: Scalar): boolean => asksRecursion(key) || asksFrame(key)

/**
 * Keys that ask a recursion as columns: of some sort keys, and of what the windows of some
 * expressions sort and part by; of the latter those too that ask a window with a frame.
 *
 * MariaDB 10.11 looks for each key among what is selected and among the other keys, and dies of a
 * prepared statement where it finds `coalesce((SELECT … FROM a recursion), …)` there: ADR 0087. The
 * frame of a window in a query in such a key it takes for that of the window around, if that has
 * none: `sum(a) OVER (ORDER BY (SELECT max(b) OVER (ORDER BY b ROWS CURRENT ROW) …))`.
 */
export const keysFirst = (
  keys: ReadonlyArray<Scalar>,
  nodes: ReadonlyArray<Scalar>,
  draft: Draft,
  outer: Scope | null,
  term: PlaceTerm,
  nest: Finisher["nest"]
): Draft => {
  const inWindows = nodes
    .flatMap((node) => windowsIn(node, draft.scope))
    .flatMap(({ order, partition }) => [...order, ...partition])
  const asks = [...keys.filter(asksRecursion), ...inWindows.filter(isApart)]
  const found = asks.filter((key) => !windows(key) && (draft.scope.known?.(key) ?? null) === null)
  const isOne = (node: Scalar): boolean =>
    found.some((one) => one === node || (one.key === node.key && node.binds.length === 0))
  return columnsFirst(found, isOne, draft, outer, term, nest)
}

/** What MariaDB is to have as columns below a projection with windows. */
export const belowWindows = (
  fields: ReadonlyArray<Scalar>,
  draft: Draft,
  outer: Scope | null,
  term: PlaceTerm,
  nest: Finisher["nest"]
): Draft => {
  const keyed = keysFirst([], fields, draft, outer, term, nest)
  return fields.some(isComposed) ? windowColumns(fields, keyed, outer, term, nest) : keyed
}

/** Expressions as columns of a derived table, known as such to what stands above. */
const columnsFirst = (
  found: ReadonlyArray<Scalar>,
  isSuch: (node: Scalar) => boolean,
  draft: Draft,
  outer: Scope | null,
  term: PlaceTerm,
  nest: Finisher["nest"]
): Draft => {
  if (found.length === 0) return draft
  const own = draft.fields ?? []
  // What was projected below has the same key and may be over other rows.
  const made = found.map((node): Field => ({
    node,
    term: once(() => term(node, draft.scope)),
    combined: true
  }))
  const nested = nest({ ...draft, order: [], fields: [...own, ...made] }, outer)
  const columns = nested.fields!.slice(own.length).map(({ term: column }, i) => ({
    node: found[i]!,
    column
  }))
  const known: Scope["known"] = (node) => {
    if (!isSuch(node)) return nested.scope.known?.(node) ?? null
    const same = columns.find(
      (one) => one.node === node || (one.node.key === node.key && node.binds.length === 0)
    )
    if (same !== undefined || nested.scope.more === undefined) return same?.column() ?? null
    // Windows of one query sort once: rows that tie stand alike in what is selected and sorted by.
    const column = nested.scope.more(() => term(node, draft.scope), node.type)
    columns.push({ node, column: () => column })
    return column
  }
  return {
    ...nested,
    fields: draft.fields === null ? null : nested.fields!.slice(0, own.length),
    shape: draft.shape,
    scope: { ...nested.scope, known }
  }
}
