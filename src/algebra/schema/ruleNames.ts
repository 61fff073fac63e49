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

/** The name of the check that holds an enum's column to its texts. */
export const enumCheckName = (source: TableSource, { key, name }: ColumnNode): string =>
  named(source, "check", [key], null, constraintName(source.name, [name], "check"))

/** Refuses two rules of a table under one name. */
export const checkRuleNames = (source: TableSource): void => {
  const seen = new Set<string>()
  const all = [
    ...(source.primaryKey.length === 0 ? [] : [source.primaryKeyName]),
    ...source.columns
      .filter(({ type }) => type.sql._tag === "Enum")
      .map((column) => enumCheckName(source, column)),
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
