import { projection } from "./block.ts"
import { rewrite } from "./rewrite.ts"
import { type Expr, expr } from "./Expression.ts"
import { FromId, type FromNode } from "./From.ts"
import { checkName } from "./schema/naming.ts"
import type { Command } from "./nodes.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { CteSource, DerivedSource, SelfSource } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import * as T from "./types.ts"

type Named = DerivedSource | CteSource | SelfSource

/** References to a query's result columns under an alias, in the shape of its row. */
const reference = (
  shape: RowShape,
  fields: ReadonlyArray<Scalar>,
  alias: string,
  source: Named,
  path: ReadonlyArray<string>,
  out: Array<Scalar>
): RowShape => {
  if (shape._tag === "Cell") {
    out.push(S.ref(alias, source, path, fields[shape.index]!.type))
    return Object.freeze({ _tag: "Cell", index: out.length - 1 })
  }
  const parts = shape.keys.map((key, i) =>
    reference(shape.parts[i]!, fields, alias, source, [...path, key], out)
  )
  let presence: number | null = null
  if (shape.presence !== null) {
    out.push(S.presence(alias, source, path, T.boolean))
    presence = out.length - 1
  }
  return Object.freeze({ ...shape, parts: Object.freeze(parts), presence })
}

const named = <N extends string, Row>(
  query: Relation | Command,
  alias: N,
  source: Named,
  relation: Relation
): FromNode<N, Row> => {
  checkName(alias, "alias")
  const row = projection(query)
  if (row === null) return refuse(`"${alias}": the query selects nothing`)
  const fields: Array<Scalar> = []
  const shape = reference(
    row.shape,
    row.fields,
    alias,
    source,
    row.shape._tag === "Cell" ? ["value"] : [],
    fields
  )
  return Object.freeze({ alias, source, relation, fields: Object.freeze(fields), shape })
}

/** How a common table expression is asked for. */
export interface CteOptions {
  /** Asks the server to keep its rows, or to write it into its users' place. */
  readonly materialized?: boolean
}

/** A query in FROM, in parentheses. */
export const derivedFrom = <N extends string, Row>(query: Relation, alias: N): FromNode<N, Row> => {
  const source: DerivedSource = Object.freeze({ _tag: "DerivedSource", query })
  return named(query, alias, source, R.derived(source, alias))
}

/** A query in FROM, by name. */
export const cteFrom = <N extends string, Row>(
  query: Relation | Command,
  name: N,
  materialized: boolean | null
): FromNode<N, Row> => {
  const source: CteSource = Object.freeze({ _tag: "CteSource", name, query, materialized })
  return named(query, name, source, R.cte(source, name))
}

/** The rows a command gives back, by name. */
export const writtenFrom = <N extends string, Row>(command: Command, name: N) => {
  if (command.shape === null) return refuse(`"${name}": the command gives no rows: say returning`)
  const from = cteFrom<N, Row>(command, name, null)
  return Object.freeze({ [FromId]: from, c: columnsOf(from) })
}

/** What the step of a recursion over `base` reads. */
export const selfFrom = <N extends string, Row>(base: Relation, name: N): FromNode<N, Row> => {
  const source: SelfSource = Object.freeze({ _tag: "SelfSource", name, query: base })
  return named(base, name, source, R.cte(source, name))
}

/** The same source under another alias. */
export const renamed = <N extends string, Row>(
  from: FromNode<string, Row>,
  alias: N
): FromNode<N, Row> => {
  const { source } = from
  if (source._tag === "TableSource") return refuse("a table is renamed by its own source")
  checkName(alias, "alias")
  const moved = (field: Scalar): Scalar =>
    rewrite(field, (node) => {
      if ((node._tag !== "Ref" && node._tag !== "Presence") || node.source !== source) return node
      return node._tag === "Ref"
        ? S.ref(alias, source, node.path, node.type)
        : S.presence(alias, source, node.path, node.type)
    })
  return Object.freeze({
    alias,
    source,
    relation: source._tag === "DerivedSource" ? R.derived(source, alias) : R.cte(source, alias),
    fields: Object.freeze(from.fields.map(moved)),
    shape: from.shape
  })
}

type Tree = { readonly [key: string]: Tree | Expr<unknown, unknown> }

/** A source's columns as a record of expressions in the shape of its row. */
export const columnsOf = (from: FromNode<string, unknown>): Tree => {
  const tree = (shape: RowShape): Tree | Expr<unknown, unknown> => {
    if (shape._tag === "Cell") return expr(from.fields[shape.index]!)
    const out: Record<string, Tree | Expr<unknown, unknown>> = Object.create(null)
    shape.keys.forEach((key, i) => {
      out[key] = tree(shape.parts[i]!)
    })
    return Object.freeze(out)
  }
  return from.shape._tag === "Cell"
    ? Object.freeze({ value: expr(from.fields[0]!) })
    : (tree(from.shape) as Tree)
}
