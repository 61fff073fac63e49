import { refuse } from "../StatementError.ts"

/**
 * `displayName` becomes `display_name`; injective on keys that differ by more than case of one
 * hump.
 */
export const snakeCase = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()

/** Refuses a name no server takes. */
export const checkName = (name: string, what: string): string => {
  if (typeof name !== "string" || name.length === 0) return refuse(`${what}: the name is empty`)
  if (name.includes("\u0000")) return refuse(`${what}: the name holds a NUL character`)
  if (!name.isWellFormed()) return refuse(`${what}: the name is not well-formed Unicode`)
  return name
}

/** Names of constraints by kind, as PostgreSQL gives them. */
export const constraintName = (
  table: string,
  columns: ReadonlyArray<string>,
  suffix: string
): string => [table, ...columns, suffix].join("_")

/**
 * The rules of a table that have names.
 *
 * @category models
 */
export type RuleKind = "primaryKey" | "unique" | "foreignKey" | "check" | "exclusion" | "index"

/**
 * What the name of a rule can be made from: names as the database has them.
 *
 * @category models
 */
export interface NamedRule {
  readonly kind: RuleKind
  readonly schema: string | null
  readonly table: string
  /** Its columns in their order; of a check or an expression those it speaks of. */
  readonly columns: ReadonlyArray<string>
  /** The table a foreign key refers to. */
  readonly target: string | null
  readonly targetColumns: ReadonlyArray<string>
  /** As the rule itself says it. */
  readonly name: string | null
}

/**
 * How the rules of a table are named that give no name, or only a part of one.
 *
 * @category models
 */
export interface Convention {
  readonly templates: { readonly [K in RuleKind]?: string }
  readonly tokens: Readonly<Record<string, (rule: NamedRule) => string>>
}

/**
 * A name no convention changes.
 *
 * @category models
 */
export interface ExactName {
  readonly exact: string
}

/** PostgreSQL's names, which `Table.make` uses where no convention is given. */
export const ownNames: Convention = Object.freeze({ templates: {}, tokens: {} })

const tokenPattern = /\{(\w+)\}/g
const position = /^column(\d+)$/

const known = new Set(["table", "schema", "columns", "target", "targetColumns", "name"])

/** Refuses a template that speaks of what nothing knows. */
export const checkTemplate = (template: string, tokens: Convention["tokens"]): void => {
  checkName(template, "convention")
  for (const [, token] of template.matchAll(tokenPattern))
    if (!known.has(token!) && !position.test(token!) && !Object.hasOwn(tokens, token!))
      refuse(`convention: nothing says what {${token}} is`)
}

const told = (rule: NamedRule, token: string, tokens: Convention["tokens"]): string => {
  const place = position.exec(token)
  const missing = () =>
    refuse(`a rule of "${rule.table}" has no {${token}}, which its convention asks for`)
  if (place !== null) return rule.columns[Number(place[1])] ?? missing()
  if (token === "table") return rule.table
  if (token === "schema") return rule.schema ?? missing()
  if (token === "columns") return rule.columns.join("_")
  if (token === "target") return rule.target ?? missing()
  if (token === "targetColumns") return rule.targetColumns.join("_")
  if (token === "name") return rule.name ?? missing()
  return tokens[token]!(rule)
}

/** The name of a rule: its own, or what its convention makes of it; else `usual`. */
export const ruleName = (
  { templates, tokens }: Convention,
  rule: Omit<NamedRule, "name">,
  given: string | ExactName | null,
  usual: string
): string => {
  const what = `a rule of "${rule.table}"`
  if (typeof given === "object" && given !== null) return checkName(given.exact, what)
  const template = templates[rule.kind]
  if (template === undefined) return given === null ? usual : checkName(given, what)
  if (given !== null && !template.includes("{name}")) return checkName(given, what)
  const named = { ...rule, name: given }
  return checkName(
    template.replaceAll(tokenPattern, (_, token: string) => told(named, token, tokens)),
    what
  )
}
