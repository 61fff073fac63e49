import { inQuotes } from "../../algebra/inQuotes.ts"
import type { SqlType } from "../../algebra/SqlType.ts"
import { exactColumn } from "../exactNames.ts"
import type { AnyType } from "../../algebra/Type.ts"
import type { Encode } from "../Compiled.ts"
import type { Dialect, TermCases, Writer } from "../Dialect.ts"
import { levels, standardLevel } from "../levels.ts"
import { sayRowCount } from "../rowCount.ts"
import { isInteger, isText } from "../sqlTypes.ts"
import { type ListParameter, type Operator, type Term, typeOf } from "../Placed.ts"
import { refuseDomain } from "./domains.ts"
import { ansi, barePlaceholder, compared, placeOf } from "./ansi.ts"
import { bitsSigned, isBits, widthOf } from "./bits.ts"
import {
  type AggregateTerm,
  type Over,
  plainAggregate,
  sayArguments,
  sayTail,
  sortsOf,
  valueOf
} from "./aggregates.ts"
import { saySorts } from "../phases/render/sorts.ts"
import { castAs } from "./functions.ts"
import { sayElement, sayElements } from "./jsonElements.ts"
import { castCalled, mayMislead } from "./checkedCast.ts"
import { jsonPath } from "./json.ts"
import { jsonEditSqlite } from "./jsonEdit.ts"
import { elements, inJson, inPlaces, partsOf, inWrapped } from "./membership.ts"
import { isCastable, truthText } from "./mysql.ts"
import { ask, isAsked, isChain, sayFinite, sayStored, sayWhole } from "./overflow.ts"
import { sqliteRows } from "./tableFunctions.ts"

/** Of integers, cut towards zero. */
const divided = sayStored<Operator<"Arith">>((term, writer) => {
  const said = (): void => {
    integerOperand(term.kids.left, writer, levels.multiplicative)
    writer.put(term.node.op === "quot" ? " / " : " % ")
    integerOperand(term.kids.right, writer, levels.unary)
  }
  if (isAsked(term)) ask(term, writer, said)
  else said()
})

const terms: TermCases = {
  ...ansi,
  JsonAt: jsonPath,
  JsonEdit: jsonEditSqlite,
  // The driver binds every JavaScript number as REAL. Compared, it is the integer it is; anywhere
  // else a REAL would be seen: `5.0 / 2` is not `5 / 2`.
  Parameter: (term, writer, expect) => {
    const { sql } = term.type
    if (expect?.as === "compared" || !isInteger(sql)) return barePlaceholder(term, writer, expect)
    const { encode } = term.type.codec.row.sqlite
    const exact: Encode = (value) => toInteger((encode as (value: unknown) => unknown)(value))
    writer.slot(term, placeOf(term, expect), exact)
  },
  Column: sayStored(ansi.Column),
  Subquery: sayStored(ansi.Subquery),
  Case: sayStored(ansi.Case),
  Call: sayStored(ansi.Call),
  Aggregate: sayStored(ansi.Aggregate),
  Window: sayStored(ansi.Window),
  Cast: sayStored((term, writer) => {
    refuseDomain(term, writer)
    const from = typeOf(term.kids.self).sql
    const to = term.node.type.sql
    if (from._tag === "Boolean" && isText(to)) return truthText(term.kids.self, writer)
    if (!isCastable(from, to)) writer.refuse("cast", `a cast from ${from._tag} to ${to._tag}`)
    if (mayMislead(term) && to._tag !== "Numeric") return castCalled(term, writer)
    castAs(writer, storage(to), () => writer.term(term.kids.self))
  }),
  Compare: (term, writer, expect) => {
    const { op } = term.node
    if (op === "same" || op === "notSame")
      compared(term, writer, op === "same" ? " IS " : " IS NOT ")
    else ansi.Compare(term, writer, expect)
  },
  Arith: (term, writer, expect) => {
    if (isBits(term.node.op)) return bitsSigned(term, writer)
    const one: Term = term
    if (isChain(one)) return sayWhole(one, writer, expect)
    if (term.node.op === "quot" || term.node.op === "rem") return divided(term, writer, expect)
    sayFinite(term, writer, expect, () => ansi.Arith(term, writer, expect))
  },
  Negate: (term, writer, expect) =>
    isChain(term) ? sayWhole(term, writer, expect) : ansi.Negate(term, writer, expect)
}

const aggregate: Dialect["aggregate"] = (term, writer, over) => {
  const { args } = term.kids
  switch (term.node.name) {
    case "stringAgg":
      if (term.node.distinct)
        writer.refuse("distinctStringAggregate", "a separator between distinct texts")
      return plainAggregate(term, writer, over, "group_concat")
    case "jsonAgg":
      // Of no rows the array is empty here, and NULL elsewhere.
      writer.put("nullif(json_group_array")
      sayArguments(term, writer, () => sayElements(args, writer, sayElementOf))
      sayTail(term, writer, over)
      return writer.put(", '[]')")
    case "jsonObjectAgg":
      writer.put("nullif(json_group_object")
      sayArguments(term, writer, () => {
        writer.term(args[0]!)
        writer.put(", ")
        sayElementOf(args[1]!, writer)
      })
      sayTail(term, writer, over)
      return writer.put(", '{}')")
    case "percentileCont":
      return continuous(term, writer, over)
    case "percentileDisc":
      return discrete(term, writer, over)
    case "mode":
      return writer.refuse("modeAggregate", "the mode of a group")
    default:
      return plainAggregate(term, writer, over)
  }
}

/** A truth value is an integer here, which JSON tells apart. */
const sayElementOf = (term: Term, writer: Writer): void => {
  if (typeOf(term).sql._tag !== "Boolean") return sayElement(term, writer)
  writer.put("json(CASE ")
  writer.term(term, levels.primary)
  writer.put(" WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END)")
}

/** `percentile_cont(x, 0.5)`: the extension of SQLite's own; from the other end when descending. */
const continuous = (term: AggregateTerm, writer: Writer, over: Over): void => {
  if (writer.capabilities.percentiles === null)
    return writer.refuse("orderedSetAggregates", "a percentile of a group")
  const descending = term.node.directions[0]!.direction === "desc"
  writer.put("percentile_cont(")
  writer.term(valueOf(term))
  writer.put(descending ? ", 1 - " : ", ")
  writer.term(term.kids.args[0]!, descending ? levels.multiplicative : levels.open)
  writer.put(")")
  sayTail(term, writer, over)
}

/**
 * SQLite's own discrete percentile is another: this one picks the value out of the ordered values,
 * the first whose place is at least the fraction of their number.
 */
const discrete = (term: AggregateTerm, writer: Writer, over: Over): void => {
  if (over !== null) return writer.refuse("orderedWindow", "a percentile over a window")
  if (typeOf(valueOf(term)).sql._tag === "Bytes")
    return writer.refuse("jsonElement", "a discrete percentile of bytes")
  const { filter } = term.kids
  const filtered = (): void => {
    if (filter === null) return
    writer.put(" AND ")
    writer.term(filter, levels.not)
  }
  writer.put("json_extract(json_group_array(")
  writer.term(valueOf(term))
  writer.put(" ")
  saySorts(writer, sortsOf(term))
  writer.put(") FILTER (WHERE ")
  writer.term(valueOf(term), levels.concat)
  writer.put(" IS NOT NULL")
  filtered()
  writer.put("), '$[' || (max(CAST(ceil(")
  writer.term(term.kids.args[0]!, levels.multiplicative)
  writer.put(" * count(")
  writer.term(valueOf(term))
  writer.put(")")
  sayTail(term, writer, null)
  writer.put(") AS INTEGER), 1) - 1) || ']')")
}

const toInteger = (value: unknown): unknown =>
  typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value

/** An operand of integer division: SQLite divides REALs truly, whatever their declared type. */
const integerOperand = (
  term: Term,
  writer: Parameters<TermCases["Arith"]>[1],
  level: number
): void => {
  if (isSurelyInteger(term)) writer.term(term, level)
  else castAs(writer, "INTEGER", () => writer.term(term))
}

const isSurelyInteger = (term: Term): boolean => {
  switch (term._tag) {
    case "Column":
      return term.stored && isInteger(term.type.sql)
    case "Parameter":
      return isInteger(term.type.sql)
    case "Constant":
      return typeof term.node.value === "number"
    case "Aggregate":
      return term.node.name === "count"
    case "Arith":
      return (
        term.node.op !== "div" &&
        isSurelyInteger(term.kids.left) &&
        isSurelyInteger(term.kids.right)
      )
    case "Call":
      return term.node.name === "length"
    case "Cast":
      return isInteger(term.node.type.sql)
    default:
      return false
  }
}

/** What a shift drops it drops inside parentheses. */
const sqliteLevel = (term: Term): number =>
  term._tag !== "Arith" && term._tag !== "Negate"
    ? standardLevel(term)
    : isAsked(term) ||
        (term._tag === "Arith" && term.node.op === "shiftLeft" && widthOf(term.node) < 64)
      ? levels.primary
      : standardLevel(term)

const storage = (sql: SqlType): string => {
  const own = exactColumn(sql, "sqlite")
  if (own !== null) return own
  switch (sql._tag) {
    case "Smallint":
    case "Integer":
    case "Bigint":
    case "Boolean":
      return "INTEGER"
    case "Double":
      return "REAL"
    case "Numeric":
      return sql.precision <= 18 ? "INTEGER" : "TEXT"
    case "Bytes":
      return "BLOB"
    case "Custom":
      return sql.print.sqlite
    default:
      return "TEXT"
  }
}

/** Elements JSON carries exactly; doubles and bytes are sent one by one. */
export const isJsonSafe = (type: AnyType): boolean => {
  const { _tag } = type.sql
  return (
    partsOf(type)?.every(isJsonSafe) ?? (_tag !== "Bytes" && _tag !== "Double" && _tag !== "Custom")
  )
}

const jsonEncode = (list: ListParameter): Encode => {
  const encode = jsonOf(list.type)
  const isWhole = list.type.sql._tag === "Integer" || list.type.sql._tag === "Smallint"
  const plain = list.type.codec.row.sqlite.encode as (value: unknown) => unknown
  return isWhole
    ? (values: unknown) => JSON.stringify(elements(values).map(plain))
    : (values: unknown) => `[${elements(values).map(encode).join(",")}]`
}

/** The JSON text of one element. */
const jsonOf = (type: AnyType): ((value: unknown) => string) => {
  const parts = partsOf(type)?.map(jsonOf)
  if (parts !== undefined) {
    return (element) =>
      `[${parts.map((part, i) => part((element as ReadonlyArray<unknown>)[i])).join(",")}]`
  }
  const encode = type.codec.row.sqlite.encode as (value: unknown) => unknown
  return (value) => jsonText(encode(value))
}

const jsonText = (value: unknown): string =>
  typeof value === "bigint" || Number.isSafeInteger(value) ? String(value) : JSON.stringify(value)

export const sqlite: Dialect = {
  name: "sqlite",
  terms,
  level: sqliteLevel,
  quote: (name) => inQuotes(name, '"'),
  placeholder: () => "?",
  numbersPlaceholders: false,
  castName: storage,
  columnType: storage,
  likeEscape: " ESCAPE '\\'",
  aggregate,
  membership: (term, writer, negated) => {
    if (inWrapped(term, writer, negated)) return
    const { list } = term.kids
    if (list._tag === "ListParameter" && !isJsonSafe(list.type))
      inPlaces(term, writer, negated, (_, write) => write(), "VALUES ")
    else inJson(term, writer, negated, jsonEncode)
  },
  tableFunction: sqliteRows,
  slice: (writer, limit, offset) => {
    writer.put("LIMIT ")
    if (limit === null) writer.put("-1")
    else sayRowCount(limit, writer, (count) => count)
    if (offset === null) return
    writer.put(" OFFSET ")
    sayRowCount(offset, writer, (count) => count)
  },
  tableOptions: "",
  identity: "",
  textLiteral: (text) => inQuotes(text, "'"),
  bytesLiteral: (hex) => `X'${hex}'`
}
