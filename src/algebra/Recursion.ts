import { projection } from "./block.ts"
import { columnsOf, cteFrom, type CteOptions, selfFrom } from "./derived.ts"
import { walk } from "./fold.ts"
import { type Fetched, FromId } from "./From.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import type { Derived, Select } from "./Select.ts"
import type { SelfSource } from "./Source.ts"
import type { SqlType } from "./SqlType.ts"
import type { Statement } from "./Statement.ts"
import type { Param, ParamsIn } from "./Value.ts"
import { aligned } from "./setOperation.ts"
import { refuse } from "./StatementError.ts"

/** How a recursion is asked for. */
export interface RecursionOptions extends CteOptions {
  /** UNION, which gives each row once and ends where no new one is found. */
  readonly distinct?: boolean
}

/**
 * A recursive common table expression: the rows of a query, then those a step finds from the rows
 * found last, until it finds none: `WITH RECURSIVE name AS (base UNION ALL step)`.
 *
 * **Shape** the step is given the recursion's own source, because it does not exist before. It
 * selects, joins and filters only; the source stands once in its joins, never on a side that may be
 * absent. Its columns are the base's, by key. `distinct` is UNION: rows found before do not count
 * as found, so a graph with rings comes to an end.
 * **Laws** the least set of rows that holds the base and what the step makes of it; the same on
 * every dialect (L16). No depth is too deep: servers that would stop are told not to.
 * **Errors** `StatementError` for another step, for columns of another SQL type than the base's.
 * **Source** SQL:2016 part 2, 7.17 query expression, 7.18 search or cycle; SQLAlchemy 2.0 `CTE`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const base = Query.select({ n: Expr.value(1, Type.integer) })
 * const count = Query.recursive("count", base, (self) =>
 *   Query.from(self).where(self.c.n.lt(4)).select({ n: self.c.n.add(1) }))
 * const program = Database.all(Query.from(count).select(count.c.n).orderBy(count.c.n))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 2, 3, 4]
 * ```
 * @category constructors
 */
export const recursive = <
  const N extends string,
  Row,
  S extends string,
  R extends Param<any, any> = never,
  R2 = never
>(
  name: N,
  base: Select<Row, R, S>,
  step: (
    self: Derived<N, Fetched<Row>>
  ) => Statement<NoInfer<Row>, R2> & { readonly node: Relation },
  options: RecursionOptions = {}
): Derived<N, Fetched<Row>, R | ParamsIn<R2>> => {
  const self = selfFrom<N, Fetched<Row>>(base.node, name)
  const source = self.source as SelfSource
  const made = step(Object.freeze({ [FromId]: self, c: columnsOf(self) as never }))
  const aligns = aligned("recursive", base.node, made.node)
  checkStep(aligns, source)
  checkTypes(base.node, aligns)
  const query = R.recursion(source, base.node, aligns, options.distinct ?? false)
  const from = cteFrom<N, Fetched<Row>>(query, name, options.materialized ?? null)
  return Object.freeze({ [FromId]: from, c: columnsOf(from) as never })
}

const checkStep = (step: Relation, self: SelfSource): void => {
  let at = step
  while (at._tag === "Project" || at._tag === "Filter") at = at.self
  if (step._tag !== "Project" || !isJoined(at))
    refuse(`recursive: the step of "${self.name}" selects, joins and filters only`)
  let uses = 0
  walk(step, (node) => {
    if (node._tag === "Cte" && node.source === self) uses++
  })
  if (uses !== 1 || !keeps(at, self))
    refuse(
      `recursive: the step of "${self.name}" reads "${self.name}" once, ` +
        "in its joins and not on a side that may be absent"
    )
}

const isJoined = ({ _tag }: Relation): boolean =>
  _tag === "Join" || _tag === "Table" || _tag === "Derived" || _tag === "Cte"

/** Whether each row of a join has a row of the recursion. */
const keeps = (rel: Relation, self: SelfSource): boolean => {
  if (rel._tag !== "Join") return rel._tag === "Cte" && rel.source === self
  const left = rel.kind === "inner" || rel.kind === "cross" || rel.kind === "left"
  const right = rel.kind === "inner" || rel.kind === "cross" || rel.kind === "right"
  return (left && keeps(rel.left, self)) || (right && keeps(rel.right, self))
}

/** A column has one type on every server that asks for one: the base's. */
const checkTypes = (base: Relation, step: Relation): void => {
  const fields = projection(base)!.fields
  projection(step)!.fields.forEach(({ type }, i) => {
    const before = fields[i]!.type
    if (familyOf(before.sql) !== familyOf(type.sql))
      refuse(`recursive: a column is ${before.key} in the base and ${type.key} in the step`)
  })
}

/** SQL types that hold each other's values, or refuse them. */
const familyOf = (sql: SqlType): string => {
  switch (sql._tag) {
    case "Smallint":
    case "Integer":
    case "Bigint":
      return "integer"
    case "Varchar":
    case "Text":
    case "Enum":
      return "text"
    default:
      return JSON.stringify(sql)
  }
}
