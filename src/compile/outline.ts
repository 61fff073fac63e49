import { projection } from "../algebra/block.ts"
import type { Command } from "../algebra/Command.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { RowShape } from "../algebra/RowShape.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import type { SqlType } from "../algebra/SqlType.ts"
import type { TableSource } from "../algebra/Source.ts"
import { isDdl, type StatementNode } from "../algebra/Statement.ts"
import { refuse } from "../algebra/StatementError.ts"
import { isCommand } from "./phases/place.ts"
import { survey } from "./survey.ts"

/**
 * Where rows come from: under which alias, of what kind, and the name it has in the database.
 *
 * @category models
 */
export interface OutlinedSource {
  readonly alias: string
  readonly kind: "table" | "query" | "common table expression"
  /** `schema.name`, or the name alone; null for a query in parentheses. */
  readonly name: string | null
}

/**
 * A value by its place and type.
 *
 * @category models
 */
export interface OutlinedValue {
  /** `posts.title`; of a parameter its name, null for a value given with the statement. */
  readonly path: string | null
  readonly type: SqlType
}

/**
 * A statement as plain data.
 *
 * @category models
 */
export interface Outline {
  readonly kind: "query" | "insert" | "update" | "delete" | "merge"
  readonly sources: ReadonlyArray<OutlinedSource>
  /** Columns it speaks of, each once, by alias and key. */
  readonly columns: ReadonlyArray<OutlinedValue>
  /** In the order they are met; a name once. */
  readonly parameters: ReadonlyArray<OutlinedValue>
  /** The parts of a row it gives; none of a command without RETURNING. */
  readonly result: ReadonlyArray<OutlinedValue>
}

type Node = Scalar | Relation | Command

const nameOf = ({ name, schema }: TableSource): string =>
  schema === null ? name : `${schema}.${name}`

const sourceOf = (node: Node): OutlinedSource | null => {
  switch (node._tag) {
    case "Table":
      return { alias: node.alias, kind: "table", name: nameOf(node.source) }
    case "Derived":
      return { alias: node.alias, kind: "query", name: null }
    case "Cte":
      return { alias: node.alias, kind: "common table expression", name: node.source.name }
    case "Insert":
      return { alias: node.table.name, kind: "table", name: nameOf(node.table) }
    case "Update":
    case "Delete":
    case "Merge":
      return { alias: node.alias, kind: "table", name: nameOf(node.table) }
    default:
      return null
  }
}

const parameterOf = (node: Node): OutlinedValue | null =>
  node._tag === "Named"
    ? { path: node.name, type: node.type.sql }
    : node._tag === "Bound" || node._tag === "BoundList"
      ? { path: null, type: node.type.sql }
      : null

/** The cells of a row with their paths; what says whether a record is there is none. */
const cellsOf = (shape: RowShape): ReadonlyArray<readonly [path: string, index: number]> => {
  if (shape._tag === "Cell") return [["", shape.index]]
  return shape.keys.flatMap((key, at) =>
    cellsOf(shape.parts[at]!).map(
      ([path, index]) => [path === "" ? key : `${key}.${path}`, index] as const
    )
  )
}

const resultOf = (node: Relation | Command): ReadonlyArray<OutlinedValue> => {
  const row = projection(node)
  return row === null
    ? []
    : cellsOf(row.shape).map(([path, index]) => ({ path, type: row.fields[index]!.type.sql }))
}

const once = <A>(values: ReadonlyArray<A>, key: (value: A) => string | null): ReadonlyArray<A> => {
  const seen = new Set<string>()
  return values.filter((value) => {
    const name = key(value)
    if (name === null) return true
    return seen.has(name) ? false : (seen.add(name), true)
  })
}

const kinds = { Insert: "insert", Update: "update", Delete: "delete", Merge: "merge" } as const

/**
 * What a statement is made of, as plain data: sources, columns, parameters, the parts of a row.
 *
 * **Shape** through subqueries, derived tables and common table expressions. A value given with the
 * statement is listed by its type alone, never itself.
 * **Errors** `StatementError` for a schema statement.
 * **Source** SQLAlchemy 2.0 `Select.get_final_froms`, `selected_columns`, `column_descriptions`.
 *
 * @example
 * ```ts
 * import { Column, Expr, Query, Table, Type } from "athanor"
 * import { outline } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const query = Query.from(users)
 *   .where(users.c.id.eq(Expr.param("id", Type.integer))).select({ called: users.c.name })
 * const { parameters, result } = outline(query)
 * const parts = [parameters[0]?.path, result[0]?.path, result[0]?.type._tag]
 * parts // => ["id", "called", "Text"]
 * ```
 * @category getters
 */
export const outline = (statement: { readonly node: StatementNode }): Outline => {
  const { node } = statement
  if (isDdl(node)) return refuse("outline: a schema statement gives no rows and takes no values")
  const nodes = [node, ...node.ctes.map(({ query }) => query)].flatMap((tree) => survey(tree))
  const columns = nodes.flatMap((one) =>
    one._tag === "Ref" ? [{ path: [one.alias, ...one.path].join("."), type: one.type.sql }] : []
  )
  return {
    kind: isCommand(node) ? kinds[node._tag] : "query",
    sources: once(
      nodes.flatMap((one) => sourceOf(one) ?? []),
      ({ alias, name }) => `${alias}\0${name}`
    ),
    columns: once(columns, ({ path }) => path),
    parameters: once(
      nodes.flatMap((one) => parameterOf(one) ?? []),
      ({ path }) => path
    ),
    result: resultOf(node)
  }
}
