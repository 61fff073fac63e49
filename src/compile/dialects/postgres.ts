import { inQuotes } from "../../algebra/inQuotes.ts"
import type { SqlType } from "../../algebra/SqlType.ts"
import type { AnyType } from "../../algebra/Type.ts"
import { arrayBytes } from "../../algebra/types/arrayBytes.ts"
import { arrayText } from "../../algebra/types/arrayText.ts"
import type { Encode } from "../Compiled.ts"
import type { Dialect, Expect, TermCases, Writer } from "../Dialect.ts"
import { standardLevel } from "../levels.ts"
import { sayRowCount, withTies } from "../rowCount.ts"
import { isInteger, isNumber, isText, sameFamily } from "../sqlTypes.ts"
import { type ListParameter, type Operator, type Parameter, type Term, typeOf } from "../Placed.ts"
import { ansi, arithmetics, barePlaceholder, infix } from "./ansi.ts"
import { bitsOwn, isBits } from "./bits.ts"
import { plainAggregate, sayArguments, sayTail, withinGroup } from "./aggregates.ts"
import { applied, castAs, castSaid } from "./functions.ts"
import { sayElement, sayElements } from "./jsonElements.ts"
import { sayExtreme } from "./extremes.ts"
import { elements, inArray, inPlaces, inWrapped } from "./membership.ts"
import { mayMislead, sayTried } from "./checkedCast.ts"
import { domainOf } from "./domains.ts"
import { exactCast } from "../exactNames.ts"
import { castName, columnType } from "./postgresTypes.ts"
import { postgresRows } from "./tableFunctions.ts"

/** What says of the value before it which type it has. */
const sayAs = (writer: Writer, sql: SqlType): void => {
  writer.put("::")
  writer.type(sql)
}

/** Where the place does not say a parameter's type, PostgreSQL must be told. */
const typed = (term: Parameter, writer: Writer, expect: Expect | null): void => {
  barePlaceholder(term, writer, expect)
  const known =
    expect !== null && sameFamily(expect.type.sql, term.type.sql) && term.type.sql._tag !== "Custom"
  if (!known) sayAs(writer, term.type.sql)
}

const as = (sql: SqlType, self: Term): Term => ({
  _tag: "Typed",
  self,
  as: sql,
  type: typeOf(self)
})

const literalTypes: ReadonlySet<SqlType["_tag"]> = new Set<SqlType["_tag"]>([
  "Bigint",
  "Double",
  "Numeric"
])

const terms: TermCases = {
  ...ansi,
  Parameter: typed,
  Constant: (term, writer, expect) => {
    ansi.Constant(term, writer, expect)
    const { type, value } = term.node
    const known = expect !== null && (value === null || sameFamily(expect.type.sql, type.sql))
    // An integer stands for itself; NULL has no type, and 0 is no bigint before it is said to be.
    if (!known && (value === null || literalTypes.has(type.sql._tag))) sayAs(writer, type.sql)
  },
  Compare: (term, writer, expect) => {
    const { left, right } = term.kids
    const [a, b] = [typeOf(left).sql, typeOf(right).sql]
    // There is no comparison between arrays of different types.
    if (a._tag !== "Array" || b._tag !== "Array" || castName(a) === castName(b))
      return ansi.Compare(term, writer, expect)
    const wider = isWidened(a.of, b.of) ? b : a
    const kids = { left: as(wider, left), right: as(wider, right) }
    ansi.Compare({ ...term, kids }, writer, expect)
  },
  Arith: (term, writer) =>
    isBits(term.node.op)
      ? bitsOwn(term, writer)
      : infix(term, writer, arithmetics[term.node.op], true),
  Call: (term, writer) =>
    term.node.name === "greatest" || term.node.name === "least"
      ? sayExtreme(term, writer)
      : ansi.Call(term, writer, null),
  Cast: (term, writer) => {
    const domain = domainOf(term)
    if (domain === null) return sayCast(term, writer)
    if (term.node.orNull) writer.refuse("tryCast", `a cast to ${domain.name} that gives NULL`)
    writer.put("CAST(")
    sayCast(term, writer)
    writer.put(" AS ")
    if (domain.schema !== null) {
      writer.name(domain.schema)
      writer.put(".")
    }
    writer.name(domain.name)
    writer.put(")")
  }
}

/** To a type by its own name, or to the base of a domain. */
const sayCast = (term: Operator<"Cast">, writer: Writer): void => {
  const from = typeOf(term.kids.self).sql
  const to = term.node.type.sql
  if (!isCastable(from, to)) writer.refuse("cast", `a cast from ${from._tag} to ${to._tag}`)
  if (term.node.orNull && mayMislead(term)) {
    const [major] = writer.capabilities.version
    if (to._tag === "Double" && major < 16)
      writer.refuse("tryCast", "a cast to a double that gives NULL where it fails")
    return sayTried(term, writer, {
      matches: "~",
      decimal: "numeric",
      double: ["pg_input_is_valid(", ", 'double precision')"],
      name: castName(to)
    })
  }
  // Booleans cast to integer only, and fractions round; the algebra cuts towards zero.
  if (from._tag === "Boolean" && isNumber(to) && to._tag !== "Integer") {
    return castAs(writer, castName(to), () =>
      castAs(writer, "integer", () => writer.term(term.kids.self))
    )
  }
  if (!isInteger(from) && isNumber(from) && isInteger(to)) {
    return castAs(writer, castName(to), () => applied(writer, "trunc", [term.kids.self]))
  }
  castSaid(term, writer)
}

const aggregate: Dialect["aggregate"] = (term, writer, over) => {
  const [arg] = term.kids.args
  const of = arg === undefined ? null : typeOf(arg).sql._tag
  const { name } = term.node
  switch (name) {
    case "min":
    case "max":
      // There is no least boolean and, before PostgreSQL 18, no least uuid.
      if (of === "Boolean")
        return plainAggregate(term, writer, over, name === "min" ? "bool_and" : "bool_or")
      if (of !== "Uuid") return plainAggregate(term, writer, over)
      return castAs(writer, "uuid", () => {
        writer.put(name)
        sayArguments(term, writer, () => castAs(writer, "text", () => writer.term(arg!)))
        sayTail(term, writer, over)
      })
    case "sum":
      // The sum of bigints is a numeric there; here it is a bigint, or out of range.
      return of === "Bigint"
        ? castAs(writer, "bigint", () => plainAggregate(term, writer, over))
        : plainAggregate(term, writer, over)
    case "arrayAgg":
      return plainAggregate(term, writer, over, "array_agg")
    case "rangeAgg":
      return plainAggregate(term, writer, over, "range_agg")
    case "rangeIntersectAgg":
      return plainAggregate(term, writer, over, "range_intersect_agg")
    case "stringAgg":
      return plainAggregate(term, writer, over, "string_agg")
    case "jsonAgg":
      writer.put("jsonb_agg")
      sayArguments(term, writer, () => sayElements(term.kids.args, writer))
      return sayTail(term, writer, over)
    case "jsonObjectAgg":
      writer.put("jsonb_object_agg")
      sayArguments(term, writer, () => {
        writer.term(arg!)
        writer.put(", ")
        sayElement(term.kids.args[1]!, writer)
      })
      return sayTail(term, writer, over)
    case "percentileCont":
      return withinGroup(term, writer, over, "percentile_cont")
    case "percentileDisc":
      return withinGroup(term, writer, over, "percentile_disc")
    case "mode":
      return withinGroup(term, writer, over, "mode")
    default:
      return plainAggregate(term, writer, over)
  }
}

const times: ReadonlySet<string> = new Set(["Date Timestamp", "Timestamp Date", "Timestamp Time"])

/**
 * Casts the server has. Text is read as any type and any type is written as text; a user's own type
 * is trusted.
 * **Source** PostgreSQL manual, pg_cast; CREATE CAST on I/O conversion.
 */
const isCastable = (from: SqlType, to: SqlType): boolean =>
  (from._tag === "Array" && to._tag === "Array"
    ? isWidened(from.of, to.of)
    : from._tag === to._tag) ||
  isText(from) ||
  isText(to) ||
  from._tag === "Custom" ||
  to._tag === "Custom" ||
  (isNumber(to) && (isNumber(from) || from._tag === "Boolean" || from._tag === "Json")) ||
  (to._tag === "Boolean" && (isNumber(from) || from._tag === "Json")) ||
  times.has(`${from._tag} ${to._tag}`)

/** Elements are cast by the server's own rules, which round where the algebra cuts. */
const isWidened = (from: SqlType, to: SqlType): boolean =>
  sameFamily(from, to) || (isInteger(from) && isNumber(to))

/** Without a length or precision: a cast would cut what an assignment refuses. */
const plainName = (sql: SqlType): string => castName(sql).replace(/ ?\([\d, ]+\)/, "")

type Element = (value: unknown) => unknown
const elementEncode = (type: AnyType): Element => type.codec.row.postgres.encode as Element

/** A list as PostgreSQL's array text. */
const arrayEncode = (type: AnyType): Encode => {
  const encode = elementEncode(type)
  return (values: unknown) => arrayText(elements(values).map(encode))
}

/** A column of many rows likewise, where NULL may be; in binary where it can. */
const columnEncode = (type: AnyType): Encode => {
  const encode = elementEncode(type)
  const cell: Element = (value) => (value === null ? null : encode(value))
  const isPlain = exactCast(type.sql, "postgres") === null
  return (values: unknown) => {
    const cells = elements(values).map(cell)
    return (isPlain ? arrayBytes(cells, type.sql) : null) ?? arrayText(cells)
  }
}

export const postgres: Dialect = {
  name: "postgres",
  terms,
  level: standardLevel,
  quote: (name) => inQuotes(name, '"'),
  placeholder: (n) => `$${n}`,
  numbersPlaceholders: true,
  castName,
  columnType,
  likeEscape: "",
  aggregate,
  membership: (term, writer, negated) => {
    if (inWrapped(term, writer, negated)) return
    const { list, self } = term.kids
    // A list of arrays would be one array of more dimensions.
    if (list._tag === "ListParameter" && list.type.sql._tag === "Array")
      return inPlaces(term, writer, negated, (type, write) => {
        write()
        sayAs(writer, type.sql)
      })
    // A query in parentheses would be one of many rows, however many parentheses it had.
    const said: typeof term =
      list._tag === "Subquery"
        ? { ...term, kids: { self, list: as(list.node.type.sql, list) } }
        : term
    const arrayOf = ({ sql }: AnyType): void => {
      sayAs(writer, sql)
      writer.put("[]")
    }
    const cast = ({ type }: ListParameter): void => {
      const known = self._tag === "Column" && self.stored && sameFamily(self.type.sql, type.sql)
      if (!known) arrayOf(type)
    }
    inArray(said, writer, negated, arrayEncode, cast, arrayOf)
  },
  listedRows: (lists, isOrdered, writer) => {
    const put = ({ list, path }: (typeof lists)[number]): void => {
      writer.listSlot(list, path, columnEncode(list.type))
      writer.put(`::${plainName(list.type.sql)}[]`)
    }
    writer.put("SELECT ")
    // A row at a time: as one function in FROM they would be kept before the first is stored.
    if (!isOrdered)
      return writer.commas(lists, (list) => {
        writer.put("unnest(")
        put(list)
        writer.put(")")
      })
    writer.commas(lists, (_, i) => writer.put(`c${i}`))
    writer.line()
    writer.put("FROM unnest(")
    writer.commas(lists, put)
    // Numbered, because nothing else promises that the server makes its keys in this order.
    writer.put(") WITH ORDINALITY AS listed (")
    writer.commas([...lists, null], (_, i) => writer.put(`c${i}`))
    writer.put(")")
    writer.line()
    writer.put(`ORDER BY c${lists.length}`)
  },
  tableFunction: postgresRows,
  slice: (writer, limit, offset, ties) => {
    const count = (term: Term): void => sayRowCount(term, writer, (rows) => rows)
    if (limit !== null && ties) return withTies(writer, limit, offset, count)
    if (limit !== null) {
      writer.put("LIMIT ")
      count(limit)
    }
    if (offset === null) return
    writer.put(limit === null ? "OFFSET " : " OFFSET ")
    count(offset)
  },
  tableOptions: "",
  identity: " GENERATED BY DEFAULT AS IDENTITY",
  textLiteral: (text) => inQuotes(text, "'"),
  bytesLiteral: (hex) => `'\\x${hex}'::bytea`
}
