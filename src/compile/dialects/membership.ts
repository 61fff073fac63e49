import { listClass } from "../../algebra/Scalar.ts"
import type { AnyType } from "../../algebra/Type.ts"
import { refused } from "../../algebra/types/make.ts"
import type { TupleType } from "../../algebra/types.ts"
import type { Encode } from "../Compiled.ts"
import { aroundWritten } from "../wrapped.ts"
import type { Writer } from "../Dialect.ts"
import { levels } from "../levels.ts"
import { type ListParameter, type Operator, type Term, typeOf } from "../Placed.ts"
import { expectFrom } from "./ansi.ts"
import { arrayWord, isMembership, membershipWord } from "./membershipWord.ts"

export type InList = Operator<"InList">

const pathOf = (term: Term): string => expectFrom(term)?.path ?? "list"

const isList = (term: Term): term is ListParameter => term._tag === "ListParameter"

/** The types of the parts of a list of tuples; null of a list of values. */
export const partsOf = (type: AnyType): ReadonlyArray<AnyType> | null =>
  "parts" in type ? (type as TupleType).parts : null

/** The item before IN, and where the values of the list belong. */
const item = (
  term: InList,
  writer: Writer,
  word: string,
  gap = " "
): { readonly list: ListParameter; readonly path: string } | null => {
  writer.term(term.kids.self, levels.concat)
  writer.put(` ${word}${gap}`)
  if (isList(term.kids.list)) return { list: term.kids.list, path: pathOf(term.kids.self) }
  writer.put("(")
  writer.term(term.kids.list)
  writer.put(")")
  return null
}

/** IN or NOT IN; a list that is no array has no other comparison. */
const wordOf = (term: InList, writer: Writer, negated: boolean): string => {
  if (isMembership(term.node) === null)
    writer.refuse("quantifiedList", `${arrayWord(term.node, false)} of a list`)
  return membershipWord(term.node, negated)
}

type Encoder = (value: unknown) => unknown

/** One part of each element of a list of tuples. */
const part =
  (encode: Encode, at: number): Encode =>
  (element: ReadonlyArray<unknown>) =>
    (encode as Encoder)(element[at])

/** `x IN (?, ?, ?, ?)`: as many places as the list's size class; the last value fills the rest. */
export const inPlaces = (
  term: InList,
  writer: Writer,
  negated: boolean,
  place: (type: AnyType, write: () => void) => void,
  rows: "" | "VALUES " = ""
): void => {
  const said = item(term, writer, wordOf(term, writer, negated))
  if (said === null) return
  const { list, path } = said
  if (list.size === null)
    return writer.refuse("listParameter", `the list parameter "${nameOf(list)}"`)
  const { name } = writer.dialect
  const parts = partsOf(list.type)
  const element = (at: number): void => {
    if (parts === null) {
      const { encode } = list.type.codec.row[name]
      return place(list.type, () => writer.elementSlot(list, at, path, encode))
    }
    writer.put("(")
    writer.commas(parts, (type, i) => {
      const encode = part(type.codec.row[name].encode, i)
      place(type, () => writer.elementSlot(list, at, path, encode))
    })
    writer.put(")")
  }
  writer.put(parts === null ? "(" : `(${rows}`)
  // A tuple in a list of one is compared with it: see the phase `tupleComparison`.
  const least = parts !== null && !writer.capabilities.tuples ? 2 : 0
  writer.commas(
    Array.from({ length: Math.max(least, listClass(list.size)) }, (_, at) => at),
    element
  )
  writer.put(")")
}

/** A list whose values pass an expression when they are written: each alone. False for others. */
export const inWrapped = (term: InList, writer: Writer, negated: boolean): boolean => {
  const { list } = term.kids
  const { castName, name } = writer.dialect
  const around = isList(list) ? aroundWritten(list.type.sql, name) : null
  if (around === null) return false
  inPlaces(term, writer, negated, ({ sql }, write) => {
    writer.put(around[0])
    write()
    if (name === "postgres") writer.put(`::${castName(sql.wrap!.as)}`)
    writer.put(around[1])
  })
  return true
}

/** `x IN (SELECT value FROM json_each(?))`: the whole list as one JSON text. */
export const inJson = (
  term: InList,
  writer: Writer,
  negated: boolean,
  encode: (list: ListParameter) => Encode
): void => {
  const said = item(term, writer, wordOf(term, writer, negated))
  if (said === null) return
  const parts = partsOf(said.list.type)
  const columns = parts === null ? "value" : parts.map((_, i) => `value ->> ${i}`).join(", ")
  writer.put(`(SELECT ${columns} FROM json_each(`)
  writer.listSlot(said.list, said.path, encode(said.list))
  writer.put("))")
}

/** `x = ANY($1)`: the whole list as one array; of tuples, one array a part. */
export const inArray = (
  term: InList,
  writer: Writer,
  negated: boolean,
  encode: (type: AnyType) => Encode,
  cast: (list: ListParameter) => void,
  castOf: (type: AnyType) => void
): void => {
  const parts = partsOf(typeOf(term.kids.list))
  if (parts === null) {
    const said = item(term, writer, arrayWord(term.node, negated), "")
    if (said === null) return
    writer.put("(")
    writer.listSlot(said.list, said.path, encode(said.list.type))
    cast(said.list)
    return writer.put(")")
  }
  const said = item(term, writer, wordOf(term, writer, negated))
  if (said === null) return
  writer.put("(SELECT * FROM unnest(")
  writer.commas(parts, (type, i) => {
    const whole = encode(type) as Encoder
    const column: Encode = (elements: ReadonlyArray<ReadonlyArray<unknown>>) =>
      whole(elements.map((element) => element[i]))
    writer.listSlot(said.list, said.path, column, i)
    castOf(type)
  })
  writer.put("))")
}

/** `x IN (SELECT v FROM JSON_TABLE(?, …))`: a list whose length is known when it runs. */
export const inJsonTable = (
  term: InList,
  writer: Writer,
  negated: boolean,
  column: (type: AnyType) => string | null
): void => {
  const { list, self } = term.kids
  if (list._tag !== "ListParameter") return
  const type = column(list.type)
  if (!writer.capabilities.jsonTable || type === null)
    return writer.refuse("jsonTable", `the list parameter "${nameOf(list)}"`)
  // See the phase `nullMembership`.
  const beside = !writer.capabilities.nullMembership && !(self._tag === "Column" && !self.nullable)
  if (beside) {
    writer.put("(")
    writer.term(self)
    writer.put(", 1)")
  } else writer.term(self, levels.concat)
  const columns = beside ? "v, 1" : "v"
  writer.put(` ${wordOf(term, writer, negated)} (SELECT ${columns} FROM JSON_TABLE(`)
  writer.listSlot(list, pathOf(self), jsonText(list.type.codec.row[writer.dialect.name].encode))
  writer.put(`, '$[*]' COLUMNS (v ${type} PATH '$')) AS list)`)
}

/** A list as JSON text, each element as the dialect sends it. */
export const jsonText = (encode: Encode): Encode => {
  const each = encode as Encoder
  return (values: unknown) =>
    `[${elements(values)
      .map((value) => inText(each(value)))
      .join(",")}]`
}

const inText = (value: unknown): string =>
  typeof value === "bigint" ? value.toString() : JSON.stringify(value)

/** What a caller gave as a list. */
export const elements = (values: unknown): ReadonlyArray<unknown> =>
  Array.isArray(values) ? values : refused("a list of values")

const nameOf = (list: ListParameter): string =>
  list.origin._tag === "Named" ? list.origin.name : "list"
