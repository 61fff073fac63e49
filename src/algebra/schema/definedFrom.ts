import { projection } from "../block.ts"
import * as Column from "./Column.ts"
import { columnsOf } from "../derived.ts"
import { type From, FromId } from "../From.ts"
import { snakeCase } from "./naming.ts"
import type { Definition, Relation } from "../nodes.ts"
import type { RowShape } from "../RowShape.ts"
import type { Derived } from "../Select.ts"
import { refuse } from "../StatementError.ts"
import { tableFrom, tableSource } from "./tableSource.ts"
import type { TableOptions } from "./tableOptions.ts"
import type { AnyType } from "../Type.ts"

/** What is read like a table and made of a query. */
interface Defined<N extends string, Row> extends From<N, Row> {
  readonly c: Derived<N, Row>["c"]
}

/** A column is named by its path, in snake_case. */
const columnAt = (path: ReadonlyArray<string>, type: AnyType) => [
  path.join("."),
  Column.make(type)
    .nullable()
    .named(snakeCase(path.join("_")))
]

/** The paths of a row's values, by their places in it. */
const pathsOf = (shape: RowShape, what: string): ReadonlyMap<number, ReadonlyArray<string>> => {
  const paths = new Map<number, ReadonlyArray<string>>()
  const visit = (one: RowShape, path: ReadonlyArray<string>): void => {
    if (one._tag === "Cell") {
      if (paths.has(one.index)) refuse(`${what}: one value is selected under two names`)
      paths.set(one.index, path.length === 0 ? ["value"] : path)
      return
    }
    if (one.presence !== null)
      refuse(`${what}: a record that may be absent: select its columns instead`)
    one.parts.forEach((part, at) => visit(part, [...path, one.keys[at]!]))
  }
  visit(shape, [])
  return paths
}

/** The source whose columns are those of a query. */
export const definedFrom = <N extends string, Row>(
  name: N,
  query: Relation,
  kind: Definition["kind"],
  options: TableOptions
): Defined<N, Row> => {
  const what = `"${name}"`
  const row = projection(query)
  if (row === null) return refuse(`${what}: the query selects nothing`)
  const paths = pathsOf(row.shape, what)
  const columns = row.fields.map((field, at) =>
    columnAt(paths.get(at) ?? refuse(`${what}: a selected value has no name`), field.type)
  )
  const source = tableSource({
    name,
    columns: Object.fromEntries(columns),
    exact: true,
    options,
    prototype: null,
    items: () => [],
    definition: Object.freeze({ kind, query, shape: row.shape })
  })
  const from = tableFrom<N, Row>(source, name)
  return Object.freeze({ [FromId]: from, c: columnsOf(from) as Defined<N, Row>["c"] })
}
