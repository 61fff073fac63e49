import {
  checkTemplate,
  type Convention,
  type ExactName,
  type NamedRule,
  type RuleKind
} from "./naming.ts"

export type { Convention, ExactName, NamedRule, RuleKind } from "./naming.ts"

/**
 * A convention: the names of keys, constraints and indexes, made from what they are of.
 *
 * **Shape** a template for each kind of rule; kinds that are left out are named as PostgreSQL names
 * them. In it stand `{table}`, `{schema}`, `{columns}` (all of them), `{column0}`, `{column1}` …,
 * `{target}` and `{targetColumns}` of a foreign key, `{name}` as the rule itself gives it, and
 * tokens of one's own, which are functions of the rule. A name given to a rule is `{name}`, and the
 * whole name where its template has none; `Convention.exact` is always the whole. A name beyond a
 * server's limit is cut, and ends in a hash of the whole. A table takes its convention by
 * `Table.make`'s options.
 * **Errors** `StatementError` for a token nothing is known of; when the schema is read, where a
 * rule lacks what its template asks for, or two rules of a table come to one name.
 * **Source** SQLAlchemy 2.0 "Configuring Constraint Naming Conventions".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Convention, Table } from "athanor"
 * import { createScript } from "athanor/compile"
 * const naming = Convention.make({ unique: "uq_{table}_{columns}", primaryKey: "pk_{table}" })
 * const columns = { id: Column.id(), email: Column.varchar(99).unique() }
 * const users = Table.make("users", columns, undefined, { naming })
 * const script = createScript(Catalog.make({ users }), "postgres")
 * typeof script === "string" && script.includes("CONSTRAINT uq_users_email UNIQUE") // => true
 * ```
 * @category constructors
 */
export const make = (
  templates: { readonly [K in RuleKind]?: string },
  tokens: Readonly<Record<string, (rule: NamedRule) => string>> = {}
): Convention => {
  for (const template of Object.values(templates)) checkTemplate(template, tokens)
  return Object.freeze({
    templates: Object.freeze({ ...templates }),
    tokens: Object.freeze({ ...tokens })
  })
}

/**
 * A name as it stands, whatever the convention.
 *
 * **Source** SQLAlchemy 2.0 `conv`.
 *
 * @example
 * ```ts
 * import { Column, Convention, Table, Unique } from "athanor"
 * const naming = Convention.make({ unique: "uq_{table}_{name}" })
 * const t = Table.make("t", { a: Column.integer() }, (c) => [
 *   Unique.with({ name: Convention.exact("only_a") }, c.a)
 * ], { naming })
 * ```
 * @category constructors
 */
export const exact = (name: string): ExactName => Object.freeze({ exact: name })
