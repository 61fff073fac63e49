import type { Command } from "../../../algebra/Command.ts"
import { children } from "../../../algebra/fold.ts"
import type { Relation, ValuesRow } from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import type { Presence, Ref, Scalar } from "../../../algebra/Scalar.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import { constant, isNull, not } from "../../../algebra/Scalar.ts"
import { presenceAt, shapeAt } from "../../labels.ts"
import type { Column, Query, Term } from "../../Placed.ts"
import { sureColumn, type Visible } from "./Scope.ts"
import { operator } from "./operator.ts"

/** The name of the constant column that says a derived row is there. */
export const presentColumn = "present"

/**
 * A base table under an alias; `table` is what its columns are qualified with, null for nothing.
 * `flag` asks for a column that says the row is there; null where it always is.
 */
export const tableVisible = (
  source: TableSource,
  table: string | null,
  flag: (() => void) | null
): Visible => {
  const columnOf = columnsOf(source, table)
  return {
    column: (node) =>
      isSystem(node)
        ? {
            _tag: "Column",
            table,
            name: node.path[1]!,
            type: node.type,
            nullable: false,
            stored: true
          }
        : columnOf(node.path),
    present: (node) => {
      const sure = sureColumn(source)
      if (sure !== undefined) return isPresent(columnOf([sure]), node)
      if (flag === null) return operator(constant(true, node.type), {})
      flag()
      return isPresent(
        {
          _tag: "Column",
          table,
          name: presentColumn,
          type: node.type,
          nullable: true,
          stored: false
        },
        node
      )
    }
  }
}

/** A column of the server's own, told by its name behind an empty key. */
const isSystem = ({ path }: Ref): boolean => path.length === 2 && path[0] === ""

/** The columns of tables that are called by their own names, as most are: placed once. */
const known = new WeakMap<TableSource, Map<string, Column>>()

const columnsOf = (
  source: TableSource,
  table: string | null
): ((path: ReadonlyArray<string>) => Column) => {
  if (table !== source.name) return (path) => placedColumn(source, path, table)
  let columns = known.get(source)
  if (columns === undefined) known.set(source, (columns = new Map()))
  const placed = columns
  return (path) => {
    const found = path.length === 1 ? placed.get(path[0]!) : undefined
    if (found !== undefined) return found
    const column = Object.freeze(placedColumn(source, path, table))
    placed.set(path[0]!, column)
    return column
  }
}

const placedColumn = (
  source: TableSource,
  path: ReadonlyArray<string>,
  table: string | null
): Column => {
  const column = source.byKey.get(path[0]!)
  if (column === undefined || path.length !== 1)
    return refuse(`the table "${source.name}" has no column "${path.join(".")}"`)
  return {
    _tag: "Column",
    table,
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    stored: source.definition === null
  }
}

/** `x IS NOT NULL` over a term that has no node of its own. */
export const isPresent = (self: Term, node: Presence): Term => {
  const placeholder = constant(null, node.type)
  const test = operator(isNull(placeholder, node.type), { self })
  return operator(not(isNull(placeholder, node.type), node.type), { self: test })
}

/** A source that is there and whose columns have no value here: saying one is refused. */
export const unsayable = (why: string): Visible => {
  const refused = (node: Ref | Presence): Term =>
    refuse(`"${[node.alias, ...node.path].join(".")}" ${why}`)
  return { column: refused, present: refused }
}

/** What a derived table or a common table expression offers. */
export interface Offered {
  readonly shape: RowShape
  /** Type of each column. */
  readonly types: ReadonlyArray<AnyType>
  readonly labels: ReadonlyArray<string>
  /** Label of a column that is constant TRUE, added to the query when first asked for. */
  readonly flag: () => string
  /** Makes the server compute it before it is joined. */
  readonly settle: () => void
  /** Told that an outer join may leave out the row whose column is said. */
  readonly absent?: ((node: Ref) => void) | undefined
  /** Whose rows they are; null for those a command or a recursion gives. */
  readonly query: Query | null
}

/** A query's result row under an alias. */
export const queryVisible = (alias: string, offered: Offered): Visible => {
  const columnAt = (index: number, type: AnyType): Column => ({
    _tag: "Column",
    table: alias,
    name: offered.labels[index]!,
    type,
    nullable: true,
    stored: false
  })
  return {
    read: offered.settle,
    absent: (node) => offered.absent?.(node),
    apart: (node) => {
      if (asksQuery(node)) offered.settle()
    },
    column: (node) => columnAt(cellIndex(offered.shape, node, alias), node.type),
    present: (node) => {
      const index = node.path.length === 0 ? null : presenceAt(offered.shape, node.path)
      return index === null
        ? isPresent(
            {
              _tag: "Column",
              table: alias,
              name: offered.flag(),
              type: node.type,
              nullable: true,
              stored: false
            },
            node
          )
        : truth(columnAt(index, offered.types[index]!), node)
    }
  }
}

/** A presence column says so itself; any other says it by being there. */
const truth = (column: Column, node: Presence): Term =>
  column.type.sql._tag === "Boolean"
    ? { _tag: "IsTrue", self: column, type: node.type }
    : isPresent(column, node)

export const cellIndex = (shape: RowShape, node: Ref, alias: string): number => {
  // A bare value is the column "value".
  const bare = shape._tag === "Cell" && node.path.length === 1 && node.path[0] === "value"
  const at = bare ? shape : shapeAt(shape, node.path)
  return at !== null && at._tag === "Cell"
    ? at.index
    : refuse(`"${alias}" has no column "${node.path.join(".")}"`)
}

/**
 * Whether a query stands in an expression, or in a column it reads of a derived table. Columns of
 * what is lateral may become queries.
 */
export const asksQuery = (node: Scalar, lateral: ReadonlySet<string> = new Set()): boolean => {
  if ("query" in node) return true
  const asks = (one: Scalar): boolean => asksQuery(one, lateral)
  if (node._tag === "Ref" || node._tag === "Presence") {
    const { alias, source } = node
    return (
      lateral.has(alias) ||
      (source._tag !== "TableSource" && projectionOf(source.query).fields.some(asks))
    )
  }
  return (children(node) as ReadonlyArray<Scalar>).some(asks)
}

/** The projection a query's rows are made by: the topmost, of a set operation its first part's. */
export const projectionOf = (query: Relation | Command): ValuesRow => {
  let at = query
  while (at._tag !== "Project") {
    if ("returned" in at) {
      const { returned, shape } = at
      return shape === null
        ? refuse("a command used as a table gives no rows: say returning")
        : { fields: returned, shape }
    }
    if (at._tag === "Values" || at._tag === "TableFunction") return at.row
    if (at._tag === "Combine") at = at.parts[0]!
    else if (at._tag === "Recursion") at = at.base
    else if (at._tag === "Join" && at.kind !== "right" && at.kind !== "full") at = at.left
    else if ("self" in at && at._tag !== "Derived") at = at.self
    else return refuse("a query used as a table selects nothing: give it a select()")
  }
  return at
}
