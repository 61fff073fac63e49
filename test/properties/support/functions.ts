import * as Schema from "effect/Schema"
import type { DialectName } from "../../../src/algebra/Dialect.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { FunctionName, Scalar } from "../../../src/algebra/Scalar.ts"
import type { AnyType } from "../../../src/algebra/Type.ts"
import * as T from "../../../src/algebra/types.ts"
import * as LocalDate from "../../../src/algebra/values/LocalDate.ts"
import * as LocalTime from "../../../src/algebra/values/LocalTime.ts"
import { chance, type Draw, many, pick } from "./draw.ts"
import type {
  ArrayFunctionName,
  JsonPathFunctionName,
  RangeFunctionName
} from "../../../src/algebra/words.ts"
import { type Sort, typeOf, valueOf as valueOfSort } from "./sorts.ts"

/** An array of values of a sort. */
type ListOf = `list ${"integer" | "bigint" | "text" | "boolean"}`

/** What an argument is drawn from: a sort, a kind of time, or a number or text of the statement. */
type Slot =
  | Sort
  | "date"
  | "moment"
  | "time"
  | "json"
  | "keys"
  | ListOf
  | { readonly whole: number }
  | { readonly fills: true }
  | { readonly at: number }

/**
 * The arguments a function takes and what it gives; "same" is what the first one is, "list" an
 * array of it.
 */
interface Signature {
  readonly args: ReadonlyArray<Slot>
  readonly gives: Sort | "date" | "same" | "list"
}

const of = (args: ReadonlyArray<Slot>, gives: Signature["gives"]): Signature => ({ args, gives })
const upTo = (whole: number): Slot => ({ whole })
const fills: Slot = { fills: true }

type Temporal =
  | `extract.${string}`
  | `dateTrunc.${string}`
  | `dateAdd.${string}`
  | `dateDiff.${string}`
type Known = Exclude<
  FunctionName,
  | ArrayFunctionName
  | JsonPathFunctionName
  | RangeFunctionName
  | "addInterval"
  | "subtractInterval"
  | S.VolatileName
  | "coalesce"
  | "nullif"
  | "concat"
  | Temporal
>

const listed = (["integer", "bigint", "text", "boolean"] as const).map(
  (sort) => [sort, `list ${sort}`] as const
)

/** Signatures that are alike for arrays of each sort. */
const ofLists = (
  each: (sort: Sort, list: ListOf) => ReadonlyArray<Signature>
): ReadonlyArray<Signature> => listed.flatMap(([sort, list]) => each(sort, list))

const twoLists = ofLists((_, list) => [of([list, list], "boolean")])

const arrays: Readonly<Record<ArrayFunctionName, ReadonlyArray<Signature>>> = {
  array: ofLists((sort) => [of([sort], "list"), of([sort, sort, sort], "list")]),
  arrayElement: ofLists((sort, list) => [of([list, "integer"], sort), of([list, upTo(3)], sort)]),
  arraySlice: ofLists((_, list) => [
    of([list, "integer"], "same"),
    of([list, "integer", "integer"], "same"),
    of([list, upTo(2), upTo(4)], "same")
  ]),
  arrayContains: twoLists,
  arrayContainedBy: twoLists,
  arrayOverlaps: twoLists,
  arrayConcat: ofLists((_, list) => [of([list, list], "same")]),
  arrayAppend: ofLists((sort, list) => [of([list, sort], "same")]),
  arrayPrepend: ofLists((sort, list) => [of([list, sort], "same")]),
  arrayRemove: ofLists((sort, list) => [of([list, sort], "same")]),
  arrayReplace: ofLists((sort, list) => [of([list, sort, sort], "same")]),
  arrayPut: ofLists((sort, list) =>
    [1, 2, 6].map((place) => of([list, { at: place }, sort], "same"))
  ),
  arrayPosition: ofLists((sort, list) => [of([list, sort], "integer")]),
  arrayLength: ofLists((_, list) => [of([list], "integer")]),
  arrayCardinality: ofLists((_, list) => [of([list], "integer")])
}

const plain: Readonly<Record<Known, ReadonlyArray<Signature>>> = {
  lower: [of(["text"], "text")],
  upper: [of(["text"], "text")],
  trim: [of(["text"], "text")],
  ltrim: [of(["text"], "text")],
  rtrim: [of(["text"], "text")],
  length: [of(["text"], "integer")],
  octetLength: [of(["text"], "integer")],
  replace: [of(["text", "text", "text"], "text")],
  substring: [
    of(["text", "integer"], "text"),
    of(["text", upTo(4)], "text"),
    of(["text", "integer", "integer"], "text"),
    of(["text", upTo(3), upTo(3)], "text"),
    of(["text", "integer", upTo(3)], "text"),
    of(["text", upTo(3), "count"], "text")
  ],
  position: [of(["text", "text"], "integer")],
  left: [of(["text", upTo(4)], "text")],
  right: [of(["text", upTo(4)], "text")],
  lpad: [of(["text", upTo(5), fills], "text")],
  rpad: [of(["text", upTo(5), fills], "text")],
  repeat: [of(["text", upTo(4)], "text")],
  reverse: [of(["text"], "text")],
  md5: [of(["text"], "text")],
  sha256: [of(["text"], "text")],
  concatWs: [of(["text", "text"], "text"), of(["text", "text", "text", "text"], "text")],
  abs: [of(["integer"], "same"), of(["double"], "same")],
  sign: [of(["integer"], "integer"), of(["bigint"], "integer"), of(["double"], "integer")],
  floor: [of(["double"], "double")],
  ceil: [of(["double"], "double")],
  round: [of(["double", upTo(0)], "double"), of(["double", upTo(3)], "double")],
  power: [of(["double", "double"], "double")],
  sqrt: [of(["double"], "double")],
  greatest: (["integer", "text", "boolean", "bigint", "double"] as const).flatMap((sort) => [
    of([sort, sort], "same"),
    of([sort, sort, sort], "same")
  ]),
  least: (["integer", "text", "boolean", "bigint", "double"] as const).flatMap((sort) => [
    of([sort, sort], "same"),
    of([sort, sort, sort], "same")
  ]),
  makeDate: [of([upTo(9999), "integer", "integer"], "date")],
  toDate: [of(["moment"], "date")],
  toTimestamp: [of(["date"], "same")],
  jsonAs: (["text", "integer", "bigint", "double", "boolean"] as const).map((sort) =>
    of(["json"], sort)
  ),
  jsonType: [of(["json"], "text")],
  jsonLength: [of(["json"], "integer")],
  jsonContains: [of(["json", "json"], "boolean")],
  jsonContainedBy: [of(["json", "json"], "boolean")],
  jsonHasKeys: [of(["json", "keys"], "boolean")],
  jsonHasAnyKey: [of(["json", "keys"], "boolean")]
}

const dayParts = ["year", "quarter", "month", "day", "dow", "isodow", "doy", "isoWeek", "isoYear"]
const clockParts = ["hour", "minute", "second", "millisecond", "microsecond"]
const dayUnits = ["year", "quarter", "month", "week", "day"]
const clockUnits = ["hour", "minute", "second"]

const each = (
  kind: string,
  units: ReadonlyArray<string>,
  signatures: ReadonlyArray<Signature>
): ReadonlyArray<readonly [string, ReadonlyArray<Signature>]> =>
  units.map((unit) => [`${kind}.${unit}`, signatures])

/** What every function but those of no argument takes and gives. */
export const signatures = new Map([
  ...Object.entries(plain),
  ...Object.entries(arrays),
  ...each("extract", dayParts, [of(["date"], "integer"), of(["moment"], "integer")]),
  ...each("extract", clockParts, [of(["time"], "integer"), of(["moment"], "integer")]),
  ...each("extract", ["epoch"], [of(["date"], "count"), of(["moment"], "count")]),
  ...each("dateTrunc", dayUnits, [of(["date"], "same"), of(["moment"], "same")]),
  ...each("dateTrunc", clockUnits, [of(["moment"], "same")]),
  ...each("dateAdd", dayUnits, [
    of(["date", "integer"], "same"),
    of(["moment", "integer"], "same"),
    of(["date", "count"], "same")
  ]),
  ...each("dateAdd", clockUnits, [of(["moment", "integer"], "same")]),
  ...each("dateDiff", ["week", "day"], [of(["date", "date"], "count")]),
  ...each("dateDiff", ["week", "day", ...clockUnits], [of(["moment", "moment"], "count")])
] as ReadonlyArray<readonly [FunctionName, ReadonlyArray<Signature>]>)

/** Functions SQLite has not. */
const notOnSqlite: ReadonlySet<FunctionName> = new Set(["reverse", "md5", "sha256"])

/** Functions of documents that PostgreSQL alone has. */
const ownJson: ReadonlySet<FunctionName> = new Set([
  "jsonContains",
  "jsonContainedBy",
  "jsonHasKeys",
  "jsonHasAnyKey"
])

/** Whether a server has a function. */
export const isOn = (name: FunctionName, dialect: DialectName): boolean =>
  !(dialect === "sqlite" && notOnSqlite.has(name)) &&
  (dialect === "postgres" || !(Object.hasOwn(arrays, name) || ownJson.has(name)))

const days = [
  "2024-02-29",
  "2023-12-31",
  "2021-01-03",
  "2020-12-31",
  "1969-12-31",
  "1970-01-01",
  "2000-01-31",
  "2100-03-31",
  "0001-01-01",
  "9999-12-31"
]
const times = ["00:00:00", "23:59:59.999999", "12:34:56.789", "01:02:03.000001", "13:45:06.5"]

const digitsOf = (type: AnyType): number =>
  type.sql._tag === "Timestamp" || type.sql._tag === "Time" ? type.sql.precision : 0

const timeText = (draw: Draw, digits: number): string => {
  const [clock, fraction = ""] = pick(draw, times).split(".")
  return digits === 0 ? clock! : `${clock}.${fraction.padEnd(6, "0").slice(0, digits)}`
}

const valueOf = (draw: Draw, type: AnyType): unknown => {
  if (type.sql._tag === "Date") return LocalDate.parse(pick(draw, days))
  const time = timeText(draw, digitsOf(type))
  return type.sql._tag === "Time"
    ? LocalTime.parse(time)
    : type.codec.json.decode(`${pick(draw, days)}T${time}Z`)
}

const momentTypes = [T.timestamp(3), T.timestamp(6), T.timestamp(0)] as ReadonlyArray<AnyType>
const timeTypes = [T.time(3), T.time(6), T.time(0)] as ReadonlyArray<AnyType>

const kindTypes = {
  date: [T.date] as ReadonlyArray<AnyType>,
  moment: momentTypes,
  time: timeTypes
}

/** A day, a time of day or a moment of a type: a value, seldom NULL, seldom one made of another. */
const temporal = (draw: Draw, type: AnyType, argument: Argument, depth: number): Scalar => {
  const { _tag } = type.sql
  if (depth > 0 && _tag !== "Time" && chance(draw, 3)) {
    const unit = pick(draw, _tag === "Date" ? dayUnits : [...dayUnits, ...clockUnits]) as S.DayUnit
    const self = temporal(draw, type, argument, depth - 1)
    return chance(draw, 2)
      ? S.call(`dateTrunc.${unit}`, [self], type)
      : S.call(`dateAdd.${unit}`, [self, argument("integer")], type)
  }
  return S.bound(draw.below(12) === 11 ? null : valueOf(draw, type), type)
}

export const documentType = T.json(Schema.Unknown)
const documents: ReadonlyArray<unknown> = [
  { a: 1, "a.b": "x", list: [1, { a: true }, null, "é😀"], none: null },
  { a: { a: [2.5, -0.5, 3], '"': false }, "*": [[], [0]] },
  ["x", [1, ["y"]], { a: null }],
  "text",
  "1",
  -3,
  1.5,
  true,
  []
]
const keyLegs: ReadonlyArray<string> = ["a", "list", "a.b", '"', "*", "none"]
const legs: ReadonlyArray<string | number> = ["a", 0, 1, "list", "a.b", '"', "*", "none", 2]

const edits = ["set", "replace", "append", "remove"] as const
const editValues = ["text", "integer", "double", "boolean"] as const

const plainValue = (draw: Draw, sort: Sort): Scalar =>
  S.bound(draw.below(8) === 7 ? null : valueOfSort(draw, sort), typeOf[sort])

/** A document, now and then a changed one. */
const wholeJson = (draw: Draw, depth: number, changed: boolean): Scalar => {
  if (depth === 0 || !(changed || chance(draw, 3)))
    return S.bound(draw.below(10) === 9 ? null : pick(draw, documents), documentType)
  const edit = pick(draw, edits)
  const at = many(draw, "leg", 0, 2, () => pick(draw, legs))
  const place = draw.below(3)
  const path =
    edit === "replace" ? [...at, place] : edit === "remove" ? [...at, pick(draw, legs)] : at
  const keys =
    edit === "set" ? [...new Set(many(draw, "key", 1, 2, () => pick(draw, keyLegs)))] : []
  const values = Array.from(
    { length: edit === "remove" ? 0 : edit === "set" ? keys.length : 1 },
    () => (chance(draw, 3) ? document(draw, depth - 1) : plainValue(draw, pick(draw, editValues)))
  )
  return S.jsonEdit(document(draw, depth - 1, changed), { edit, path, keys }, values, documentType)
}

/** A document, or what is in one. */
export const document = (draw: Draw, depth = 2, changed = false): Scalar => {
  const self = wholeJson(draw, depth, changed)
  return chance(draw, 4)
    ? self
    : S.jsonAt(
        self,
        many(draw, "leg", 1, 3, () => pick(draw, legs)),
        documentType
      )
}

/** An array: of values and NULLs, seldom NULL, seldom one of expressions. */
const array = (draw: Draw, list: ListOf, argument: Argument, depth: number): Scalar => {
  const sort = list.slice(5) as Sort
  const type = T.array(typeOf[sort], { nulls: true })
  if (depth > 0 && chance(draw, 4)) {
    const parts = many(draw, "element", 1, 3, () => argument(sort))
    return chance(draw, 2)
      ? S.call("array", parts, type)
      : S.call("arrayAppend", [array(draw, list, argument, depth - 1), parts[0]!], type)
  }
  const values = many(draw, "element", 0, 4, () =>
    draw.below(6) === 5 ? null : valueOfSort(draw, sort)
  )
  return S.bound(draw.below(12) === 11 ? null : values, type)
}

/** How an argument of a sort is drawn. */
export type Argument = (sort: Sort) => Scalar

const fillTexts = ["x", "é😀", "ab"]

const isList = (slot: string): slot is ListOf => slot.startsWith("list ")

/** A call of a function by one of its signatures. */
const callBy = (
  draw: Draw,
  name: FunctionName,
  { args, gives }: Signature,
  argument: Argument,
  edits = false
): Scalar => {
  // Two moments are of one type.
  const types = {
    date: pick(draw, kindTypes.date),
    moment: pick(draw, kindTypes.moment),
    time: pick(draw, kindTypes.time)
  }
  const nodes = args.map((slot) =>
    typeof slot !== "string"
      ? "at" in slot
        ? S.constant(slot.at, T.integer)
        : "whole" in slot
          ? S.constant(draw.below(slot.whole + 1), T.integer)
          : S.bound(pick(draw, fillTexts), T.text)
      : slot === "keys"
        ? S.bound(
            many(draw, "key", 0, 3, () => pick(draw, keyLegs)),
            T.array(T.text)
          )
        : slot === "json"
          ? document(draw, 2, edits)
          : slot === "date" || slot === "moment" || slot === "time"
            ? temporal(draw, types[slot], argument, 1)
            : isList(slot)
              ? array(draw, slot, argument, 1)
              : argument(slot)
  )
  const type =
    name === "toTimestamp"
      ? T.timestamp()
      : gives === "list"
        ? T.array(nodes[0]!.type, { nulls: true })
        : gives === "same"
          ? nodes[0]!.type
          : gives === "date"
            ? T.date
            : typeOf[gives]
  return S.call(name, nodes, type)
}

/** A call of a function over drawn arguments. */
export const drawnCall = (draw: Draw, name: FunctionName, argument: Argument): Scalar =>
  callBy(draw, name, pick(draw, signatures.get(name)!), argument)

const givers = new Map<Sort, ReadonlyArray<readonly [FunctionName, Signature]>>()

/** The functions that give a sort, on every server. */
const giving = (sort: Sort): ReadonlyArray<readonly [FunctionName, Signature]> => {
  let found = givers.get(sort)
  if (found === undefined) {
    found = [...signatures].flatMap(([name, all]) =>
      !isOn(name, "sqlite")
        ? []
        : all
            .filter(({ args, gives }) => (gives === "same" ? args[0] : gives) === sort)
            .map((one) => [name, one] as const)
    )
    givers.set(sort, found)
  }
  return found
}

/** A call that gives a sort, if so asked of a document, or of one that is changed. */
export const callGiving = (
  draw: Draw,
  sort: Sort,
  argument: Argument,
  { documents, edits } = { documents: false, edits: false }
): Scalar => {
  const all = giving(sort)
  const ofDocuments = documents ? all.filter(([name]) => name.startsWith("json")) : []
  const [name, signature] = pick(draw, ofDocuments.length > 0 ? ofDocuments : all)
  return callBy(draw, name, signature, argument, edits)
}

/** Several calls of one function. */
export const drawnCalls = (draw: Draw, name: FunctionName, argument: Argument) =>
  many(draw, "call", 1, 4, () => drawnCall(draw, name, argument))
