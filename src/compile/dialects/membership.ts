import type { Encode } from "../Compiled.ts"
import type { Writer } from "../Dialect.ts"
import { levels } from "../levels.ts"
import type { ListParameter, Operator, Term } from "../Placed.ts"
import { expectFrom } from "./ansi.ts"

export type InList = Operator<"InList">

const pathOf = (term: Term): string => expectFrom(term)?.path ?? "list"

const isList = (term: Term): term is ListParameter => term._tag === "ListParameter"

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

/** `x IN (?, ?, ?, ?)`: as many places as the list's size class; the last value fills the rest. */
export const inPlaces = (
  term: InList,
  writer: Writer,
  negated: boolean,
  place: (write: () => void) => void
): void => {
  const said = item(term, writer, negated ? "NOT IN" : "IN")
  if (said === null) return
  const { list, path } = said
  if (list.size === null)
    return writer.refuse("listParameter", `the list parameter "${nameOf(list)}"`)
  const { encode } = list.type.codec.row[writer.dialect.name]
  writer.put("(")
  writer.commas(
    Array.from({ length: list.size }, (_, at) => at),
    (at) => place(() => writer.elementSlot(list, at, path, encode))
  )
  writer.put(")")
}

/** `x IN (SELECT value FROM json_each(?))`: the whole list as one JSON text. */
export const inJson = (
  term: InList,
  writer: Writer,
  negated: boolean,
  encode: (list: ListParameter) => Encode
): void => {
  const said = item(term, writer, negated ? "NOT IN" : "IN")
  if (said === null) return
  writer.put("(SELECT value FROM json_each(")
  writer.listSlot(said.list, said.path, encode(said.list))
  writer.put("))")
}

/** `x = ANY($1)`: the whole list as one array. */
export const inArray = (
  term: InList,
  writer: Writer,
  negated: boolean,
  encode: (list: ListParameter) => Encode,
  cast: (list: ListParameter) => string
): void => {
  const said = item(term, writer, negated ? "<> ALL" : "= ANY", "")
  if (said === null) return
  writer.put("(")
  writer.listSlot(said.list, said.path, encode(said.list))
  writer.put(`${cast(said.list)})`)
}

const nameOf = (list: ListParameter): string =>
  list.origin._tag === "Named" ? list.origin.name : "list"
