import { grafting, graftingEach } from "./construct.ts"
import type { Mapped, RelationFacts } from "./EntityClass.ts"
import { withGiven } from "./givenBeside.ts"
import { type LinkMark, markIn } from "./linkMark.ts"
import { inOrder, isForked, linkedIn, type Links, linksOf } from "./links.ts"
import { numbersIn } from "./numericOrder.ts"
import { isHidden, type PlanColumns } from "./PlanColumns.ts"
import { isOneOf, isSortedHere, linkOf, type LoadStep, type StepRow } from "./PlanSteps.ts"

type Cells = Readonly<Record<string, unknown>>

/** What one step found: the related values, each once, and which of them belong to which link. */
export interface Level {
  readonly step: LoadStep
  readonly values: ReadonlyArray<object>
  readonly links: Links
}

/** Gathers the rows of a step's queries. */
export const levelOf = (step: LoadStep, rows: ReadonlyArray<StepRow>): Level => {
  const { relation, tree } = step
  const { isBeside, near, table } = linkOf(relation)
  const markOf = markIn(table, near)
  const keyOf = isBeside || tree !== null ? keyIn(relation) : null
  const values: Array<object> = []
  const marks: Array<LinkMark> = []
  const positions = new Int32Array(rows.length)
  const known = new Map<LinkMark, number>()
  for (const row of rows as ReadonlyArray<Cells>) {
    const mark = markOf(isBeside ? (row["near"] as Cells) : row)
    if (mark === undefined) continue
    const value = isBeside ? (row["row"] as Cells) : row
    const key = keyOf?.(value)
    // A row met twice is one value: what hangs below it is loaded once.
    let position = key === undefined ? undefined : known.get(key)
    if (position === undefined) {
      position = values.push(value) - 1
      if (key !== undefined) known.set(key, position)
    } else if (tree !== null) {
      // Trees of several lists of keys may share rows, which hang where they do once.
      continue
    }
    positions[marks.push(mark) - 1] = position
  }
  const links = linksOf(marks, positions.subarray(0, marks.length))
  const numberOf = isSortedHere(step) ? numbersIn(relation, values) : null
  return { step, values, links: numberOf === null ? links : inOrder(links, numberOf) }
}

/** What tells the rows a relation leads to apart; null where nothing does. */
const keyIn = ({ target }: RelationFacts): ((row: object) => LinkMark | undefined) | null =>
  target.primaryKey.length > 0 ? markIn(target, target.primaryKey) : null

/** Does a relation to one lead to several rows? Keys cannot, a condition can. */
export const isAmbiguous = ({ links, step }: Level): boolean =>
  !step.relation.toMany && step.relation.on !== null && isForked(links)

/** The level with other values in the places of its own: those with more loaded. */
export const withValues = (level: Level, values: ReadonlyArray<object>): Level => ({
  ...level,
  values
})

/** What a level found for each of these rows; of another member's rows it says nothing. */
const related = (
  { links, step, values }: Level,
  rows: ReadonlyArray<object>,
  others: ReadonlyArray<unknown> | undefined
): ReadonlyArray<unknown> => {
  const { member, part, relation } = step
  const markOf = markIn(relation.owner.source, relation.columns)
  return rows.map((row, at) => {
    if (member !== null && !isOneOf(member, row))
      return others === undefined ? (row as Cells)[relation.name] : others[at]
    const found = linkedIn(links, values, markOf(row))
    if (!relation.toMany) return found[0] ?? null
    const list = Object.freeze(found)
    return part === null ? list : Object.freeze({ some: list })
  })
}

/**
 * New values with what was found: to-many relations are lists, to-one ones a value or null.
 *
 * **Shape** of `columns` they show what is asked for; where those are null, what they have.
 * **Laws** the values keep their order and their columns; what was loaded before stays.
 */
export const attach = (
  entity: Mapped,
  rows: ReadonlyArray<object>,
  levels: ReadonlyArray<Level>,
  columns: PlanColumns | null = null
): ReadonlyArray<object> => {
  if (levels.length === 0 && columns === null) return rows
  const { queried } = entity.source
  const given = columns?.given.filter(({ name }) => queried.every(({ key }) => key !== name))
  // Members of a family may each have a level of their own under one name.
  const found = new Map<string, ReadonlyArray<unknown>>()
  for (const level of levels) {
    const { name } = level.step.relation
    found.set(name, related(level, rows, found.get(name)))
  }
  const [names, lists] = [[...found.keys()], [...found.values()]]
  const isShown = (key: string): boolean => !isHidden(entity, columns, key)
  const isEven = levels.every(({ step: { member } }) => member === null)
  const graft = (isEven ? grafting : graftingEach)(entity, names, isShown)
  return rows.map((row, at) => withGiven(graft(row, lists, at), row, given))
}
