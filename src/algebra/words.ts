import type { DialectName } from "./Dialect.ts"
import type { OnConflict } from "./schema/tableStorage.ts"

/** The words nodes are told apart by: data without nodes in it. */

/**
 * `= <> < <= > >=`, NULL where an operand is NULL; `same` and `notSame` take NULL for a value like
 * any other and are never NULL: `IS NOT DISTINCT FROM`.
 */
export type Comparison = "eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "same" | "notSame"

/**
 * `+ - *`, true division, integer quotient (towards zero) and its remainder; the bits of integers
 * in two's complement. A shift's right operand is a constant below the width of its type; to the
 * left it drops what leaves the width, to the right it keeps the sign.
 * NULL where an operand is NULL and where the divisor is zero.
 */
export type Arithmetic = "add" | "sub" | "mul" | "div" | "quot" | "rem" | BitOperator

export type BitOperator = "bitAnd" | "bitOr" | "bitXor" | "shiftLeft" | "shiftRight"

/** Parts of a day in the calendar; weeks are ISO 8601's, and `dow` counts from Sunday, 0. */
export type DayPart =
  | "year"
  | "quarter"
  | "month"
  | "day"
  | "dow"
  | "isodow"
  | "doy"
  | "isoWeek"
  | "isoYear"
  | "epoch"

/** Parts of a time of day, in UTC; those of a second are whole and below 1,000 and 1,000,000. */
export type ClockPart = "hour" | "minute" | "second" | "millisecond" | "microsecond"

/** Units of the calendar; a week starts on Monday. */
export type DayUnit = "year" | "quarter" | "month" | "week" | "day"

/** Units of time of one length. */
export type ClockUnit = "hour" | "minute" | "second"

/**
 * Functions of values, by their SQL name. NULL where an argument is, but for `coalesce`, `nullif`,
 * the texts `concatWs` joins and elements of arrays. The moment of the statement and chance have no
 * arguments.
 */
export type FunctionName =
  | "lower"
  | "upper"
  | "trim"
  | "ltrim"
  | "rtrim"
  | "length"
  | "octetLength"
  | "replace"
  | "substring"
  | "position"
  | "left"
  | "right"
  | "lpad"
  | "rpad"
  | "repeat"
  | "reverse"
  | "md5"
  | "sha256"
  | "concat"
  | "concatWs"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "power"
  | "sqrt"
  | "greatest"
  | "least"
  | "coalesce"
  | "nullif"
  | VolatileName
  | "jsonAs"
  | "jsonType"
  | "jsonLength"
  | "jsonContains"
  | "jsonContainedBy"
  | "jsonHasKeys"
  | "jsonHasAnyKey"
  | JsonPathFunctionName
  | ArrayFunctionName
  | RangeFunctionName
  | "addInterval"
  | "subtractInterval"
  | "makeDate"
  | "toDate"
  | "toTimestamp"
  | `extract.${DayPart | ClockPart}`
  | `dateTrunc.${DayUnit | ClockUnit}`
  | `dateAdd.${DayUnit | ClockUnit | "microsecond"}`
  | `dateDiff.${"week" | "day" | ClockUnit}`

/**
 * Functions of arrays, whose places count from 1. To `arrayContains`, `arrayContainedBy` and
 * `arrayOverlaps` an element that is NULL equals nothing; to the others NULL is NULL, so that an
 * element never makes the whole NULL. To `arrayConcat`, `arrayAppend`, `arrayPrepend` and
 * `arrayPut` a NULL array has no elements, but of two NULLs the first gives NULL.
 */
export type ArrayFunctionName =
  | "array"
  | "arrayElement"
  | "arraySlice"
  | "arrayContains"
  | "arrayContainedBy"
  | "arrayOverlaps"
  | "arrayConcat"
  | "arrayAppend"
  | "arrayPrepend"
  | "arrayRemove"
  | "arrayReplace"
  | "arrayPut"
  | "arrayPosition"
  | "arrayLength"
  | "arrayCardinality"

/** Functions of documents by a path in SQL's own language. */
export type JsonPathFunctionName = "jsonPathExists" | "jsonPathMatches" | "jsonPathQuery"

/**
 * Functions of ranges, NULL where an argument is, but for the bounds `range` is made of, where NULL
 * is no bound.
 */
export type RangeFunctionName =
  | `range${"[)" | "[]" | "(]" | "()"}`
  | "multirange"
  | "rangeContains"
  | "rangeContainedBy"
  | "rangeOverlaps"
  | "rangeAdjacent"
  | "rangeBefore"
  | "rangeAfter"
  | "rangeEndsWithin"
  | "rangeBeginsWithin"
  | "rangeUnion"
  | "rangeIntersection"
  | "rangeDifference"
  | "rangeMerge"
  | "rangeLower"
  | "rangeUpper"
  | "rangeIsEmpty"
  | "rangeLowerInfinite"
  | "rangeUpperInfinite"
  | "rangeIncludesLower"
  | "rangeIncludesUpper"

/** Functions that may have another value each time they are asked. */
export type VolatileName = "random" | "now" | "currentDate" | "currentTime"

/**
 * Functions of a group of rows. The last three take their values from `order`: `percentileCont` and
 * `percentileDisc` of a fraction, `mode` of nothing. Of several values `jsonAgg` makes an array of
 * their arrays.
 */
export type AggregateName =
  | "count"
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "stringAgg"
  | "jsonAgg"
  | "jsonObjectAgg"
  | "arrayAgg"
  | "rangeAgg"
  | "rangeIntersectAgg"
  | "percentileCont"
  | "percentileDisc"
  | "mode"

/** Functions of a row's place in its window. */
export type WindowName =
  | "rowNumber"
  | "rank"
  | "denseRank"
  | "percentRank"
  | "cumeDist"
  | "ntile"
  | "lag"
  | "lead"
  | "firstValue"
  | "lastValue"
  | "nthValue"

/** One end of a frame; the offset of `preceding` and `following` is the next of `offsets`. */
export type FrameBound =
  | "unbounded preceding"
  | "preceding"
  | "current row"
  | "following"
  | "unbounded following"

/**
 * Which rows of its partition a window function sees from one row: between two bounds counted in
 * rows, in groups of rows that sort alike, or in values of the one sort key; without those
 * excluded.
 */
export interface Frame {
  readonly unit: "rows" | "range" | "groups"
  readonly start: FrameBound
  readonly end: FrameBound
  readonly exclude: "no others" | "current row" | "group" | "ties"
}

export interface Direction {
  readonly direction: "asc" | "desc"
  /** NULL is the smallest value unless said. */
  readonly nulls: "first" | "last"
}

export type JoinKind = "inner" | "left" | "right" | "full" | "cross"

export type CombineOperator =
  | "union"
  | "unionAll"
  | "intersect"
  | "intersectAll"
  | "except"
  | "exceptAll"

/** What others may no longer do to a locked row: change it, or refer to it, or share it. */
export type LockStrength = "update" | "no key update" | "share" | "key share"

/** What becomes of a row another transaction holds: an error at once, or no row. */
export type LockWait = "nowait" | "skip locked"

/** Text for some dialects; the others are not told. */
export type DialectText = Readonly<Partial<Record<DialectName, string>>>

/** What a server is told beside the query, and where. */
export type HintForm =
  /** Says nothing to the server: the program knows that the query's parts write. */
  | { readonly _tag: "Writes" }
  /** Before SELECT, for whoever reads logs. */
  | { readonly _tag: "Comment"; readonly text: string }
  /** In the comment the optimiser reads. */
  | { readonly _tag: "Optimizer"; readonly text: DialectText }
  /** After SELECT. */
  | { readonly _tag: "Prefix"; readonly text: DialectText }
  /** At the end. */
  | { readonly _tag: "Suffix"; readonly text: DialectText }
  /** After a table, on MySQL and MariaDB. */
  | {
      readonly _tag: "Index"
      readonly alias: string
      readonly verb: "use" | "force" | "ignore"
      readonly names: ReadonlyArray<string>
    }

/** What happens to referring rows when the key they refer to goes. */
export type ReferentialAction = "no action" | "restrict" | "cascade" | "set null" | "set default"

/** With which of many values a comparison must hold: one of them, or each. */
export type Quantifier = "any" | "all"

/**
 * When a rule is checked: with each statement, or later if a transaction asks for it, or at its end
 * unless it asks otherwise.
 */
export type Deferral = "no" | "immediate" | "deferred"

/** Whether a foreign key of several columns may be NULL in part: MATCH SIMPLE, MATCH FULL. */
export type Match = "simple" | "full"

/** A unique constraint over columns, by key. */
export interface UniqueNode {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  /** Column keys kept beside the key, for queries that read the index alone. */
  readonly include: ReadonlyArray<string>
  /** Two rows with a NULL in the same place clash. */
  readonly nullsEqual: boolean
  readonly deferrable: Deferral
  /** SQLite: what becomes of a row that breaks it. */
  readonly conflict: OnConflict | null
  readonly comment: string | null
}

/** What is done to a document and where. */
export interface JsonChange {
  readonly edit: "set" | "replace" | "append" | "remove"
  readonly path: ReadonlyArray<string | number>
  /** Of `set` only, one for each value. */
  readonly keys: ReadonlyArray<string>
}

/**
 * Functions that give rows: whole numbers in steps; the elements of a list in a document, or of an
 * array; what an object has under its keys; a user's own.
 */
export type TableFunctionName =
  | "series"
  | "elements"
  | "entries"
  | "unnest"
  | "called"
  /** A list of lists of texts, one for each column: only the compiler says so. */
  | "listed"

/**
 * Who makes the next version of a row: the client counts, asks its clock or draws; the server makes
 * it by itself, and it is read.
 *
 * @category models
 */
export type Versioning = "counter" | "clock" | "drawn" | "server"

/**
 * Which statements have the server set a value of its own, as by a trigger.
 *
 * @category models
 */
export type ServerSets = "insert" | "update" | "both"
