import type { Columns, RowOf } from "../algebra/schema/Table.ts"
import type { RowRule } from "../algebra/RuleBroken.ts"
import { ruleOf } from "../algebra/schema/rule.ts"
import { ValueRefused } from "../algebra/Codec.ts"
import { refuse } from "../algebra/StatementError.ts"
import { refused } from "../algebra/types/make.ts"
import type { AnyEntity } from "./EntityClass.ts"
import type { ColumnsOf } from "./EntityTypes.ts"

/** Where a rule of a class keeps itself. */
export const RuleId: unique symbol = Symbol.for("athanor/EntityRule")

/** Where a class keeps what becomes of rows that are read. */
export const ReadingId: unique symbol = Symbol.for("athanor/EntityReading")

/** Where a class keeps from what a queried column is read. */
export const QueryId: unique symbol = Symbol.for("athanor/EntityQuery")

/**
 * From what a queried column is read, declared with its class.
 *
 * @category models
 */
export interface EntityQuery {
  readonly [QueryId]: { readonly column: string; readonly get: Getting }
}
type Getting = (columns: Readonly<Record<string, unknown>>, self: unknown) => unknown

/** A class's word on a queried column. */
export const queried = (column: string, get: unknown): EntityQuery =>
  typeof get === "function"
    ? Object.freeze({ [QueryId]: Object.freeze({ column, get: get as Getting }) })
    : refuse(`what "${column}" is read from is not (columns) => expression`)

/** What a class says of a queried column. **Errors** `StatementError` where it says nothing. */
export const queryOf = (entity: object, label: string, column: string): Getting => {
  for (const [, value] of staticsOf(entity))
    if (typeof value === "object" && value !== null && QueryId in value) {
      const said = value[QueryId] as EntityQuery[typeof QueryId]
      if (said.column === column) return said.get
    }
  return refuse(`${label}: no static says from what "${column}" is read`)
}

/** Some columns of a row, as a rule sees them. */
export type PartOf<E extends AnyEntity, K> = Pick<RowOf<ColumnsOf<E>>, K & keyof ColumnsOf<E>>

/**
 * A rule over several columns of a row, declared with its class.
 *
 * @category models
 */
export interface EntityRule {
  readonly [RuleId]: RowRule
}

/** What becomes of a row that was read: columns that go over its own. */
export type Reading<C extends Columns> = (row: RowOf<C>) => Partial<RowOf<C>>

/**
 * What is done to each row that is read, declared with its class.
 *
 * @category models
 */
export interface EntityReading {
  readonly [ReadingId]: (row: object) => object
}

/** A rule of a class. */
export const rowRule = (
  columns: ReadonlyArray<string>,
  given: ReadonlyArray<unknown>
): EntityRule =>
  columns.length === 0
    ? refuse("a rule of a row names the columns it is over")
    : Object.freeze({
        [RuleId]: Object.freeze({
          columns: Object.freeze([...columns]),
          rule: ruleOf(given, "rule")
        })
      })

/** What a class does to the rows that are read. */
export const reading = (f: unknown): EntityReading =>
  typeof f === "function"
    ? Object.freeze({ [ReadingId]: f as EntityReading[typeof ReadingId] })
    : refuse("what is done to a row that was read is not (row) => columns")

const staticsOf = (entity: object): ReadonlyArray<readonly [string, unknown]> =>
  Object.entries(entity)

/** What there is under a name. */
type Named = Readonly<Record<string, unknown>>

/** The rules of a class. **Errors** `StatementError` for one over what is no column. */
export const rowRulesOf = (entity: object, label: string, columns: Named) =>
  staticsOf(entity).flatMap(([name, value]): ReadonlyArray<RowRule> => {
    if (typeof value !== "object" || value === null || !(RuleId in value)) return []
    const rule = value[RuleId] as RowRule
    const strange = rule.columns.find((key) => !Object.hasOwn(columns, key))
    return strange === undefined
      ? [rule]
      : refuse(`${label}.${name}: there is no column "${strange}"`)
  })

/** What a class does to the rows that are read, in its order; null where nothing. */
export const readingOf = (entity: object, label: string, columns: Named) => {
  const all = staticsOf(entity).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && ReadingId in value
      ? [{ name, f: value[ReadingId] as EntityReading[typeof ReadingId] }]
      : []
  )
  if (all.length === 0) return null
  return (row: Record<string, unknown>): void => {
    for (const { f, name } of all)
      for (const [key, value] of Object.entries(given(f, row, label, name))) {
        if (!Object.hasOwn(columns, key))
          refuse(`${label}.${name} gives "${key}", which is no column`)
        if (value !== undefined)
          Object.defineProperty(row, key, {
            value,
            enumerable: true,
            writable: true,
            configurable: true
          })
      }
  }
}

/** What one static gives of a row; where it refuses the row, whose it is. */
const given = (
  f: EntityReading[typeof ReadingId],
  row: object,
  entity: string,
  name: string
): object => {
  try {
    return f(row)
  } catch (error) {
    if (error instanceof ValueRefused) return refused(error.expected, { entity, below: name })
    throw error
  }
}
