import type { DialectName } from "../../algebra/Dialect.ts"
import type { SnapshotColumn } from "../../algebra/schema/Snapshot.ts"
import type { SqlType } from "../../algebra/SqlType.ts"
import { dialects } from "../dialects.ts"
import { normalType } from "../schema/normalType.ts"
import { exactSource } from "./exactSource.ts"
import { quoted } from "./texts.ts"

/** How a column's type is written, and what a reader must know of it. */
export interface TypeSource {
  readonly text: string
  /** Why it is not the server's type; null where it is. */
  readonly unlike: string | null
}

/** The type whose values a server's type holds; of none there is no name. */
const nameOf = (sql: SqlType): string => {
  const exact = sql.exact === undefined ? null : exactSource(sql.exact)
  if (exact !== null) return exact
  switch (sql._tag) {
    case "Smallint":
    case "Integer":
    case "Bigint":
    case "Double":
    case "Text":
    case "Boolean":
    case "Bytes":
    case "Uuid":
    case "Date":
    case "Interval":
      return `Type.${sql._tag.toLowerCase()}`
    case "Numeric":
      return `Type.numeric(${sql.precision}, ${sql.scale})`
    case "Varchar":
      return `Type.varchar(${sql.length})`
    case "Json":
      return "Type.json(Schema.Unknown)"
    case "Time":
      return `Type.time(${sql.precision})`
    case "Timestamp":
      return `Type.timestamp(${sql.precision})`
    case "Enum":
      return `Type.enumeration([${sql.values.map(quoted).join(", ")}])`
    case "Array": {
      const inner = `Type.array(${nameOf(sql.of)}, { nulls: true })`
      return sql.dimensions === 1
        ? inner
        : `${"Type.array(".repeat(sql.dimensions - 1)}${inner}${")".repeat(sql.dimensions - 1)}`
    }
    case "Range":
      return `Type.${sql.multi ? "multirange" : "range"}(${nameOf(sql.of)})`
    case "Custom":
      return opaque(sql.print.postgres)
  }
}

/** Values as the driver gives them. */
const opaque = (type: string): string =>
  `Type.custom<unknown>({ sql: ${quoted(type)}, codec: asGiven })`

/** The type of a column as TypeScript. */
export const typeSource = (
  dialect: DialectName,
  { collation, sql, type }: Pick<SnapshotColumn, "collation" | "sql" | "type">,
  named: ReadonlyMap<string, string>
): TypeSource => {
  const identifier = named.get(type)
  if (sql === null && identifier !== undefined) return { text: identifier, unlike: null }
  if (sql === null)
    return { text: opaque(type), unlike: `its type ${quoted(type)} is not known: kept as given` }
  const spelled = normalType(dialect, dialects[dialect].columnType(sql))
  if (collation !== null && sql._tag === "Text" && spelled === type)
    return { text: `Type.collated({ ${dialect}: ${quoted(collation)} })`, unlike: null }
  const unlike = [
    ...(spelled === type ? [] : [`its type is ${quoted(type)} and is declared ${quoted(spelled)}`]),
    ...(collation === null ? [] : [`its collation ${quoted(collation)} is not declared`])
  ]
  return { text: nameOf(sql), unlike: unlike.length === 0 ? null : unlike.join("; ") }
}
