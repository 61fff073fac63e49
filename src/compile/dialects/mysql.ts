import { inQuotes } from "../../algebra/inQuotes.ts"
import type { SqlType } from "../../algebra/SqlType.ts"
import { listClass } from "../../algebra/Scalar.ts"
import { exactCast, exactColumn } from "../exactNames.ts"
import type { AnyType } from "../../algebra/Type.ts"
import type { Dialect, Expect, TermCases, Writer } from "../Dialect.ts"
import { levels, opposite, standardLevel } from "../levels.ts"
import { sayRowCount, withTies } from "../rowCount.ts"
import { isInteger, isNumber, isText } from "../sqlTypes.ts"
import { type Parameter, type Term, typeOf } from "../Placed.ts"
import { ansi, arithmetics, barePlaceholder, compared, infix } from "./ansi.ts"
import { bitsUnsigned, isBits } from "./bits.ts"
import {
  type AggregateTerm,
  isOrderedSet,
  plainAggregate,
  sayArguments,
  sortsOf
} from "./aggregates.ts"
import { saySort } from "../phases/render/sorts.ts"
import { refuseDomain } from "./domains.ts"
import { applied, callSaid, castAs, castSaid } from "./functions.ts"
import { sayElement, sayElements } from "./jsonElements.ts"
import { doubleMysql, mayMislead, sayChecked, sayTried } from "./checkedCast.ts"
import { jsonExtract } from "./json.ts"
import { jsonEditMysql } from "./jsonEdit.ts"
import { type InList, inJsonTable, inPlaces, inWrapped, partsOf } from "./membership.ts"
import { enumLength } from "./postgresTypes.ts"
import { mysqlRows } from "./tableFunctions.ts"
import { usualOptions } from "./usualTable.ts"

/**
 * The protocol sends numbers as doubles and decimals and 64-bit integers as texts, which MySQL
 * compares as doubles: those of exact types are cast unless they are stored as they are. A text
 * that meets no column has the collation of the connection's first greeting, which pads; cast, it
 * has the session's. A NULL that becomes a column of a derived table or of an arm makes texts of
 * the numbers beside it.
 */
const typed = (term: Parameter, writer: Writer, expect: Expect | null): void => {
  const { sql } = term.type
  const exact = sql._tag === "Bigint" || sql._tag === "Numeric"
  const alone = expect === null || expect.as === "wrapped"
  const placed = alone && (isInteger(sql) || isText(sql) || castWhenAlone.has(sql._tag))
  if (expect?.as === "assigned" || !(exact || placed)) return barePlaceholder(term, writer, expect)
  castAs(writer, castName(sql), () => barePlaceholder(term, writer, expect))
}

const castWhenAlone: ReadonlySet<SqlType["_tag"]> = new Set<SqlType["_tag"]>([
  "Boolean",
  "Double",
  "Uuid",
  "Date",
  "Time",
  "Timestamp"
])

const words = { ...arithmetics, quot: "DIV" } as const

export const mysqlTerms: TermCases = {
  ...ansi,
  Parameter: typed,
  Proposed: ({ name }, writer) => {
    writer.put("VALUES(")
    writer.name(name)
    writer.put(")")
  },
  // The sum of an untyped NULL is a double and so is what it meets; beside truth values it is text,
  // and in an arm of arms beside all numbers.
  Constant: (term, writer, expect) => {
    const { type, value } = term.node
    if (value === null && expect === null && (isNumber(type.sql) || type.sql._tag === "Boolean"))
      castAs(writer, castName(type.sql), () => ansi.Constant(term, writer, expect))
    else ansi.Constant(term, writer, expect)
  },
  // A value that is negated is a decimal to MariaDB, and a union gives that the width of a number
  // beside it: 9007199254740993 is 999999999999999 there. A difference is an integer.
  Negate: (term, writer, expect) => {
    const { self } = term.kids
    if (self._tag !== "Parameter" || !isInteger(term.node.type.sql))
      return ansi.Negate(term, writer, expect)
    writer.put("(0 - ")
    writer.term(self, levels.primary)
    writer.put(")")
  },
  Arith: (term, writer) =>
    isBits(term.node.op)
      ? bitsUnsigned(term, writer)
      : infix(term, writer, words[term.node.op], false),
  Compare: (term, writer, expect) => {
    const { op } = term.node
    if (op !== "same" && op !== "notSame") return ansi.Compare(term, writer, expect)
    if (op === "notSame") writer.put("NOT ")
    compared(term, writer, " <=> ")
  },
  JsonAt: jsonExtract,
  JsonEdit: jsonEditMysql,
  Call: (term, writer) => {
    if (term.node.name === "concat" && term.kids.args.length > 1)
      return applied(writer, "concat", term.kids.args)
    callSaid(term, writer)
  },
  Cast: (term, writer) => {
    refuseDomain(term, writer)
    const { self } = term.kids
    const from = typeOf(self).sql
    const to = term.node.type.sql
    if (from._tag === "Boolean" && isText(to)) return truthText(self, writer)
    if (!isCastable(from, to)) writer.refuse("cast", `a cast from ${from._tag} to ${to._tag}`)
    if (term.node.orNull && mayMislead(term))
      return sayTried(term, writer, {
        matches: "REGEXP",
        decimal: "DECIMAL(65, 0)",
        double: doubleMysql,
        name: castName(to)
      })
    const value = (): void => {
      if (mayMislead(term)) sayChecked(term, writer)
      else writer.term(self)
    }
    // A fraction would be rounded; the algebra cuts towards zero.
    if (!isInteger(from) && isNumber(from) && isInteger(to)) {
      return castAs(writer, castName(to), () => {
        writer.put("truncate(")
        value()
        writer.put(", 0)")
      })
    }
    if (mayMislead(term)) return castAs(writer, castName(to), value)
    // MariaDB 10.11 keeps no place for the sign of a quotient: in a window its last digit is lost.
    if (self._tag === "Arith" && isInteger(from) && to._tag === "Text")
      return castAs(writer, "CHAR(20)", value)
    castSaid(term, writer)
  }
}

/** What PostgreSQL says of a boolean cast to text. */
export const truthText = (self: Term, writer: Writer): void => {
  writer.put("CASE ")
  writer.term(self, levels.primary)
  writer.put(" WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END")
}

/** Casts that mean the same on every server; a user's own type is trusted. */
export const isCastable = (from: SqlType, to: SqlType): boolean =>
  from._tag === to._tag ||
  from._tag === "Custom" ||
  to._tag === "Custom" ||
  (isText(from) && (isText(to) || isNumber(to) || to._tag === "Uuid")) ||
  (isText(to) && from._tag !== "Double" && from._tag !== "Bytes" && from._tag !== "Json") ||
  (isNumber(to) && (isNumber(from) || from._tag === "Boolean"))

const castName = (sql: SqlType): string => {
  const own = exactCast(sql, "mysql")
  if (own !== null) return own
  switch (sql._tag) {
    // Beside an unsigned number a signed one, as truth values are, is a decimal.
    case "Boolean":
    case "Smallint":
    case "Integer":
    case "Bigint":
      return "SIGNED"
    case "Double":
      return "DOUBLE"
    case "Numeric":
      return `DECIMAL(${sql.precision}, ${sql.scale})`
    case "Bytes":
      return "BINARY"
    case "Json":
      return "JSON"
    case "Date":
      return "DATE"
    case "Time":
      return `TIME(${sql.precision})`
    case "Timestamp":
      return `DATETIME(${sql.precision})`
    case "Custom":
      return sql.print.mysql
    default:
      return "CHAR"
  }
}

const columnType = (sql: SqlType): string => {
  const own = exactColumn(sql, "mysql")
  if (own !== null) return own
  switch (sql._tag) {
    case "Smallint":
      return "smallint"
    case "Integer":
      return "int"
    case "Bigint":
      return "bigint"
    case "Double":
      return "double"
    case "Numeric":
      return `decimal(${sql.precision}, ${sql.scale})`
    case "Varchar":
      return `varchar(${sql.length})`
    case "Text":
      return "longtext"
    case "Boolean":
      return "tinyint(1)"
    case "Bytes":
      return "longblob"
    case "Uuid":
      return "char(36)"
    case "Json":
      return "json"
    case "Date":
      return "date"
    case "Time":
      return `time(${sql.precision})`
    case "Timestamp":
      return `datetime(${sql.precision})`
    case "Enum":
      return `varchar(${enumLength(sql.values)})`
    // Refused before it is said: see `nativeTypes`.
    case "Array":
    case "Range":
    case "Interval":
      return sql._tag.toLowerCase()
    case "Custom":
      return sql.print.mysql
  }
}

/**
 * A backslash means itself or not by the session's mode, so a text that has one goes as its bytes.
 */
const textLiteral = (text: string): string =>
  text.includes("\\")
    ? `CONVERT(X'${Buffer.from(text, "utf8").toString("hex")}' USING utf8mb4)`
    : inQuotes(text, "'")

/** The type of a list's elements in a table made of JSON; null where JSON does not carry them. */
const listColumn = ({ sql }: AnyType): string | null => {
  if (sql._tag === "Bytes" || sql._tag === "Custom" || sql._tag === "Json") return null
  return sql._tag === "Varchar" || sql._tag === "Enum" ? "longtext" : columnType(sql)
}

/** A list whose length nobody knows yet, or of more values than the statement has places for. */
const isTableOfJson = ({ kids: { list } }: InList, { capabilities }: Writer): boolean => {
  if (list._tag !== "ListParameter") return false
  if (list.size === null) return true
  const isLong = listClass(list.size) > capabilities.maxParameters
  if (!isLong && capabilities.listParameter === "expand") return false
  return capabilities.jsonTable && partsOf(list.type) === null && listColumn(list.type) !== null
}

/** Bits are in a cast here, and null-safe inequality is a negation. */
const mysqlLevel = (term: Term): number => {
  if (term._tag === "Call" || term._tag === "JsonAt") return levels.primary
  if (term._tag === "Arith" && isBits(term.node.op)) return levels.primary
  if (term._tag === "Compare" && term.node.op === "notSame") return levels.not
  return term._tag === "Not" && term.kids.self._tag === "Compare"
    ? mysqlLevel(opposite(term.kids.self))
    : standardLevel(term)
}

const aggregate: Dialect["aggregate"] = (term, writer, over) => {
  const { name } = term.node
  if (name === "mode") return writer.refuse("modeAggregate", "the mode of a group")
  if (isOrderedSet(name)) return writer.refuse("orderedSetAggregates", "a percentile of a group")
  if (name !== "stringAgg" && name !== "jsonAgg" && name !== "jsonObjectAgg")
    return plainAggregate(term, writer, over)
  if (over !== null) return writer.refuse("aggregateWindow", `${name}() over a window`)
  if (name === "stringAgg") return joinedTexts(term, writer)
  if (name === "jsonObjectAgg") return joinedEntries(term, writer)
  return writer.dialect.name === "mariadb"
    ? joinedArray(term, writer)
    : unorderedArray(term, writer)
}

/** SEPARATOR takes a plain literal, of text or of bytes: see `textLiteral`. */
const saySeparator = (term: Term, writer: Writer): void => {
  const said =
    term._tag === "Parameter" &&
    writer.literal(term, (value) => {
      const text = String(value)
      const bytes = Buffer.from(text, "utf8").toString("hex")
      writer.put(text.includes("\\") ? `X'${bytes}'` : textLiteral(text))
    })
  if (!said) writer.refuse("separatorParameter", "a separator that is no plain text")
}

/** `group_concat(x ORDER BY y SEPARATOR ',')`. */
const joinedTexts = (term: AggregateTerm, writer: Writer): void => {
  const [value, separator] = term.kids.args
  sayJoined(
    term,
    writer,
    () => writer.term(value!),
    () => saySeparator(separator!, writer)
  )
}

/**
 * Inside an aggregate NULL and 0, or an empty text, sort alike: where NULLs stand is always said,
 * save of what is joined itself, which leaves NULLs out.
 */
const sayInnerOrder = (term: AggregateTerm, writer: Writer): void => {
  const { args, name, order } = term.node
  const isJoined = (i: number): boolean =>
    name === "stringAgg" && order[i]!.key === args[0]!.key && order[i]!.binds.length === 0
  writer.put("ORDER BY ")
  writer.commas(sortsOf(term), (sort, i) => saySort(writer, sort, !isJoined(i)))
}

const sayJoined = (
  term: AggregateTerm,
  writer: Writer,
  value: () => void,
  separator: () => void
): void => {
  writer.put(term.node.distinct ? "group_concat(DISTINCT " : "group_concat(")
  value()
  if (sortsOf(term).length > 0) {
    writer.put(" ")
    sayInnerOrder(term, writer)
  }
  writer.put(" SEPARATOR ")
  separator()
  writer.put(")")
}

/**
 * JSON_ARRAYAGG of MariaDB 10.11 cannot leave a row out, breaks texts beyond ASCII where it sorts
 * or groups by way of a temporary table, and is an array in one more array each time a condition
 * asks it. The texts of the elements are joined: group_concat has none for NULLs.
 */
const joinedArray = (term: AggregateTerm, writer: Writer): void => {
  const { args, filter } = term.kids
  const element = (): void => {
    if (args.length > 1) return sayElements(args, writer)
    writer.put("json_extract(json_array(")
    sayElements(args, writer)
    writer.put("), '$[0]')")
  }
  const kept = (): void => {
    if (filter === null) return element()
    writer.put("CASE WHEN ")
    writer.term(filter)
    writer.put(" THEN ")
    element()
    writer.put(" END")
  }
  writer.put("concat('[', ")
  sayJoined(term, writer, kept, () => writer.put("','"))
  writer.put(", ']')")
}

/** JSON_OBJECTAGG has no order and fails of a NULL key: its entries are joined as texts. */
const joinedEntries = (term: AggregateTerm, writer: Writer): void => {
  const [key, value] = term.kids.args
  writer.put("concat('{', ")
  const entry = (): void => {
    writer.put("concat(json_quote(")
    writer.term(key!)
    writer.put(") COLLATE utf8mb4_bin, ':', json_extract(json_array(")
    sayElement(value!, writer)
    writer.put("), '$[0]'))")
  }
  sayJoined(term, writer, entry, () => writer.put("','"))
  writer.put(", '}')")
}

const unorderedArray = (term: AggregateTerm, writer: Writer): void => {
  if (term.kids.order.length > 0)
    return writer.refuse("orderedJsonAggregate", "an order inside a JSON array")
  if (term.node.distinct || term.kids.filter !== null)
    return writer.refuse("filteredJsonAggregate", "a JSON array of some of the rows")
  writer.put("json_arrayagg")
  sayArguments(term, writer, () => sayElements(term.kids.args, writer))
}

/** The driver sends a number as a double, which LIMIT refuses; a text it takes. */
const count = (writer: Writer, term: Term): void => sayRowCount(term, writer, String)

export const mysql: Dialect = {
  name: "mysql",
  terms: mysqlTerms,
  level: mysqlLevel,
  quote: (name) => inQuotes(name, "`"),
  placeholder: () => "?",
  numbersPlaceholders: false,
  castName,
  columnType,
  likeEscape: " ESCAPE '\\'",
  aggregate,
  membership: (term, writer, negated) => {
    if (inWrapped(term, writer, negated)) return
    if (isTableOfJson(term, writer)) return inJsonTable(term, writer, negated, listColumn)
    inPlaces(term, writer, negated, ({ sql }, write) => {
      if (sql._tag === "Bigint" || sql._tag === "Numeric") castAs(writer, castName(sql), write)
      else write()
    })
  },
  tableFunction: mysqlRows,
  slice: (writer, limit, offset, ties) => {
    if (limit !== null && ties)
      return withTies(writer, limit, offset, (term) => count(writer, term))
    writer.put("LIMIT ")
    // Half of what the manual advises: offset and limit are added up, and must not overflow.
    if (limit === null) writer.put("9223372036854775807")
    else count(writer, limit)
    if (offset === null) return
    writer.put(" OFFSET ")
    count(writer, offset)
  },
  tableOptions: usualOptions("mysql"),
  identity: " AUTO_INCREMENT",
  textLiteral,
  bytesLiteral: (hex) => `X'${hex}'`
}
