import type { Join } from "../../../algebra/Relation.ts"
import {
  type Aggregate,
  constant,
  exists,
  not,
  type Presence,
  type Ref,
  type Scalar
} from "../../../algebra/Scalar.ts"
import { booleanType } from "../../internalTypes.ts"
import type { Column, From, Item, Term } from "../../Placed.ts"
import { type Draft, draftOf } from "./Draft.ts"
import { freshLabel } from "./freshLabel.ts"
import type { Finisher } from "./Finisher.ts"
import type { Scope, Visible } from "./Scope.ts"
import { both } from "./sides.ts"
import { one, operator } from "./operator.ts"
import type { PlaceTerm } from "./terms.ts"

/** One side of a join, in FROM. */
export type Sided = Draft & { readonly from: From }

/**
 * FULL JOIN where the server has none: the left join, and below it the rows of the right side that
 * meet none of the left.
 *
 * **Shape** a derived table of two arms, whose columns are those somebody asks for: of a column of
 * the left side the second arm says NULL, of its presence FALSE.
 * **Laws** L10: full = left ++ right-unmatched. Both sides are asked twice: see `isRepeatable`.
 */
export const fullAsUnion = (
  node: Join,
  left: Sided,
  right: Sided,
  on: Term,
  { finish, outer, term }: { finish: Finisher; outer: Scope | null; term: PlaceTerm }
): Draft => {
  const met = operator(exists(node.left, booleanType), {
    query: finish.open({ ...left, where: [on] }, [{ term: one(), label: "" }])
  })
  const unmet = operator(not(constant(true, booleanType), booleanType), { self: met })
  const alias = finish.alias()
  const items: readonly [Array<Item>, Array<Item>] = [[], []]
  const arms = [
    finish.open(
      draftOf(
        {
          _tag: "JoinFrom",
          kind: "left",
          lateral: false,
          left: left.from,
          right: right.from,
          on
        },
        left.scope
      ),
      items[0]
    ),
    finish.open({ ...draftOf(right.from, right.scope), where: [unmet] }, items[1])
  ]
  const labels = new Map<string, string>()
  const column = (node: Scalar, first: Term, second: Term): Column => {
    // Values make two expressions of one key two columns.
    const key = node.binds.length === 0 ? node.key : null
    let label = key === null ? undefined : labels.get(key)
    if (label === undefined) {
      label = freshLabel(node._tag === "Ref" ? node.path.at(-1)! : null, items[0])
      items[0].push({ term: first, label })
      items[1].push({ term: second, label })
      if (key !== null) labels.set(key, label)
    }
    return {
      _tag: "Column",
      table: alias,
      name: label,
      type: node.type,
      nullable: true,
      stored: false
    }
  }
  const none = (one: Scalar): Term =>
    operator(constant(one._tag === "Presence" ? false : null, one.type), {})
  const ofLeft = (one: Scalar, made: Term): Column => column(one, made, none(one))
  const ofRight = (one: Scalar, made: Term): Column => column(one, made, made)
  const visible = (scope: Scope, of: typeof ofLeft): Visible => ({
    column: (ref: Ref) => of(ref, term(ref, scope)),
    present: (ref: Presence) => ({
      _tag: "IsTrue",
      self: of(ref, term(ref, scope)),
      type: ref.type
    })
  })
  const asked = <A extends Scalar>(
    ask: (scope: Scope) => ((one: A) => Term | null) | null
  ): ((one: A) => Term | null) | null =>
    ask(left.scope) === null && ask(right.scope) === null
      ? null
      : (one) => {
          const [first, second] = [ask(left.scope)?.(one) ?? null, ask(right.scope)?.(one) ?? null]
          return first !== null ? ofLeft(one, first) : second && ofRight(one, second)
        }
  const scope: Scope = {
    known: asked(({ known }) => known),
    lasting: asked(({ lasting }) => lasting ?? null) ?? undefined,
    runs: both(left.scope.runs, right.scope.runs),
    visible: (name, one) =>
      left.scope.visible(name, one) !== null
        ? visible(left.scope, ofLeft)
        : right.scope.visible(name, one) !== null
          ? visible(right.scope, ofRight)
          : null,
    aggregate: asked<Aggregate>(({ aggregate }) => aggregate) as Scope["aggregate"],
    outer
  }
  const query = {
    _tag: "Compound",
    op: "unionAll",
    parts: arms,
    order: [],
    limit: null,
    offset: null
  } as const
  return draftOf({ _tag: "QueryFrom", query, alias }, scope)
}
