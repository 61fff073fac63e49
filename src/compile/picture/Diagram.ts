import type { Catalog } from "../../algebra/schema/Catalog.ts"
import type { DialectName } from "../../algebra/Dialect.ts"
import type { Notes } from "../../algebra/schema/notes.ts"
import type { ForeignKey, TableSource } from "../../algebra/Source.ts"
import { dialects } from "../dialects.ts"

/** A catalog as boxes and lines: what every kind of picture is drawn from. */
export interface Diagram {
  readonly boxes: ReadonlyArray<Box>
  readonly lines: ReadonlyArray<Line>
}

/** A table. */
export interface Box {
  readonly title: string
  readonly rows: ReadonlyArray<BoxRow>
}

/** A column. */
export interface BoxRow {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly isPrimary: boolean
  readonly isForeign: boolean
  /** What is told of it beside; empty where nothing is. */
  readonly told: string
}

/** A foreign key, by numbers of boxes and of their rows. */
export interface Line {
  readonly from: number
  readonly to: number
  readonly fromRow: number
  readonly toRow: number
  /** Many rows may refer to one; else at most one. */
  readonly many: boolean
  /** A row may refer to none. */
  readonly optional: boolean
  readonly label: string
}

const titleOf = ({ name, schema }: TableSource): string =>
  schema === null ? name : `${schema}.${name}`

/** The tables of a catalog and the foreign keys between them; types in a dialect's words. */
export const diagramOf = (
  { tables }: Catalog,
  dialect: DialectName,
  tell: (notes: Notes) => string | null
): Diagram => {
  const numbers = new Map(tables.map((table, at) => [table, at]))
  const rowOf = (table: TableSource, key: string): number =>
    table.columns.findIndex((column) => column.key === key)
  return {
    boxes: tables.map((table) => boxOf(table, dialect, (notes) => tell(notes) ?? "")),
    lines: tables.flatMap((table, from) =>
      table.foreignKeys().flatMap((key): ReadonlyArray<Line> => {
        const to = numbers.get(key.target)
        if (to === undefined) return []
        const columns = key.columns.map((column) => table.byKey.get(column)!)
        return [
          {
            from,
            to,
            fromRow: rowOf(table, key.columns[0]!),
            toRow: rowOf(key.target, key.targetColumns[0]!),
            many: !isAlone(table, key),
            optional: columns.some(({ nullable }) => nullable),
            label: columns.map(({ name }) => name).join(", ")
          }
        ]
      })
    )
  }
}

const boxOf = (table: TableSource, dialect: DialectName, tell: (notes: Notes) => string): Box => {
  const foreign = new Set(table.foreignKeys().flatMap(({ columns }) => columns))
  return {
    title: [titleOf(table), tell(table.notes)].filter((one) => one !== "").join(": "),
    rows: table.columns.map(({ key, name, notes, nullable, type }) => ({
      name,
      type: dialects[dialect].columnType(type.sql),
      nullable,
      isPrimary: table.primaryKey.includes(key),
      isForeign: foreign.has(key),
      told: tell(notes)
    }))
  }
}

/** Whether a key's columns hold no value twice. */
const isAlone = (table: TableSource, { columns }: ForeignKey): boolean =>
  [table.primaryKey, ...table.uniques().map((unique) => unique.columns)].some(
    (unique) => unique.length > 0 && unique.every((column) => columns.includes(column))
  )
