import type { Bound } from "./Scalar.ts"
import type { StatementNode } from "./Statement.ts"
import { quoted } from "./carried.ts"

/** The structure of a whole statement: its tree, then each common table expression once. */
export const statementKey = (node: StatementNode): string => {
  let key = node.key
  for (const cte of node.ctes) {
    const hint = cte.materialized === null ? "" : cte.materialized ? "+" : "-"
    key += `;${quoted(cte.name)}${hint}=${cte.query.key}`
  }
  return key
}

/** The values of a whole statement, in the order their slots are numbered. */
export const statementBinds = (node: StatementNode): ReadonlyArray<Bound> =>
  node.ctes.length === 0
    ? node.binds
    : node.binds.concat(...node.ctes.map((cte) => cte.query.binds))
