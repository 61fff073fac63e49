import { rowMember } from "../algebra/rowMember.ts"
import { onReadOf } from "../algebra/RowShape.ts"
import { EntityId, type Mapped, type OneOf } from "./EntityClass.ts"
import { linkMark, type LinkMark } from "./linkMark.ts"
import { linksOf } from "./links.ts"
import { construct } from "./construct.ts"
import type { Level } from "./PlanAttach.ts"
import { namesOf } from "./PlanColumns.ts"
import { type LoadStep, stepMark } from "./PlanSteps.ts"
import { isInline, isRepeated } from "./PlanStatement.ts"

type Cells = Readonly<Record<string, unknown>>

/** A value, and the rows its statement brought with it for each of the steps below. */
export interface Item {
  readonly value: object
  readonly inside: ReadonlyArray<ReadonlyArray<Item>>
}

const nothing: ReadonlyArray<never> = Object.freeze([])

/** What the steps of a row found, from the records of the rows that stand for it. */
const insideOf = (
  steps: ReadonlyArray<LoadStep>,
  records: ReadonlyArray<Cells>
): ReadonlyArray<ReadonlyArray<Item>> =>
  steps.map((step, at) => {
    if (step.via === "json") return listItems(step, records[0]![`i${at}`])
    if (step.via === "selectIn") return nothing
    const found = records
      .map((record) => record[`i${at}`] as Cells)
      .filter(({ row }) => row !== null)
    return apart(found, (one) => markOf(step, one)).map((group) => ({
      value: group[0]!["row"] as object,
      inside: insideOf(step.steps, group)
    }))
  })

/** Rows that stand for one thing together, in the order of the first of each. */
const apart = (
  rows: ReadonlyArray<Cells>,
  mark: (row: Cells) => unknown
): ReadonlyArray<ReadonlyArray<Cells>> => {
  if (rows.length < 2) return rows.length === 0 ? nothing : [rows]
  const groups = new Map<unknown, Array<Cells>>()
  for (const row of rows) {
    const of = mark(row)
    const group = groups.get(of)
    if (group === undefined) groups.set(of, [row])
    else group.push(row)
  }
  return [...groups.values()]
}

/** By what a joined row is told: its link where it has one, else its key. */
const markOf = ({ relation: { target, through } }: LoadStep, one: Cells): LinkMark | undefined =>
  through === null
    ? linkMark(target, target.primaryKey, one["row"] as Cells)
    : linkMark(through.table, through.table.primaryKey, one["link"] as Cells)

/** Values out of a list of rows, each a list of its cells and of what hangs on it. */
const listItems = (step: LoadStep, list: unknown): ReadonlyArray<Item> => {
  if (list === null || list === undefined) return nothing
  const { related, target } = step.relation
  const keys = namesOf(target, step.columns)
  const isBare = keys.length === 1 && !step.steps.some(isInline)
  return (list as ReadonlyArray<unknown>).map((one) => {
    const cells = isBare ? [one] : (one as ReadonlyArray<unknown>)
    let at = keys.length
    return {
      value: valueOf(related, keys, cells, step.columns === null),
      inside: step.steps.map((below) => (isInline(below) ? listItems(below, cells[at++]) : nothing))
    }
  })
}

const valueOf = (
  entity: Mapped,
  keys: ReadonlyArray<string>,
  cells: ReadonlyArray<unknown>,
  isWhole: boolean
): object => {
  const row: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  const members = isWhole ? (entity.source.over?.members?.() ?? null) : null
  if (members === null) {
    keys.forEach((key, at) => {
      row[key] = cells[at]
    })
    onReadOf(entity.prototype)?.(row)
    return construct(entity, row)
  }
  const member = rowMember(members, cells)
  member.keys.forEach((key, at) => {
    row[key] = cells[member.places[at]!]
  })
  onReadOf(member.prototype)?.(row)
  return construct((member.prototype as OneOf<string>)[EntityId], row)
}

/** The rows of a statement made by `withSteps`: each with what it brought. */
export const itemsOf = (
  entity: Mapped,
  steps: ReadonlyArray<LoadStep>,
  records: ReadonlyArray<object>
): ReadonlyArray<Item> => {
  const rows = records as ReadonlyArray<Cells>
  const groups = isRepeated(steps)
    ? apart(rows, (row) =>
        "place" in row
          ? row["place"]
          : linkMark(entity.source, entity.source.primaryKey, row["own"] as Cells)
      )
    : rows.map((row) => [row])
  return groups.map((group) => ({
    value: group[0]!["own"] as object,
    inside: insideOf(steps, group)
  }))
}

/** A level whose rows came with those above, and what each of its values brought in turn. */
export interface Gathered {
  readonly level: Level
  readonly items: ReadonlyArray<Item>
}

/**
 * Gathers what rows brought for one of their steps.
 *
 * **Shape** two rows with one key brought the same twice: it is taken once. A row met twice is one
 * value, as where the level has a statement of its own.
 */
export const gathered = (step: LoadStep, at: number, above: ReadonlyArray<Item>): Gathered => {
  const { target } = step.relation
  const items: Array<Item> = []
  const [marks, positions]: [Array<LinkMark>, Array<number>] = [[], []]
  const ownMark = stepMark(step)
  const seen = new Set<LinkMark>()
  const known = new Map<LinkMark, number>()
  for (const { inside, value } of above) {
    const mark = ownMark(value)
    if (mark === undefined || seen.has(mark)) continue
    seen.add(mark)
    for (const item of inside[at]!) {
      const key =
        target.primaryKey.length === 0
          ? undefined
          : linkMark(target, target.primaryKey, item.value as Cells)
      let position = key === undefined ? undefined : known.get(key)
      if (position === undefined) {
        position = items.push(item) - 1
        if (key !== undefined) known.set(key, position)
      }
      marks.push(mark)
      positions.push(position)
    }
  }
  const values = items.map(({ value }) => value)
  return { level: { step, values, links: linksOf(marks, Int32Array.from(positions)) }, items }
}
