import { sides } from "../algebra/sides.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import {
  type AnyEntity,
  ClassId,
  type Mapped,
  type MemberRows,
  type RelationFacts
} from "./EntityClass.ts"
import { isA } from "./EntityTables.ts"
import { type Linking, waysOf } from "./familyRelations.ts"
import { type LinkKeys, rowKeys } from "./LinkKeys.ts"
import { isNumeric } from "./numericOrder.ts"
import { type LinkMark, markIn } from "./linkMark.ts"
import { givenAliases, type PlanColumns, planColumnsOf } from "./PlanColumns.ts"
import { isSome, type Part, SomeId } from "./Some.ts"
import { isTree, treeAt, TreeId, type TreePart } from "./Tree.ts"
import { saidVia, type Via } from "./Via.ts"

/**
 * One relation to load for many rows at once, and what to load below it.
 *
 * **Shape** a plan is a tree of steps. A step is run for all rows of its level together: the keys
 * of the rows go into as few queries as the server's parameters allow, usually one; or its rows
 * come with the statement of the level above.
 *
 * @category models
 */
export interface LoadStep {
  readonly relation: RelationFacts
  /** The member of a family whose relation it is; null where all rows have the same. */
  readonly member: MemberRows | null
  /** Which of the rows; null for all of them. */
  readonly part: Part | null
  /** How deep, where its rows lead to others of their own. */
  readonly tree: TreePart | null
  /** Which of their columns; null for whole rows. */
  readonly columns: PlanColumns | null
  readonly via: Via
  readonly steps: ReadonlyArray<LoadStep>
}

/** What is read of the rows of an entity, and below them. */
export type Reading = Pick<LoadStep, "columns" | "steps">

const near = (a: string, b: string): boolean =>
  a.toLowerCase().startsWith(b.toLowerCase()) || b.toLowerCase().startsWith(a.toLowerCase())

const unknown = (entity: Mapped, name: string): never => {
  const own = [...(entity.members?.classes.values() ?? [])]
  const names = [...new Set([entity, ...own].flatMap(({ relations }) => [...relations().keys()]))]
  const meant = names.find((one) => near(one, name))
  const advice =
    meant === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean "${meant}"?`
  return refuse(`plan: ${entity.label} has no relation "${name}": ${advice}`)
}

const partOf = (relation: RelationFacts, part: Part): Part => {
  const place = `plan: ${relation.owner.label}.${relation.name}`
  if (!relation.toMany) return refuse(`${place} leads to one row, of which there is no part`)
  const { class: given, label } = part.entity[ClassId]
  const { related } = relation
  const isMember = related.members !== null && isA(part.entity[ClassId], related)
  return isMember || given === related.class
    ? part
    : refuse(`${place} leads to ${relation.related.label}, not to ${label}`)
}

/** A relation to a family where only the rows of one member are asked for. */
const narrowed = (relation: RelationFacts, member: Mapped): RelationFacts =>
  relation.related === member || relation.related.members === null
    ? relation
    : Object.freeze({ ...relation, related: member, target: member.source })

/** Below JSON everything is JSON, unless it is said to have a statement of its own. */
const viaBelow = (above: Via, plan: unknown): Via => {
  const said = saidVia(plan)
  if (above !== "json") return said ?? "selectIn"
  return said === "selectIn" ? said : "json"
}

/** What a plan's name leads to: one relation of all rows, or that of each member for its own. */
const relationsAt = (entity: Mapped, name: string): ReadonlyArray<Linking> => {
  const ways = waysOf(entity, name)
  return ways.length > 0 ? ways : unknown(entity, name)
}

const steps = (entity: Mapped, plan: unknown, above: Via): ReadonlyArray<LoadStep> => {
  if (plan === true) return []
  if (typeof plan !== "object" || plan === null)
    return refuse(`plan: ${entity.label} takes a record or true`)
  return Object.freeze(
    Object.entries(plan).flatMap(([name, below]) =>
      below === undefined
        ? []
        : relationsAt(entity, name).map(({ member, relation }) =>
            stepAt(relation, member, below, above)
          )
    )
  )
}

const stepAt = (
  whole: RelationFacts,
  member: MemberRows | null,
  below: unknown,
  above: Via
): LoadStep => {
  const part = isSome(below) ? partOf(whole, below[SomeId]) : null
  const relation = part === null ? whole : narrowed(whole, part.entity[ClassId])
  const tree = isTree(below) ? treeAt(relation, below[TreeId]) : null
  if (relation.isLarge && (part?.limit ?? null) === null)
    refuse(`plan: ${whole.owner.label}.${whole.name} is large: load some of it, by a limit`)
  const inside = (part ?? tree)?.load ?? below
  // A tree has a statement of its own, whatever it stands in.
  const via = tree === null ? viaBelow(above, below) : "selectIn"
  const within = steps(relation.related, inside, via)
  const columns = columnsIn(relation.related, inside, within, [
    ...(relation.through === null && relation.on === null ? relation.targetColumns : []),
    ...(tree === null ? [] : relation.columns)
  ])
  return Object.freeze({ relation, member, part, columns, tree, via, steps: within })
}

const columnsIn = (
  entity: Mapped,
  plan: unknown,
  below: ReadonlyArray<LoadStep>,
  near: ReadonlyArray<string>
): PlanColumns | null => {
  return planColumnsOf(entity, plan === true ? {} : (plan as object), below, near)
}

/** What a plan reads. **Errors** `StatementError` for a name that is no relation. */
export const readingOf = (entity: AnyEntity, plan: object): Reading => {
  const below = apartFrom(() => new Set(), steps(entity[ClassId], plan, "selectIn"))
  return { columns: columnsIn(entity[ClassId], plan, below, []), steps: below }
}

const hasGiven = ({ columns, steps: below }: LoadStep): boolean =>
  (columns !== null && columns.given.length > 0) || below.some(hasGiven)

/**
 * The same steps, those apart whose expressions speak of tables by names that a statement has for
 * its own: there they would hide them.
 */
export const apartFrom = (
  names: () => ReadonlySet<string>,
  all: ReadonlyArray<LoadStep>
): ReadonlyArray<LoadStep> =>
  all.some(hasGiven)
    ? all.map((step) => {
        const { columns, relation, via } = step
        const { name } = relation.target
        const own = givenAliases(relation.target, columns)
        const isApart =
          via === "selectIn" || own.some((alias) => alias !== name && names().has(alias))
        const under = isApart ? () => new Set([name, linkOf(relation).alias]) : names
        const how: Via = isApart ? "selectIn" : via
        return Object.freeze({ ...step, via: how, steps: apartFrom(under, step.steps) })
      })
    : all

interface Link {
  readonly table: TableSource
  readonly alias: string
  /** Columns that equal the relation's own: by them a row found knows whom it belongs to. */
  readonly near: ReadonlyArray<string>
  /** They are selected beside the target's row, which does not hold them. */
  readonly isBeside: boolean
}

/**
 * Whose rows a step's link is told by: the target, the link table, or the row's own table again
 * where a condition relates them.
 */
export const linkOf = (relation: RelationFacts): Link => {
  const { columns, on, owner, target, targetColumns, through } = relation
  if (on !== null) return { table: owner.source, alias: sides.own, near: columns, isBeside: true }
  return through === null
    ? { table: target, alias: target.name, near: targetColumns, isBeside: false }
    : { table: through.table, alias: through.table.name, near: through.near, isBeside: true }
}

/** Are the rows of a step's own statement put in their order here? */
export const isSortedHere = ({ columns, part, relation, tree }: LoadStep): boolean =>
  part === null && tree === null && columns === null && isNumeric(relation)

/** The keys by which a step finds what belongs to these rows, each once. */
export const keysOf = ({ member, relation }: LoadStep, rows: ReadonlyArray<object>): LinkKeys => {
  const own = member === null ? rows : rows.filter((row) => isOneOf(member, row))
  return rowKeys(relation.owner.source, relation.columns, own)
}

/** Is a row of a family one of this member? */
export const isOneOf = ({ by, is }: MemberRows, row: object): boolean =>
  (row as Readonly<Record<string, unknown>>)[by] === is

/** The mark by which a step knows its rows: of another member's rows there is none. */
export const stepMark = ({
  member,
  relation
}: LoadStep): ((row: object) => LinkMark | undefined) => {
  const markOf = markIn(relation.owner.source, relation.columns)
  return member === null ? markOf : (row) => (isOneOf(member, row) ? markOf(row) : undefined)
}

/** What a step's query gives: a row of the target, and beside it the link it does not hold. */
export type StepRow = object
