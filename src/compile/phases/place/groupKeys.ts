import type { Group } from "../../../algebra/Relation.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { Context } from "../../Program.ts"
import type { Term } from "../../Placed.ts"
import { type Draft, type Field, once } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { nullable } from "./groupings.ts"
import { draws, isJunction } from "./keys.ts"
import type { Said } from "./saidInside.ts"
import type { Scope } from "./Scope.ts"
import { aliasesIn } from "./sides.ts"
import { settleAnswers } from "./references.ts"
import type { PlaceTerm } from "./terms.ts"
import { asKey, varies } from "./varying.ts"

/** A draft whose keys can be said, and these. */
interface Keyed {
  readonly draft: Draft
  readonly keys: ReadonlyArray<Term>
  /** Which keys are columns of a query below. */
  readonly found: ReadonlyArray<boolean>
  /** The columns of what was asked first. */
  readonly asked: ReadonlyMap<Scalar, () => Term>
}

interface Tools {
  readonly context: Context
  readonly nest: Finisher["nest"]
  readonly said: Said
  readonly term: PlaceTerm
}

/**
 * The keys in their draft; where a server groups by columns only, expressions become columns
 * first.
 */
export const groupKeys =
  ({ context, nest, said, term }: Tools) =>
  (
    { keys: nodes, sets }: Group,
    first: ReadonlyArray<Scalar>,
    draft: Draft,
    outer: Scope | null
  ): Keyed => {
    const { dialect, groupsByExpression } = context.capabilities
    // MariaDB 10.11 dies of a query in SELECT that reads a key which is a query's answer below.
    if (dialect === "mariadb") nodes.forEach((key) => settleAnswers(key, draft.scope))
    const keys = nodes.map((key) => asKey(term(key, draft.scope)))
    // GROUPING of an outer query's column would be the outer query's.
    const own = new Set(sets === null ? [] : aliasesIn(draft.from))
    const plain = keys.every((key) =>
      sets === null
        ? key._tag === "Column" || !varies(key)
        : key._tag === "Column" && own.has(key.table ?? "")
    )
    // A value drawn at execution must be drawn once, however often the key is said.
    // A set's key is NULL above the others, so even a value must be a column.
    const sayable =
      sets === null &&
      groupsByExpression &&
      !nodes.some(draws) &&
      !(
        dialect === "postgres" && nodes.some((key) => isJunction(key) || said.inside().has(key.key))
      )
    const found = keys.map((key) => key._tag === "Column")
    if ((plain || sayable) && first.length === 0)
      return { draft, keys: keys.map((key) => nullable(key, sets)), found, asked: new Map() }
    const columns = nodes.map((node, i): Field => ({
      node,
      term: () => keys[i]!,
      combined: false
    }))
    const queries = first.map((node): Field => ({
      node,
      term: once(() => term(node, draft.scope)),
      combined: false
    }))
    const fields = [...columns, ...queries]
    const nested = nest({ ...draft, fields, shape: null, order: [] }, outer)
    const terms = nested.fields!.map((field) => field.term)
    return {
      draft: nested,
      keys: terms.slice(0, nodes.length).map((one) => nullable(one(), sets)),
      found: sets === null ? found : nodes.map(() => true),
      asked: new Map(first.map((node, i) => [node, terms[nodes.length + i]!]))
    }
  }
