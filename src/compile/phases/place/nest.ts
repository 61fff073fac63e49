import type { Presence, Ref, Scalar } from "../../../algebra/Scalar.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import { labelsFor } from "../../labels.ts"
import type { Context } from "../../Program.ts"
import {
  type Column,
  type Item,
  labelsOf,
  type Query,
  type Sort,
  type Term,
  typeOf
} from "../../Placed.ts"
import { type Draft, draftOf, type Field, isSettled, once } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { freshLabel } from "./freshLabel.ts"
import { emptyScope, isDerivable, isSame, type Scope } from "./Scope.ts"
import { aliasesIn as sourcesIn } from "./sides.ts"
import { unsayable } from "./sources.ts"
import { freeReferencesOf } from "./references.ts"
import type { PlaceTerm } from "./terms.ts"

/** What nesting takes from whoever finishes drafts. */
interface Tools {
  readonly place: PlaceTerm
  readonly freshAlias: () => string
  readonly query: (draft: Draft, rows: "row") => Query
  readonly open: Finisher["open"]
  readonly keepKeys: Finisher["keepKeys"]
}

/** Makes derived tables of drafts, whose scopes stay usable from outside. */
export const nester = (
  context: Context,
  { freshAlias, open, place, query, keepKeys }: Tools
): Pick<Finisher, "nest" | "nestSorted" | "closed"> => {
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

  /** Other blocks export what is asked of them, and nothing else. */
  const nestOpen = (draft: Draft, outer: Scope | null, sorted: boolean): Draft => {
    const alias = freshAlias()
    const items: Array<Item> = []
    const block = open(draft, items)
    keepKeys(block)
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
              ...(source.absent === undefined ? {} : { absent: source.absent }),
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

  return { nest, nestSorted, closed }
}

/** Whether a query outside has the alias. */
const isOuter = (name: string, node: Ref | Presence, outer: Scope | null): boolean => {
  for (let at = outer; at !== null; at = at.outer) if (at.visible(name, node) !== null) return true
  return false
}

/** Aliases the projected expressions of a draft speak of. */
const aliasesIn = (draft: Draft): ReadonlySet<string> =>
  new Set(draft.fields!.flatMap(({ node }) => freeReferencesOf(node).map(({ alias }) => alias)))
