import { define, isAssignable, recordMaker } from "../algebra/recordMaker.ts"
import { rowMember } from "../algebra/rowMember.ts"
import { onReadOf, type RowMember, type RowMembers, type RowShape } from "../algebra/RowShape.ts"
import type { Decode } from "./Compiled.ts"

/** One column of the driver's row: how its value is read. */
export interface Cell {
  readonly decode: (raw: unknown) => unknown
  /** Not called where the value is taken as it is. */
  readonly identity: boolean
}

type Explain = (shape: RowShape, cells: ReadonlyArray<Cell>, row: ReadonlyArray<unknown>) => unknown

/**
 * Writes the decoder as JavaScript and compiles it: one object literal per row, codecs called by
 * position, no call where a codec changes nothing. The text is made of indices and JSON-quoted
 * keys.
 */
export const generateDecoder = (
  shape: RowShape,
  cells: ReadonlyArray<Cell>,
  explain: Explain
): Decode<unknown> => {
  const records: Array<unknown> = []
  const body = expression(shape, cells, records)
  const names = cells.map((_, i) => `d${i}`)
  const recordNames = records.map((_, i) => `R${i}`)
  // oxlint-disable-next-line typescript/no-implied-eval -- made of indices and quoted keys only
  const make = new Function(
    "explain",
    "isAbsent",
    ...names,
    ...recordNames,
    `"use strict"; return (r) => { try { return ${body} } catch { return explain(r) } }`
  ) as (...parts: ReadonlyArray<unknown>) => Decode<unknown>
  return make(
    (row: ReadonlyArray<unknown>) => explain(shape, cells, row),
    isAbsent,
    ...cells.map((cell) => cell.decode),
    ...records
  )
}

const expression = (
  shape: RowShape,
  cells: ReadonlyArray<Cell>,
  records: Array<unknown>
): string => {
  if (shape._tag === "Cell") return cellExpression(shape.index, cells)
  const parts = shape.parts.map((part) => expression(part, cells, records))
  const record =
    shape.members != null
      ? `R${records.push(memberMaker(shape.members)) - 1}([${parts.join(", ")}])`
      : recordExpression(shape, parts, records)
  if (shape.presence === null) return shape.prototype === null ? `(${record})` : record
  return `(isAbsent(${cellExpression(shape.presence, cells)}) ? null : ${record})`
}

const recordExpression = (
  shape: Extract<RowShape, { readonly _tag: "Record" }>,
  parts: ReadonlyArray<string>,
  records: Array<unknown>
): string =>
  isTuple(shape)
    ? `[${parts.join(", ")}]`
    : shape.prototype === null
      ? `{ ${shape.keys.map((key, i) => `${property(key)}: ${parts[i]}`).join(", ")} }`
      : `new R${records.push(recordOf(shape.keys, shape.prototype)) - 1}(${parts.join(", ")})`

const recordOf = (keys: ReadonlyArray<string>, prototype: object): unknown =>
  recordMaker(keys, prototype, onReadOf(prototype))

/** Makes a value of the class that one of its cells says. */
export const memberMaker = (members: RowMembers): ((cells: Cells) => object) => {
  const makers = new Map([...members.classes.values()].map((one) => [one, makerOf(one)] as const))
  return (cells) => makers.get(rowMember(members, cells))!(cells)
}

const makerOf = ({ keys, places, prototype }: RowMember): ((cells: Cells) => object) => {
  const assigned = keys.map((key) => isAssignable(key, prototype))
  const onRead = onReadOf(prototype)
  return (cells) => {
    const value = Object.create(prototype) as Record<string, unknown>
    keys.forEach((key, at) => {
      if (assigned[at]!) value[key] = cells[places[at]!]
      else define(value, key, cells[places[at]!])
    })
    onRead?.(value)
    return Object.freeze(value)
  }
}
type Cells = ReadonlyArray<unknown>

/** A record whose keys are places: selected as a list. */
export const isTuple = ({ prototype }: Extract<RowShape, { readonly _tag: "Record" }>): boolean =>
  prototype === Array.prototype

/** An absent record's flag is NULL, FALSE or zero. */
export const isAbsent = (flag: unknown): boolean =>
  flag === null || flag === false || flag === 0 || flag === 0n

const cellExpression = (index: number, cells: ReadonlyArray<Cell>): string =>
  cells[index]!.identity ? `r[${index}]` : `(r[${index}] === null ? null : d${index}(r[${index}]))`

/** A computed key makes `__proto__` an own property like any other. */
const property = (key: string): string =>
  key === "__proto__" ? '["__proto__"]' : JSON.stringify(key)
