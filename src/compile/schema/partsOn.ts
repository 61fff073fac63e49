import type { Capabilities } from "../../algebra/Dialect.ts"
import type { TextObject } from "../../algebra/Ddl.ts"
import { type NamedType, namedTypesOf } from "../../algebra/schema/namedOf.ts"
import { isOn } from "../../algebra/schema/only.ts"
import type { CheckNode, IndexNode, TableSource } from "../../algebra/Source.ts"
import { refuse } from "../../algebra/StatementError.ts"
import { tablesRead } from "../../algebra/tablesRead.ts"

interface Conditional {
  readonly tables: ReadonlyArray<TableSource>
  readonly views: ReadonlyArray<TableSource>
  readonly types: ReadonlyArray<NamedType>
  readonly texts?: ReadonlyArray<TextObject>
}

/** Refuses what speaks of a table that is not there. */
const checkLeft = (
  { tables, views }: Pick<Conditional, "tables" | "views">,
  absent: ReadonlySet<TableSource>,
  dialect: string
): void => {
  const missing = (what: string, { name }: TableSource) =>
    refuse(`${what} "${name}", which is not for this version of ${dialect}`)
  for (const { foreignKeys, name } of tables)
    for (const { target } of foreignKeys())
      if (absent.has(target)) missing(`a foreign key of "${name}" leads to`, target)
  for (const { definition, name } of views)
    for (const read of tablesRead(definition!.query))
      if (absent.has(read)) missing(`"${name}" reads`, read)
}

/**
 * The parts of a catalog that are for a server.
 *
 * **Errors** `StatementError` where one that is speaks of one that is not.
 */
export const partsOn = <P extends Conditional>(parts: P, capabilities: Capabilities): P => {
  const isHere = (one: TableSource): boolean => isOn(one, capabilities)
  const texts = parts.texts?.filter((one) => isOn(one, capabilities))
  const absent = new Set([...parts.tables, ...parts.views].filter((one) => !isHere(one)))
  const own = texts === undefined ? {} : { texts }
  if (absent.size === 0) return { ...parts, ...own }
  const tables = parts.tables.filter(isHere)
  const views = parts.views.filter(isHere)
  checkLeft({ tables, views }, absent, capabilities.dialect)
  const used = new Set(namedTypesOf(tables))
  const lost = new Set(namedTypesOf([...absent]))
  const types = parts.types.filter((one) => used.has(one) || !lost.has(one))
  return { ...parts, tables, views, types, ...own }
}

/** The rules of a table that are for a server, and the names of those that are not. */
export const rulesOn = (
  table: TableSource,
  capabilities: Capabilities
): {
  readonly checks: ReadonlyArray<CheckNode>
  readonly indexes: ReadonlyArray<IndexNode>
  readonly absent: ReadonlySet<string>
} => {
  const [checks, indexes] = [table.checks(), table.indexes()]
  const isHere = (one: CheckNode | IndexNode): boolean => isOn(one, capabilities)
  return {
    checks: checks.filter(isHere),
    indexes: indexes.filter(isHere),
    absent: new Set([...checks, ...indexes].flatMap((one) => (isHere(one) ? [] : [one.name])))
  }
}
