import { ruled, type RuleOptions, type TableItem } from "./Constraint.ts"
import { refuse } from "../StatementError.ts"
import type { Value } from "../Value.ts"

/**
 * What an exclusion constraint is, beside what it is over.
 *
 * @category models
 */
export interface ExcludeOptions extends RuleOptions {
  /** The access method of its index: `gist` unless said. */
  readonly using?: string
  /** It binds the rows for which this is true. */
  readonly where?: Value<boolean | null, unknown>
  readonly deferrable?: "immediate" | "deferred"
}

/**
 * EXCLUDE: no two rows for which each operator holds between their values of its part.
 *
 * **Shape** pairs of a part and an operator: `[c.during, "&&"]` refuses overlapping ranges. Beside
 * a range, a plain value under `=` needs PostgreSQL's `btree_gist`.
 * **Errors** `Unsupported` but on PostgreSQL (`exclusionConstraints`); `StatementError` for an
 * operator of other signs than PostgreSQL's; `ExclusionViolation` from writes.
 * **Source** PostgreSQL's CREATE TABLE; SQLAlchemy 2.0 `ExcludeConstraint`.
 *
 * @example
 * ```ts
 * import { Column, Exclude, Table, Type } from "athanor"
 * const columns = { id: Column.id(), during: Column.make(Type.range(Type.integer)) }
 * const stays = Table.make("stays", columns, (c) => [Exclude.on({}, [c.during, "&&"])])
 * ```
 * @category constructors
 */
export const on = (options: ExcludeOptions, ...parts: readonly [Part, ...Array<Part>]): TableItem =>
  Object.freeze({
    _tag: "Exclusion",
    using: options.using ?? "gist",
    parts: Object.freeze(
      parts.map(([{ node }, operator]) => ({
        scalar: node,
        operator: signs.test(operator) ? operator : refuse("Exclude.on: that is no operator")
      }))
    ),
    where: options.where === undefined ? null : options.where.node,
    deferrable: options.deferrable ?? "no",
    ...ruled(options)
  })

type Part = readonly [Value<unknown, unknown>, string]

/** What PostgreSQL's operators are made of, without what begins a comment. */
const signs = /^(?!.*(?:--|\/\*))[-+*/<>=~!@#%^&|`?]+$/
