import { windows } from "../../../algebra/block.ts"
import type { DialectName } from "../../../algebra/Dialect.ts"
import type { Recursion, Relation } from "../../../algebra/Relation.ts"
import type { SqlType } from "../../../algebra/SqlType.ts"
import { type Block, type Item, labelsOf, type Term, typeOf } from "../../Placed.ts"
import type { Context } from "../../Program.ts"
import { isInteger, isText } from "../../sqlTypes.ts"
import { type Draft, draftOf, type Field, isSliced, once, openItems } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { emptyScope, type Scope } from "./Scope.ts"
import { type Offered, projectionOf } from "./sources.ts"

/**
 * Places a recursion as a set operation of two single SELECTs: servers differ on set operations and
 * limits inside of one. While its step is placed, its name offers the columns of its base.
 */
export const recursionPlacer =
  (
    context: Context,
    build: (node: Relation, outer: Scope | null) => Draft,
    finish: Finisher,
    named: Map<string, Offered>
  ) =>
  (node: Recursion): Draft => {
    const draft = build(node.base, null)
    const made = finish.query(isSliced(draft) ? draft : { ...draft, order: [] }, "row")
    const base = made._tag === "Block" && !isSliced(draft) ? made : finish.wrap(made)
    // PostgreSQL alone looks around among the rows found last.
    if (context.capabilities.dialect !== "postgres" && projectionOf(node.step).fields.some(windows))
      context.refuse("recursiveWindow", "a window over the rows a recursion found last")
    const { fields, shape } = projectionOf(node.base)
    const { name } = node.source
    const around = named.get(name)
    named.set(name, {
      shape,
      labels: labelsOf(base),
      types: fields.map(({ type }) => type),
      flag: once(() => finish.flag(base)),
      settle: () => {},
      query: null
    })
    const step = finish.query({ ...build(node.step, null), order: [] }, "row") as Block
    if (around === undefined) named.delete(name)
    else named.set(name, around)
    // The step asked whether its own rows are there: then they say so too.
    if (base.items.length > step.items.length) finish.flag(step)
    const types = fields.map(({ type }) => type.sql)
    typeColumns([base, step], types, context.capabilities.dialect)
    return {
      ...draftOf(null, emptyScope(null)),
      core: { _tag: "Compound", op: node.distinct ? "union" : "unionAll", parts: [base, step] },
      fields: draft.fields!.map((field): Field => ({ ...field, combined: true })),
      shape: draft.shape
    }
  }

/**
 * Says the types of a recursion's columns where the server asks for them.
 *
 * PostgreSQL refuses a step whose columns have another type than the base's, down to the length of
 * a text. MySQL and MariaDB take the base's for all rows, down to the width of its first value.
 * SQLite's columns have none.
 */
const typeColumns = (
  parts: ReadonlyArray<Block>,
  types: ReadonlyArray<SqlType>,
  dialect: DialectName
): void => {
  if (dialect === "sqlite") return
  types.forEach((sql, at) => {
    // A column that is stored alike everywhere has one type already.
    if (parts.every(({ items }) => isStored(items[at]!.term, sql))) return
    if (dialect === "postgres") {
      for (const { items } of parts) retype(openItems(items), at, ofType(sql))
    } else retype(openItems(parts[0]!.items), at, wide(sql))
  })
}

const retype = (items: Array<Item>, at: number, typed: (term: Term) => Term): void => {
  const { label, term } = items[at]!
  items[at] = { label, term: typed(term) }
}

const isStored = (term: Term, sql: SqlType): boolean =>
  term._tag === "Column" && term.stored && JSON.stringify(term.type.sql) === JSON.stringify(sql)

const as = (sql: SqlType, self: Term): Term => ({
  _tag: "Typed",
  self,
  as: sql,
  type: typeOf(self)
})

/** A type that only the words of CAST know. */
const spelled = (name: string): SqlType => ({
  _tag: "Custom",
  print: { sqlite: name, postgres: name, mysql: name, mariadb: name }
})

const anyNumeric = spelled("numeric")

const ofType =
  (sql: SqlType) =>
  (term: Term): Term =>
    isSure(term, isText(sql) ? "Text" : sql._tag)
      ? term
      : as(sql._tag === "Numeric" ? anyNumeric : sql, term)

/** Whether PostgreSQL finds this type by itself, without a length or a number of digits. */
const isSure = (term: Term, tag: SqlType["_tag"]): boolean => {
  const own = typeOf(term).sql._tag
  if (own !== tag || tag === "Numeric" || tag === "Time" || tag === "Timestamp") return false
  switch (term._tag) {
    case "Column":
    case "Parameter":
    case "Cast":
      return true
    case "Call":
      return term.node.name === "concat"
    case "Constant":
      return term.node.value === null || tag === "Integer" || tag === "Boolean"
    case "Arith": {
      const { left, right } = term.kids
      return isInteger(typeOf(term).sql) && isSure(left, tag) && isSure(right, tag)
    }
    default:
      return tag === "Boolean"
  }
}

/** As long as one packet of the protocol may be, in characters and in bytes. */
const longest = { text: spelled("CHAR(4194303)"), bytes: spelled("BINARY(16777000)") }

const digits = spelled("CHAR(20)")

const wide =
  (sql: SqlType) =>
  (term: Term): Term => {
    if (isText(sql)) return as(longest.text, term)
    if (isStored(term, sql)) return term
    switch (sql._tag) {
      // A cast of a small number is a small column: only a text may be of any size.
      case "Bigint":
        return as(sql, as(digits, term))
      case "Bytes":
        return as(longest.bytes, term)
      case "Smallint":
      case "Integer":
      case "Json":
        return term
      default:
        return as(sql, term)
    }
  }
