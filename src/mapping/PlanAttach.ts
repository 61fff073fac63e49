import { EntityId, isOfEntity, type Mapped, type RelationFacts } from "./EntityClass.ts"
import { isHidden, type PlanColumns } from "./PlanColumns.ts"
import { linkOf, type LoadStep, linkText, type StepRow } from "./PlanSteps.ts"

type Cells = Readonly<Record<string, unknown>>

/** What one step found: the related values, each once, and which of them belong to which link. */
export interface Level {
  readonly step: LoadStep
  readonly values: ReadonlyArray<object>
  /** Positions in `values`, in their order, by the text of the link. */
  readonly links: ReadonlyMap<string, ReadonlyArray<number>>
}

/** Gathers the rows of a step's queries. */
export const levelOf = (step: LoadStep, rows: ReadonlyArray<StepRow>): Level => {
  const { relation } = step
  const { isBeside, near, table } = linkOf(relation)
  const values: Array<object> = []
  const links = new Map<string, Array<number>>()
  const at = new Map<string, number>()
  for (const row of rows as ReadonlyArray<Cells>) {
    const value = isBeside ? (row["row"] as Cells) : row
    const text = linkText(table, near, isBeside ? (row["near"] as Cells) : row)
    if (text === undefined) continue
    const count = values.length
    const position = placed(relation, isBeside || step.tree !== null, value, values, at)
    // Trees of several lists of keys may share rows, which hang where they do once.
    if (step.tree !== null && position < count) continue
    const list = links.get(text)
    if (list === undefined) links.set(text, [position])
    else list.push(position)
  }
  return { step, values, links }
}

/** A row met twice is one value: what hangs below it is loaded once. */
const placed = (
  { target }: RelationFacts,
  isRepeated: boolean,
  value: Cells,
  values: Array<object>,
  at: Map<string, number>
): number => {
  const key =
    isRepeated && target.primaryKey.length > 0
      ? linkText(target, target.primaryKey, value)
      : undefined
  const before = key === undefined ? undefined : at.get(key)
  if (before !== undefined) return before
  if (key !== undefined) at.set(key, values.length)
  return values.push(value) - 1
}

/** Does a relation to one lead to several rows? Keys cannot, a condition can. */
export const isAmbiguous = ({ links, step }: Level): boolean =>
  !step.relation.toMany &&
  step.relation.on !== null &&
  [...links.values()].some((positions) => positions.length > 1)

/** The level with other values in the places of its own: those with more loaded. */
export const withValues = (level: Level, values: ReadonlyArray<object>): Level => ({
  ...level,
  values
})

const nothing: ReadonlyArray<never> = Object.freeze([])

const related = ({ step: { part, relation }, values, links }: Level, row: Cells): unknown => {
  const text = linkText(relation.owner.source, relation.columns, row)
  const positions = text === undefined ? nothing : (links.get(text) ?? nothing)
  if (relation.toMany) {
    const list = Object.freeze(positions.map((position) => values[position]!))
    return part === null ? list : Object.freeze({ some: list })
  }
  const [position] = positions
  return position === undefined ? null : values[position]!
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
  return rows.map((row) => {
    const cells: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (const key of Object.keys(row))
      if (!isHidden(entity, columns, key)) cells[key] = (row as Cells)[key]
    for (const level of levels) cells[level.step.relation.name] = related(level, row as Cells)
    return construct(isOfEntity(row) ? row[EntityId] : entity, cells)
  })
}

/** A value of an entity from columns and loaded relations: frozen, an instance of its class. */
export const construct = (entity: Mapped, cells: Cells): object => {
  const { prototype } = entity
  const value = Object.create(prototype) as Record<string, unknown>
  for (const key of Object.keys(cells)) {
    // A getter of the class must not swallow a column of its name.
    if (key in prototype) Object.defineProperty(value, key, { value: cells[key], enumerable: true })
    else value[key] = cells[key]
  }
  return Object.freeze(value)
}
