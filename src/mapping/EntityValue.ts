import * as Result from "effect/Result"
import { ValueRefused } from "../algebra/Codec.ts"
import type { ColumnValue } from "../algebra/schema/Column.ts"
import { breakRule, RuleBroken } from "../algebra/RuleBroken.ts"
import { brokenBy, withDefaults } from "../algebra/schema/rule.ts"
import { shownColumn } from "../algebra/schema/tableSource.ts"
import type { Columns, KeysWhere } from "../algebra/schema/Table.ts"
import type { ColumnNode, QueriedColumn } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { Mapped, RelationFacts } from "./EntityClass.ts"
import { construct } from "./construct.ts"

/** Columns that a value made from a record must have: those no constant and no NULL fills. */
export type Cells<C extends Columns> = {
  readonly [K in KeysWhere<C, "required"> | KeysWhere<C, "never">]: ColumnValue<C[K]>
} & { readonly [K in KeysWhere<C, "optional">]?: ColumnValue<C[K]> | undefined }

type Record_ = Readonly<Record<string, unknown>>

/** Work that may meet a broken rule, as a result. */
export const asResult = <A>(work: () => A): Result.Result<A, RuleBroken> => {
  try {
    return Result.succeed(work())
  } catch (error) {
    if (error instanceof RuleBroken) return Result.fail(error)
    throw error
  }
}

const attempt = <A>(entity: Mapped, path: string, work: () => A): A => {
  try {
    return work()
  } catch (error) {
    if (error instanceof ValueRefused) return breakRule(entity.label, path, error.expected)
    throw error
  }
}

/** A value its type holds: every server is as strict as the first. */
const held = (entity: Mapped, column: ColumnNode | QueriedColumn, value: unknown): unknown => {
  const { key, nullable, type } = column
  if (value === null)
    return nullable ? null : refuse(`${entity.label}.of: "${key}" is null, and cannot be`)
  attempt(entity, key, () => (type.codec.row.sqlite.encode as (value: unknown) => unknown)(value))
  return value
}

/** A frozen value of a row's columns, its rules kept. */
export const valueOf = (entity: Mapped, given: unknown): object => {
  const { label, source } = entity
  if (typeof given !== "object" || given === null) return refuse(`${label}.of takes a record`)
  for (const key of Object.keys(given))
    if (shownColumn(source, key) === undefined) refuse(`${label}.of: "${key}" is no column`)
  const row = withDefaults(source, given as Record_)
  const cells: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const column of [...source.columns, ...source.queried]) {
    const value = row[column.key]
    cells[column.key] =
      value === undefined
        ? refuse(`${label}.of: "${column.key}" is missing`)
        : held(entity, column, value)
  }
  const broken = brokenBy(source, cells, Object.keys(cells))
  if (broken !== null) breakRule(label, broken.path, broken.expected)
  return construct(entity, cells)
}

/** A relation as JSON holds it: values below, a list of them, a part of one, or null. */
const related = (link: RelationFacts, json: unknown, path: string): unknown => {
  const one = (value: unknown, at: string): object => fromJson(link.related, value, at)
  const list = (values: unknown, at: string): ReadonlyArray<object> => {
    if (!Array.isArray(values)) return breakRule(link.owner.label, path, "a list of rows")
    return Object.freeze(values.map((value, i) => one(value, `${at}[${i}].`)))
  }
  if (!link.toMany) return json === null ? null : one(json, `${path}.`)
  // Every list has a method of the name.
  const isPart = typeof json === "object" && json !== null && !Array.isArray(json) && "some" in json
  return isPart ? Object.freeze({ some: list(json.some, `${path}.some`) }) : list(json, path)
}

/** The value whose `toJSON` this is, what it had loaded included. Throws `RuleBroken`. */
export const fromJson = (entity: Mapped, json: unknown, path = ""): object => {
  const { label, source } = entity
  const refused = (at: string, expected: string): never => {
    return breakRule(label, `${path}${at}`, expected)
  }
  if (typeof json !== "object" || json === null || Array.isArray(json))
    return refused("", "a record of columns")
  const relations = entity.relations()
  const cells: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const column of [...source.columns, ...source.queried]) {
    const { key, nullable, type } = column
    const one = Object.hasOwn(json, key) ? (json as Record_)[key] : undefined
    if (one === undefined) refused(key, "a value")
    if (one === null && !nullable) refused(key, "a value, not null")
    cells[key] =
      one === null ? null : attempt(entity, `${path}${key}`, () => type.codec.json.decode(one))
  }
  const broken = brokenBy(source, cells, Object.keys(cells))
  if (broken !== null) refused(broken.path, broken.expected)
  for (const [key, one] of Object.entries(json)) {
    if (shownColumn(source, key) !== undefined) continue
    const link = relations.get(key)
    cells[key] =
      link === undefined ? refused(key, "no such key") : related(link, one, `${path}${key}`)
  }
  return construct(entity, cells)
}
