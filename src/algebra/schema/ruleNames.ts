import { constraintName, type ExactName, type RuleKind, ruleName } from "./naming.ts"
import type { ColumnNode, TableSource } from "../Source.ts"
import { refuse } from "../StatementError.ts"

/** Names in the database of columns by key. */
export const namesOf = (source: TableSource, keys: ReadonlyArray<string>): ReadonlyArray<string> =>
  keys.map((key) => source.byKey.get(key)!.name)

/** A rule's name, over columns by key. */
export const named = (
  source: TableSource,
  kind: RuleKind,
  columns: ReadonlyArray<string>,
  given: string | ExactName | null,
  usual: string,
  refers: { readonly target: string; readonly targetColumns: ReadonlyArray<string> } | null = null
): string =>
  ruleName(
    source.naming,
    {
      kind,
      schema: source.schema,
      table: source.name,
      columns: namesOf(source, columns),
      target: refers?.target ?? null,
      targetColumns: refers?.targetColumns ?? []
    },
    given,
    usual
  )

/** Whether a check holds a column to the values of its type, where the server has no such type. */
export const isGuarded = ({ guarded, type }: ColumnNode): boolean =>
  type.sql._tag === "Enum" ? guarded !== false : type.sql._tag === "Boolean" && guarded === true

/** The name of the check that holds a column to the values of its type. */
export const guardName = (source: TableSource, { key, name }: ColumnNode): string =>
  named(source, "check", [key], null, constraintName(source.name, [name], "check"))

/** Refuses two rules of a table under one name. */
export const checkRuleNames = (source: TableSource): void => {
  const seen = new Set<string>()
  const all = [
    ...(source.primaryKey.length === 0 ? [] : [source.primaryKeyName]),
    ...source.columns.filter(isGuarded).map((column) => guardName(source, column)),
    ...[
      ...source.uniques(),
      ...source.foreignKeys(),
      ...source.checks(),
      ...source.exclusions(),
      ...source.indexes()
    ].map(({ name }) => name)
  ]
  for (const name of all) {
    if (seen.has(name)) refuse(`table "${source.name}": two of its rules are named "${name}"`)
    seen.add(name)
  }
}
