import { refuse } from "../../algebra/StatementError.ts"
import { kidsOf } from "../kids.ts"
import {
  type Block,
  type From,
  isQuery,
  labelsOf,
  type Placed,
  type Query,
  type Term
} from "../Placed.ts"
import { columnsOf } from "./place/tableFunctions.ts"

type Tables = ReadonlyMap<string, ReadonlySet<string> | null>

/**
 * Checks a placed statement: every column names something in its own FROM or in that of a query
 * around it, every label is there once, set operations are equally wide. Runs in tests.
 */
export const verify = (placed: Placed): void => {
  const ctes = new Map<string, ReadonlyArray<string>>()
  for (const { query, recursive, source } of placed.ctes) {
    if (!isQuery(query)) {
      ctes.set(
        source.name,
        query.returned.map(({ label }) => label)
      )
      continue
    }
    if (recursive) ctes.set(source.name, labelsOf(query))
    verifyQuery(query, [], ctes)
    ctes.set(source.name, labelsOf(query))
  }
  const { root } = placed
  if (isQuery(root)) return verifyQuery(root, [], ctes)
  if (root._tag === "Insert" && root.rows !== null) {
    verifyQuery(root.rows, [], ctes)
    if (labelsOf(root.rows).length !== root.columns.length)
      refuse("verify: an insert of rows of another width")
  }
}

type Ctes = ReadonlyMap<string, ReadonlyArray<string>>

const verifyQuery = (query: Query, outer: ReadonlyArray<Tables>, ctes: Ctes): void => {
  switch (query._tag) {
    case "Block":
      return verifyBlock(query, outer, ctes)
    case "Compound": {
      const widths = new Set(query.parts.map((part) => labelsOf(part).length))
      if (widths.size > 1) refuse("verify: the arms of a set operation differ in width")
      for (const part of query.parts) verifyQuery(part, outer, ctes)
      return
    }
    case "CustomQuery":
      return verifyQuery(query.self, outer, ctes)
  }
}

const verifyBlock = (block: Block, outer: ReadonlyArray<Tables>, ctes: Ctes): void => {
  const tables = new Map<string, ReadonlySet<string> | null>()
  const conditions: Array<Term> = []
  if (block.from !== null) collect(block.from, tables, conditions, outer, ctes)
  const labels = block.items.map((item) => item.label.toLowerCase())
  if (labels.length === 0) refuse("verify: a block without columns")
  if (new Set(labels).size !== labels.length)
    refuse(`verify: a label stands twice in ${labels.join(", ")}`)
  const terms = [
    ...conditions,
    ...block.items.map((item) => item.term),
    ...(block.group ?? []),
    ...block.order.map((sort) => sort.term),
    block.where,
    block.having,
    block.limit,
    block.offset
  ]
  for (const term of terms) if (term !== null) verifyTerm(term, [...outer, tables], ctes)
}

const collect = (
  from: From,
  tables: Map<string, ReadonlySet<string> | null>,
  conditions: Array<Term>,
  outer: ReadonlyArray<Tables>,
  ctes: Ctes
): void => {
  switch (from._tag) {
    case "JoinFrom":
      collect(from.left, tables, conditions, outer, ctes)
      collect(from.right, tables, conditions, from.lateral ? [...outer, tables] : outer, ctes)
      if (from.on !== null) conditions.push(from.on)
      return
    case "TableFrom":
      return enter(tables, from.alias, [
        ...from.source.columns.map((column) => column.name),
        ...(from.flag === null ? [] : [from.flag])
      ])
    case "CteFrom":
      return enter(
        tables,
        from.alias,
        ctes.get(from.name) ?? refuse(`verify: no common table expression ${from.name}`)
      )
    case "RecursionFrom":
      verifyQuery(from.query, [], new Map([...ctes, [from.name, labelsOf(from.query)]]))
      return enter(tables, from.alias, labelsOf(from.query))
    case "FunctionFrom":
      for (const arg of from.args) verifyTerm(arg, outer, ctes)
      return enter(tables, from.alias, columnsOf(from.node))
    case "QueryFrom":
      verifyQuery(from.query, outer, ctes)
      enter(tables, from.alias, labelsOf(from.query))
  }
}

const enter = (
  tables: Map<string, ReadonlySet<string> | null>,
  alias: string,
  columns: ReadonlyArray<string>
): void => {
  if (tables.has(alias)) refuse(`verify: the alias ${alias} stands twice`)
  tables.set(alias, new Set(columns))
}

const verifyTerm = (term: Term, scopes: ReadonlyArray<Tables>, ctes: Ctes): void => {
  if (term._tag === "Column") {
    if (term.table === null) return
    const columns = scopes.findLast((tables) => tables.has(term.table!))?.get(term.table)
    if (columns === undefined || columns === null || !columns.has(term.name))
      refuse(`verify: no column ${term.table}.${term.name} in scope`)
  } else
    for (const kid of kidsOf(term))
      if (isQuery(kid)) verifyQuery(kid, scopes, ctes)
      else verifyTerm(kid, scopes, ctes)
}
