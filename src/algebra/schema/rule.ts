import type { Breach, Rule } from "../RuleBroken.ts"
import { isSchema, schemaRule } from "../types/schemaRule.ts"
import { isExpr } from "../Expression.ts"
import type { RowCodec } from "../Codec.ts"
import { isServerMade } from "../serverMade.ts"
import type { TableSource } from "../Source.ts"
import type { AnyType } from "../Type.ts"
import { makeCodec, makeType, refused } from "../types/make.ts"
import { refuse } from "../StatementError.ts"

/** The rule somebody gives. **Errors** `StatementError` for what is none. */
export const ruleOf = (given: ReadonlyArray<unknown>, asked: string): Rule => {
  const [first, holds] = given
  if (typeof first === "string") {
    if (typeof holds !== "function" || first === "")
      return refuse(`${asked}: a rule is a schema, or words and a predicate`)
    const breach: Breach = Object.freeze({ path: [], expected: first })
    return (value) => ((holds as (value: unknown) => boolean)(value) ? null : breach)
  }
  if (!isSchema(first)) return refuse(`${asked}: a rule is a schema, or words and a predicate`)
  return schemaRule(first)
}

/** `rows[3].settings.theme`: a path below a column. */
export const pathText = (column: string, path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (text, one) => (typeof one === "number" ? `${text}[${one}]` : `${text}.${String(one)}`),
    column
  )

/** What people call a row of this table. */
export const entityName = ({ name, prototype }: TableSource): string => {
  const label = prototype?.constructor.name
  return label === undefined || label === "" ? name : label
}

/** A rule of a row that is broken, and where. */
export interface BrokenRule {
  readonly entity: string
  readonly path: string
  readonly expected: string
}

type Cells = Readonly<Record<string, unknown>>

/** Only of a value can a rule be asked: the server computes the others. */
const isKnown = (cell: unknown, isLater: (cell: unknown) => boolean): boolean =>
  cell !== undefined && !isExpr(cell) && !isLater(cell)

const ruled = new WeakMap<TableSource, boolean>()

/** Has a table rules at all, of its columns or over several of them? */
export const isRuled = (table: TableSource): boolean => {
  let isOne = ruled.get(table)
  if (isOne === undefined) {
    isOne = table.rules().length > 0 || table.columns.some(({ rules }) => rules.length > 0)
    ruled.set(table, isOne)
  }
  return isOne
}

/**
 * The first rule that a row breaks by the columns that are written of it; null where none is.
 *
 * **Shape** `row` is all that is known of it. NULL keeps the rule of a column. `isLater` tells of
 * cells that hold no value yet.
 */
export const brokenBy = (
  table: TableSource,
  row: Cells,
  written: ReadonlyArray<string>,
  isLater: (cell: unknown) => boolean = never
): BrokenRule | null => {
  if (!isRuled(table)) return null
  for (const key of written) {
    const rules = table.byKey.get(key)?.rules ?? []
    const cell = row[key]
    if (rules.length === 0 || cell === null || !isKnown(cell, isLater)) continue
    for (const rule of rules) {
      const breach = rule(cell)
      if (breach !== null)
        return {
          entity: entityName(table),
          path: pathText(key, breach.path),
          expected: breach.expected
        }
    }
  }
  return rowBroken(table, row, written, isLater)
}

/** The same by the rules over several columns alone. */
export const rowBroken = (
  table: TableSource,
  row: Cells,
  written: ReadonlyArray<string>,
  isLater: (cell: unknown) => boolean = never
): BrokenRule | null => {
  for (const { columns, rule } of table.rules()) {
    if (!columns.some((key) => written.includes(key))) continue
    if (!columns.every((key) => isKnown(row[key], isLater))) continue
    const breach = rule(Object.fromEntries(columns.map((key) => [key, row[key]])))
    if (breach === null) continue
    const [column = columns.join(", "), ...path] = breach.path
    return {
      entity: entityName(table),
      path: pathText(String(column), path),
      expected: breach.expected
    }
  }
  return null
}

const never = (): boolean => false

/** Values, with what an insert is known to put where they leave out a column. */
export const withDefaults = (table: TableSource, values: Cells): Cells => {
  const row: Record<string, unknown> = { ...values }
  for (const column of table.columns) {
    const { default: made, key, nullable } = column
    if (row[key] !== undefined) continue
    if (made !== null) {
      if (made._tag === "Value") row[key] = made.value
    } else if (nullable && !isServerMade(column)) row[key] = null
  }
  return row
}

/** Columns are shared by tables: the last that asked, by the rules. */
const writtenTypes = new WeakMap<
  ReadonlyArray<Rule>,
  { readonly table: TableSource; readonly type: AnyType }
>()

/** The type of what is written to a column: its own, whose codec asks the column's rules first. */
export const writtenType = (
  type: AnyType,
  rules: ReadonlyArray<Rule>,
  key: string,
  table: () => TableSource
): AnyType => {
  if (rules.length === 0) return type
  const known = writtenTypes.get(rules)
  if (known?.table === table()) return known.type
  const asking = ({ decode, encode }: RowCodec<unknown>): RowCodec<unknown> => ({
    decode,
    encode: (value) => {
      for (const rule of rules) {
        const breach = rule(value)
        if (breach === null) continue
        const below = pathText("", breach.path)
        refused(breach.expected, { entity: entityName(table()), below })
      }
      return encode(value)
    }
  })
  const { json, row } = type.codec
  const codec = makeCodec({
    sqlite: asking(row.sqlite),
    postgres: asking(row.postgres),
    mysql: asking(row.mysql),
    mariadb: asking(row.mariadb),
    json
  })
  const made = makeType(`${type.key}!${table().id}.${key}`, type.sql, codec)
  writtenTypes.set(rules, { table: table(), type: made })
  return made
}
