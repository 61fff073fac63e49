import type { Join, Relation } from "../../../algebra/Relation.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Context } from "../../Program.ts"
import type { From, Term } from "../../Placed.ts"
import { type Draft, draftOf, isBare, isUngrouped, junctionOf } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { fullAsUnion, type Sided } from "./fullJoin.ts"
import { lateralAsScalars, speaksOf } from "./lateral.ts"
import { isRepeatable } from "./repeatable.ts"
import type { Scope } from "./Scope.ts"
import { askedEachRow, columnOfSide, splitOn } from "./outward.ts"
import { joinsFully } from "./joinsFully.ts"
import { keptApart } from "./rowless.ts"
import { joinedScope, optional } from "./sides.ts"
import type { Offered } from "./sources.ts"
import { yes } from "./operator.ts"
import type { PlaceTerm } from "./terms.ts"

/** What joins need of the placing of relations and expressions. */
interface Places {
  readonly build: (node: Relation, outer: Scope | null) => Draft
  readonly term: PlaceTerm
  readonly finish: Finisher
  readonly named: ReadonlyMap<string, Offered>
}

const isSided = (draft: Draft): draft is Sided => draft.from !== null

/** Places joins: flat where the server has them, else by what it has. */
export const joiner = (context: Context, { build, finish, named, term }: Places) => {
  const { capabilities } = context
  const onMariadb = capabilities.dialect === "mariadb"
  const onPostgres = capabilities.dialect === "postgres"

  const join = (node: Join, outer: Scope | null): Draft => {
    const { kind } = node
    // A WHERE of one side may wait until after the join, unless the join fills that side with
    // NULLs.
    const left = side(build(node.left, outer), kind !== "right" && kind !== "full", outer)
    const sees = node.lateral && isLateral(node.right, left.scope)
    if (sees && !capabilities.lateral && !isFunction(node.right)) {
      const scalars = lateralAsScalars(node, left, { finish, outer, term })
      if (scalars !== null) return scalars
      context.refuse("lateral", "a lateral join of a query that may give several rows")
    }
    const inside = sees ? left.scope : outer
    const right = side(build(node.right, inside), kind === "inner" || kind === "cross", inside)
    if (onPostgres) {
      if (kind === "left" || kind === "full") keptApart(right.from, named)
      if (kind === "right" || kind === "full") keptApart(left.from, named)
    }
    const within = joinedScope(left.scope, right.scope, outer)
    if (kind === "full" && !joinsFully(node.on, left.scope, right.scope, context)) {
      const repeats = [node.left, node.right, node.on].every(isRepeatable)
      if (!repeats) context.refuse("fullJoin", "FULL JOIN of what may answer twice differently")
      const [one, other] = [settled(left, outer), settled(right, outer)]
      const on = term(node.on, joinedScope(one.scope, other.scope, outer))
      return fullAsUnion(node, one, other, on, { finish, outer, term })
    }
    const on = condition(node, left, right, within)
    const swaps = kind === "right" && !capabilities.rightJoin
    const fills = kind === "right" || kind === "full"
    const scope =
      kind === "inner" || kind === "cross"
        ? within
        : joinedScope(
            fills ? optional(left.scope) : left.scope,
            kind === "right" ? right.scope : optional(right.scope),
            outer
          )
    const from: From = {
      _tag: "JoinFrom",
      kind: swaps ? "left" : kind,
      lateral: sees,
      left: swaps ? right.from : left.from,
      right: swaps ? left.from : right.from,
      on: on.said
    }
    return draftOf(from, scope, {
      where: right.where.length === 0 ? left.where : [...left.where, ...right.where],
      outward: on.outward,
      fields: fills ? null : left.fields,
      shape: fills ? null : left.shape
    })
  }

  /** One side of a join: as it is where it may stay, else a derived table. */
  const side = (draft: Draft, waits: boolean, outer: Scope | null): Sided => {
    if ((isBare(draft) || (waits && isUngrouped(draft))) && isSided(draft)) return draft
    return finish.nest(draft, outer) as Sided
  }

  /** A side whose conditions on a query outside are said. */
  const settled = (one: Sided, outer: Scope | null): Sided =>
    one.outward.length === 0 ? one : side(finish.nest(one, outer), true, outer)

  /**
   * The condition of a join. On MariaDB what reads a query around it waits for WHERE or, inside an
   * outer join, for that one's ON: see `askedEachRow`. In the third arm of a set operation and
   * those after, ON sees no query around it at all.
   */
  const condition = (
    node: Join,
    left: Sided,
    right: Sided,
    scope: Scope
  ): { readonly said: Term | null; readonly outward: ReadonlyArray<Term> } => {
    if (!onMariadb || scope.outer === null)
      return { said: node.kind === "cross" ? null : term(node.on, scope), outward: [] }
    const { outward, own } = splitOn(node, left.scope, right.scope)
    const said = own === null ? [] : [term(own, scope)]
    const late = outward === null ? [] : [term(outward, scope)]
    const anyway = [...left.outward, ...right.outward]
    if (node.kind === "inner" || node.kind === "cross")
      return { said: said[0] ?? always(node.kind), outward: [...anyway, ...late] }
    const [kept, filled] = node.kind === "left" ? [left, right] : [right, left]
    const inside = [...filled.outward, ...late]
    if (inside.length > 0)
      said.push(askedEachRow(junctionOf(inside)!, columnOfSide(filled.from, finish, named)))
    return { said: junctionOf(said), outward: kept.outward }
  }

  /** The condition of an inner join that has none left. */
  const always = (kind: Join["kind"]): Term | null => (kind === "cross" ? null : yes())

  return join
}

/** A function's rows: what is before it in FROM is what it reads, on every server. */
const isFunction = (right: Relation): boolean =>
  right._tag === "Derived" && right.self._tag === "TableFunction"

/** A query that speaks of nothing before it needs no LATERAL. */
const isLateral = (right: Relation, left: Scope): boolean =>
  speaksOf(right, left) &&
  (right._tag === "Derived" || refuse("a lateral join of what is not a derived table"))
