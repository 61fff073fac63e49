import {
  type Derived,
  type Join,
  project,
  type Project,
  type Relation
} from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import { caseOf, constant, exists, type Scalar, subquery } from "../../../algebra/Scalar.ts"
import { booleanType } from "../../internalTypes.ts"
import { presenceAt } from "../../labels.ts"
import { type Draft, draftOf } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import type { Sided } from "./fullJoin.ts"
import { isRepeatable } from "./repeatable.ts"
import type { Scope, Visible } from "./Scope.ts"
import { joinedScope, sourceScope } from "./sides.ts"
import { cellIndex } from "./sources.ts"
import { boundIn } from "./saidInside.ts"
import { referencesOf } from "./references.ts"
import type { PlaceTerm } from "./terms.ts"

/** Whether a query speaks of a scope around it. */
export const speaksOf = (query: Relation, scope: Scope): boolean => {
  const bound = boundIn(query)
  return referencesOf(query).some(
    (one) => !bound.has(one.alias) && scope.visible(one.alias, one) !== null
  )
}

/** A query that gives at most one row, whatever the rows: an expression, or one global group. */
interface OneRow {
  readonly row: Project
  /** It gives exactly one. */
  readonly certain: boolean
}

const oneRowOf = (query: Relation): OneRow | null => {
  if (query._tag === "Order") return oneRowOf(query.self)
  if (query._tag !== "Project") return null
  const { self } = query
  const below = self._tag === "Filter" ? self.self : self
  const one = below._tag === "Unit" || (below._tag === "Group" && below.keys.length === 0)
  return one ? { row: query, certain: below === self } : null
}

/** A value of one row can be asked for by itself; several must be one answer. */
const isSayable = ({ certain, row }: OneRow): boolean =>
  (certain && row.fields.length === 1) || isRepeatable(row)

const cell: RowShape = Object.freeze({ _tag: "Cell", index: 0 })

/**
 * A lateral join where the server has none, of a query that gives at most one row: each of its
 * columns becomes a scalar subquery over the left side. Null where it may give more.
 *
 * **Laws** L12: lateral with a scalar body = scalar subquery.
 */
export const lateralAsScalars = (
  node: Join,
  left: Sided,
  { finish, outer, term }: { finish: Finisher; outer: Scope | null; term: PlaceTerm }
): Draft | null => {
  const body = node.right as Derived
  const one = oneRowOf(body.self)
  if (one === null || !isSayable(one)) return null
  const { certain, row } = one
  const field = (index: number): Scalar => {
    const value = row.fields[index]!
    return subquery(project(row.self, [value], cell), value.type)
  }
  const given = exists(row, booleanType)
  let nested: Draft | null = null
  const visible = (on: Scalar | null, inner: () => Scope): Visible => ({
    apart: () => {
      if (nested?.from?._tag === "QueryFrom") finish.settle(nested.from.query)
    },
    column: (ref) => {
      const value = field(cellIndex(row.shape, ref, body.alias))
      const asked =
        on === null ? value : caseOf([on], [value], constant(null, value.type), value.type)
      return term(asked, inner())
    },
    present: (ref) => {
      const index = ref.path.length === 0 ? null : presenceAt(row.shape, ref.path)
      const there = index !== null ? field(index) : certain ? constant(true, ref.type) : given
      const asked = on === null ? there : caseOf([on], [there], constant(false, ref.type), ref.type)
      return { _tag: "IsTrue", self: term(asked, inner()), type: ref.type }
    }
  })
  const nestedWith = (on: Scalar | null, also: ReadonlyArray<Scalar> = []): Draft => {
    const plain = sourceScope(
      body.alias,
      visible(null, () => left.scope),
      outer
    )
    const inner = joinedScope(left.scope, plain, outer)
    const shown =
      on === null
        ? plain
        : sourceScope(
            body.alias,
            visible(on, () => inner),
            outer
          )
    const scope = joinedScope(left.scope, shown, outer)
    const where = [...left.where, ...also.map((one) => term(one, left.scope))]
    const { fields, outward, shape } = left
    nested = finish.nest({ ...draftOf(left.from, scope), where, outward, fields, shape }, outer)
    return nested
  }
  const always = node.on._tag === "Constant" && node.on.value === true
  if (node.kind === "left") return nestedWith(always ? null : node.on)
  const draft = nestedWith(null, certain ? [] : [given])
  return always ? draft : { ...draft, where: [term(node.on, draft.scope)] }
}
