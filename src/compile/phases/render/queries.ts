import { rawParts } from "../../rawText.ts"
import type { CombineOperator } from "../../../algebra/Relation.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import type { Expect, Writer } from "../../Dialect.ts"
import { levels } from "../../levels.ts"
import { between } from "../../dialects/ansi.ts"
import { asksColumn } from "../../dialects/overflow.ts"
import { namedWindows, sayWindow } from "../../dialects/windows.ts"
import { sayBefore, sayIndexes, sayOnly, sayOptimizer, sayText } from "./hints.ts"
import { hasAlias } from "../place/sides.ts"
import {
  type Block,
  type Compound,
  type From,
  type Item,
  labelsOf,
  type PlacedLock,
  type Query,
  type Sampled,
  type Sort,
  type Term
} from "../../Placed.ts"
import { drawsRows } from "./drawsRows.ts"
import { groupLabelOf } from "./labels.ts"
import { saySorts } from "./sorts.ts"

/**
 * A SELECT, a set operation, or a user's text around one; `into` are the columns that a command
 * writes its values to, and by those of what is `sorted` a set operation around it is.
 */
export const sayQuery = (
  writer: Writer,
  query: Query,
  into: Into = nowhere,
  sorted = false
): void => {
  switch (query._tag) {
    case "Block":
      return sayBlock(writer, query, into, sorted)
    case "Compound":
      return sayCompound(writer, query, into, sorted)
    case "CustomQuery":
      return sayCustom(writer, query)
  }
}

/** What is known of the columns that values are written to, in their order. */
export type Into = ReadonlyArray<Expect>

const nowhere: Into = []

const sayBlock = (writer: Writer, block: Block, into: Into, sorted: boolean): void => {
  for (const hint of block.hints) sayBefore(writer, hint)
  writer.put("SELECT ")
  for (const hint of block.hints) sayOptimizer(writer, hint)
  if (block.distinct) writer.put("DISTINCT ")
  if (block.distinctOn !== null) {
    writer.put("DISTINCT ON (")
    writer.commas(block.order.slice(0, block.distinctOn), ({ term }) => writer.term(term))
    writer.put(") ")
  }
  for (const hint of block.hints) if (hint._tag === "Prefix") sayText(writer, hint.text, "", " ")
  writer.commas(block.items, (item, at) =>
    sayItem(writer, item, isNameless(writer, block, item, sorted), into[at])
  )
  if (block.from !== null) {
    writer.line()
    writer.put("FROM ")
    sayFrom(writer, block.from)
  }
  clause(writer, "WHERE", block.where)
  if (block.group !== null && block.group.length > 0) {
    writer.line()
    writer.put("GROUP BY ")
    if (block.sets === null) writer.commas(block.group, (key) => sayGroupKey(writer, block, key))
    else saySets(writer, block.group, block.sets)
  }
  clause(writer, "HAVING", block.having)
  sayWindows(writer, block)
  const { distinctOn, items, limit, offset, order, ties } = block
  // DISTINCT ON says its keys too, and they must be said alike.
  sayTail(writer, order, limit, offset, ties, distinctOn === null ? items : [])
  if (block.lock !== null) sayLock(writer, block.lock)
  for (const hint of block.hints) if (hint._tag === "Suffix") sayText(writer, hint.text, " ", "")
}

const sayGroupKey = (writer: Writer, block: Block, key: Term): void => {
  const label = groupLabelOf(block, key)
  if (label === null) writer.term(key)
  else writer.name(label)
}

const sayLock = (writer: Writer, { of, strength, wait }: PlacedLock): void => {
  writer.line()
  const shares = strength === "share" && !writer.capabilities.forShare
  writer.put(shares ? "LOCK IN SHARE MODE" : `FOR ${strength.toUpperCase()}`)
  if (of.length > 0) {
    writer.put(" OF ")
    writer.commas(of, (alias) => writer.name(alias))
  }
  if (wait !== null) writer.put(` ${wait.toUpperCase()}`)
}

/**
 * SQLite puts what a derived table outside computes in the place of its column, and then finds the
 * column's name no more, say in an ORDER BY after UNION. There it does not find a name either that
 * two tables of a join have.
 */
const isNameless = (writer: Writer, { from }: Block, { term }: Item, sorted: boolean): boolean =>
  writer.dialect.name === "sqlite" &&
  term._tag === "Column" &&
  term.table !== null &&
  ((sorted && from?._tag === "JoinFrom") || !hasAlias(from, term.table))

/** GROUPING SETS, by the short name where there is one. */
const saySets = (
  writer: Writer,
  keys: ReadonlyArray<Term>,
  sets: NonNullable<Block["sets"]>
): void => {
  const places = keys.map((_, at) => at)
  const rollup = [...places.map((at) => places.slice(0, keys.length - at)), []]
  const cube = places.reduce<ReadonlyArray<ReadonlyArray<number>>>(
    (found, at) => found.flatMap((set) => [[...set, at], set]),
    [[]]
  )
  const same = (others: ReadonlyArray<ReadonlyArray<number>>) =>
    JSON.stringify(others) === JSON.stringify(sets)
  const said = (key: Term): void => writer.term(key)
  if (same(rollup)) writer.put("ROLLUP (")
  else if (same(cube)) writer.put("CUBE (")
  else {
    writer.put("GROUPING SETS (")
    writer.commas(sets, (set) => {
      writer.put("(")
      writer.commas(set, (at) => said(keys[at]!))
      writer.put(")")
    })
    return writer.put(")")
  }
  writer.commas(keys, said)
  writer.put(")")
}

/** WINDOW: what several functions share, once. */
const sayWindows = (writer: Writer, block: Block): void => {
  const shared = namedWindows(writer, block)
  if (shared.length === 0) return
  writer.line()
  writer.put("WINDOW ")
  writer.commas(shared, (term) => {
    writer.name(term.node.name!)
    writer.put(" AS (")
    sayWindow(writer, term)
    writer.put(")")
  })
}

/** An output column; one that has its label already says it once, one nobody reads has none. */
export const sayItem = (
  writer: Writer,
  { label, term }: Item,
  always = false,
  into: Expect | null = null
): void => {
  writer.term(term, levels.open, into)
  if (label === "") return
  const isItself = term._tag === "Column" && term.name === label
  if (isItself && !always && !asksColumn(term, writer, into)) return
  writer.put(" AS ")
  writer.name(label)
}

/** A clause of one predicate; none where it is absent or always TRUE. */
export const clause = (writer: Writer, word: string, predicate: Term | null): void => {
  if (predicate === null || (predicate._tag === "Constant" && predicate.node.value === true)) return
  writer.line()
  writer.put(`${word} `)
  writer.term(predicate)
}

export const sayTable = (writer: Writer, source: TableSource): void => {
  // What is temporary lives with its connection, in no schema of anybody's.
  if (source.definition?.kind.startsWith("temporary") !== true || source.schema !== null)
    writer.schema(source.schema)
  writer.name(source.name)
}

/** Another name for what was just said, where it is another. */
export const sayAlias = (writer: Writer, alias: string | null, name: string | null): void => {
  if (alias === null || alias === name) return
  writer.put(" AS ")
  writer.name(alias)
}

/**
 * TRUE in each row of a table. MariaDB 10.11 takes a constant of an outer join's missing row for
 * present in a subquery of a derived table that is grouped.
 */
const sayTrue = (writer: Writer, { columns }: TableSource): void => {
  if (writer.dialect.name !== "mariadb") return writer.put("TRUE")
  writer.name(columns[0]!.name)
  writer.put(" IS NULL OR ")
  writer.name(columns[0]!.name)
  writer.put(" IS NOT NULL")
}

const saySample = (writer: Writer, sample: Sampled | null): void => {
  if (sample === null) return
  writer.put(` TABLESAMPLE ${sample.method.toUpperCase()} (`)
  writer.term(sample.percent)
  writer.put(")")
  if (sample.seed === null) return
  writer.put(" REPEATABLE (")
  writer.term(sample.seed)
  writer.put(")")
}

const joinWords = {
  inner: "JOIN",
  left: "LEFT JOIN",
  right: "RIGHT JOIN",
  full: "FULL JOIN",
  cross: "CROSS JOIN"
} as const

export const sayFrom = (writer: Writer, from: From): void => {
  switch (from._tag) {
    case "TableFrom":
      if (from.flag !== null) {
        writer.put("(SELECT *, ")
        sayTrue(writer, from.source)
        writer.put(" AS ")
        writer.name(from.flag)
        writer.put(" FROM ")
        sayOnly(writer, from)
        sayTable(writer, from.source)
        sayIndexes(writer, from)
        saySample(writer, from.sample)
        writer.put(")")
        return sayAlias(writer, from.alias, null)
      }
      sayOnly(writer, from)
      sayTable(writer, from.source)
      sayAlias(writer, from.alias, from.source.name)
      sayIndexes(writer, from)
      return saySample(writer, from.sample)
    case "CteFrom":
      writer.name(from.name)
      return sayAlias(writer, from.alias, from.name)
    case "FunctionFrom":
      return writer.dialect.tableFunction(from, writer)
    case "QueryFrom":
      if (writer.dialect.name === "sqlite" && drawsRows(from.query)) sayDrawnOnce(writer, from)
      else writer.query(from.query)
      return sayAlias(writer, from.alias, null)
    case "RecursionFrom":
      writer.put("(WITH RECURSIVE ")
      sayNamed(writer, from.name, from.query, true, null)
      writer.put(" SELECT * FROM ")
      writer.name(from.name)
      writer.put(")")
      return sayAlias(writer, from.alias, null)
    case "JoinFrom":
      sayFrom(writer, from.left)
      writer.line()
      writer.put(`${joinWords[from.kind]} `)
      if (from.lateral && from.right._tag !== "FunctionFrom") writer.put("LATERAL ")
      if (from.right._tag === "JoinFrom") {
        writer.put("(")
        sayFrom(writer, from.right)
        writer.put(")")
      } else sayFrom(writer, from.right)
      if (from.on !== null) {
        writer.put(" ON ")
        writer.term(from.on)
      }
  }
}

/**
 * SQLite puts what a derived table computes in the place of its columns, wherever they stand, and
 * what it draws would be drawn for each of them.
 */
const sayDrawnOnce = (
  writer: Writer,
  { alias, query }: Extract<From, { readonly _tag: "QueryFrom" }>
): void => {
  if (!writer.capabilities.materializedHint)
    writer.refuse("materializedHint", "a derived table of drawn values")
  writer.put("(WITH ")
  sayNamed(writer, alias, query, false, true)
  writer.put(" SELECT * FROM ")
  writer.name(alias)
  writer.put(")")
}

/** `name (columns) AS (query)`: a recursion's columns are named before its step reads them. */
export const sayNamed = (
  writer: Writer,
  name: string,
  query: Query,
  recursive: boolean,
  materialized: boolean | null
): void => {
  writer.name(name)
  if (recursive) {
    writer.put(" (")
    writer.commas(labelsOf(query), (label) => writer.name(label))
    writer.put(")")
  }
  writer.put(" AS ")
  if (materialized !== null && writer.capabilities.materializedHint)
    writer.put(materialized ? "MATERIALIZED " : "NOT MATERIALIZED ")
  writer.query(query)
}

/** ORDER BY, LIMIT and OFFSET. */
export const sayTail = (
  writer: Writer,
  order: ReadonlyArray<Sort>,
  limit: Term | null,
  offset: Term | null,
  ties = false,
  items: ReadonlyArray<Item> = []
): void => {
  if (order.length > 0) {
    writer.line()
    saySorts(writer, order, false, items)
  }
  if (limit !== null || offset !== null) {
    writer.line()
    writer.dialect.slice(writer, limit, offset, ties)
  }
}

const combineWords: Readonly<Record<CombineOperator, string>> = {
  union: "UNION",
  unionAll: "UNION ALL",
  intersect: "INTERSECT",
  intersectAll: "INTERSECT ALL",
  except: "EXCEPT",
  exceptAll: "EXCEPT ALL"
}

const sayCompound = (writer: Writer, compound: Compound, into: Into, sorted: boolean): void => {
  const asked = sorted || compound.order.length > 0
  const list = compound.list === true && writer.capabilities.valuesRows
  compound.parts.forEach((part, i) => {
    if (list && i > 0 && isTuple(part)) {
      if (i === 1 || !isTuple(compound.parts[i - 1]!)) {
        writer.line()
        writer.put("UNION ALL VALUES ")
      } else writer.put(", ")
      return sayTuple(writer, part)
    }
    if (i > 0) {
      writer.line()
      writer.put(combineWords[compound.op])
      writer.line()
    }
    if (standsBare(writer, compound.op, part, i)) sayQuery(writer, part, into, asked && i === 0)
    else writer.query(part)
  })
  sayTail(writer, compound.order, compound.limit, compound.offset, compound.ties)
}

/** A row of values alone: MariaDB needs a FROM in an expression, and that is none. */
const isTuple = (part: Query): part is Block => part._tag === "Block" && part.from === null

const sayTuple = (writer: Writer, { items }: Block): void => {
  writer.put("(")
  writer.commas(items, (item) => writer.term(item.term))
  writer.put(")")
}

/**
 * Whether an arm needs no parentheses: a plain SELECT, or a first arm that is a set operation and
 * binds as tight. INTERSECT binds tighter than the others, except in SQLite, which reads from the
 * left.
 */
const standsBare = (writer: Writer, op: CombineOperator, part: Query, index: number): boolean => {
  if (part._tag === "CustomQuery") return false
  if (part.order.length > 0 || part.limit !== null || part.offset !== null) return false
  if (part._tag === "Block") return true
  if (index > 0) return false
  return writer.dialect.name === "sqlite" || !bindsTighter(op) || bindsTighter(part.op)
}

const bindsTighter = (op: CombineOperator): boolean => op === "intersect" || op === "intersectAll"

const sayCustom = (
  writer: Writer,
  query: Extract<Query, { readonly _tag: "CustomQuery" }>
): void => {
  const parts = query.node.print[writer.dialect.name]
  if (parts === null) return
  if (query.node.replaces) return between(rawParts(parts, writer), query.args, writer)
  writer.put(parts[0]!)
  sayQuery(writer, query.self)
  between(parts.slice(1), query.args, writer)
}
