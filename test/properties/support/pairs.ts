import type { Scalar } from "../../../src/algebra/Scalar.ts"
import { type Sort, sortsOf, type Tag } from "./sorts.ts"

const any: ReadonlyArray<Sort> = ["integer", "text", "boolean", "bigint", "count", "double"]
const numbers: ReadonlyArray<Sort> = ["integer", "bigint", "count", "double"]
const whole: ReadonlyArray<Sort> = ["integer"]
const truth: ReadonlyArray<Sort> = ["boolean"]
const text: ReadonlyArray<Sort> = ["text"]

/** The sorts of the expressions below each node; null where it has none below. */
const below: Readonly<Record<Tag, ReadonlyArray<Sort> | null>> = {
  Ref: null,
  Presence: null,
  Bound: null,
  BoundList: null,
  Named: null,
  Generated: null,
  Constant: null,
  Default: null,
  Compare: any,
  And: truth,
  Or: truth,
  Not: truth,
  IsNull: any,
  Arith: numbers,
  Negate: numbers,
  Like: text,
  Tuple: any,
  InList: ["integer", "text", "boolean", "bigint"],
  InQuery: any,
  Between: any,
  Case: any,
  Cast: ["boolean", "bigint", "integer", "text"],
  JsonAt: null,
  JsonEdit: null,
  Call: any,
  Aggregate: any,
  Grouping: any,
  WindowCall: any,
  Window: any,
  Subquery: null,
  Exists: null,
  Raw: ["integer", "text"],
  CustomScalar: ["integer", "text"],
  Unit: null,
  Table: null,
  Derived: null,
  Cte: null,
  Join: truth,
  Filter: truth,
  Group: any,
  Project: any,
  Distinct: null,
  DistinctOn: null,
  Order: any,
  Slice: whole,
  Combine: null,
  Recursion: null,
  Lock: null,
  Hint: null,
  Values: null,
  TableFunction: null,
  Sample: null,
  CustomRelation: null,
  Insert: any,
  Update: any,
  Delete: any,
  Merge: any
}

/** Where the algebra or SQL says no, although the sorts agree. */
const notBelow: Readonly<Partial<Record<Tag, ReadonlyArray<Tag>>>> = {
  // One group at a time; a condition on joins and groups' keys comes before there are groups.
  // Save over a window, where an aggregate of a group's aggregates stands.
  Aggregate: ["Window"],
  Join: ["Aggregate", "Window"],
  Filter: ["Window"],
  Group: ["Aggregate", "Grouping", "Window", "Generated"],
  // What is asked for is a key.
  Grouping: ["Aggregate", "Grouping", "Window", "Generated"],
  Window: ["Window"],
  WindowCall: ["Window"],
  // One list of parts: the constructors flatten.
  And: ["And"],
  Or: ["Or"],
  // Counts of rows are values.
  Slice: [
    "Ref",
    "Generated",
    "Arith",
    "Negate",
    "Case",
    "Cast",
    "Call",
    "Aggregate",
    "Grouping",
    "Window",
    "Subquery",
    "Raw",
    "CustomScalar"
  ],
  Insert: ["Aggregate", "Grouping", "Window"],
  Update: ["Aggregate", "Grouping", "Window"],
  Delete: ["Aggregate", "Grouping", "Window"],
  Merge: ["Aggregate", "Grouping", "Window"]
}

const sources: ReadonlyArray<Tag> = ["Table", "Derived", "Cte", "Join"]
const closed: ReadonlyArray<Tag> = ["Distinct", "DistinctOn", "Slice", "Combine"]
const queries: ReadonlyArray<Tag> = ["Project", "Order", "CustomRelation", ...closed, "Filter"]

const given: ReadonlyArray<Tag> = [...queries, "Values"]

/** The relations below each relation, and below each expression that holds a query. */
const relationsBelow: Readonly<Partial<Record<Tag, ReadonlyArray<Tag>>>> = {
  Derived: [...given, "TableFunction"],
  Cte: [...given, "Recursion", "Lock", "Hint", "Insert", "Update", "Delete", "Merge"],
  Exists: given,
  InQuery: given,
  Combine: given,
  Sample: ["Table"],
  Recursion: given,
  Lock: ["Project", "Order", "Slice"],
  Hint: [...given, "Lock"],
  Subquery: ["Project", "Slice"],
  Join: [...sources, "Sample", ...closed],
  Filter: ["Unit", "Filter", "Group", "Sample", ...sources, ...closed],
  Group: ["Unit", "Filter", "Sample", ...sources, ...closed],
  Project: ["Unit", "Filter", "Group", "Sample", ...sources],
  Distinct: ["Project", ...closed],
  DistinctOn: ["Order"],
  Order: ["Project", "Distinct", "Combine", "DistinctOn", "Slice"],
  Slice: ["Order", "DistinctOn", "Slice"],
  CustomRelation: ["Project", "Distinct", "Combine", "Order", "DistinctOn", "Slice"],
  Insert: given,
  Update: [...sources, "Sample", "Slice"],
  Delete: [...sources, "Sample"],
  Merge: [...sources, "Sample"]
}

export const kinds = Object.keys(below) as ReadonlyArray<Tag>
const scalars = Object.keys(sortsOf) as ReadonlyArray<Scalar["_tag"]>

/** What is drawn for the arguments of functions of tables. */
const fed: ReadonlySet<Tag> = new Set<Tag>(["Bound", "Ref", "Constant", "JsonAt"])

/** Where tuples stand: their parts are compared. */
const tupled: ReadonlySet<Tag> = new Set<Tag>(["Compare", "InList", "InQuery"])

/** What gives values to columns. */
const written: ReadonlySet<Tag> = new Set<Tag>(["Insert", "Update", "Merge"])

const possible = (parent: Tag): ReadonlyArray<Tag> => {
  const sorts = below[parent] ?? []
  const expressions = scalars.filter(
    (child) =>
      (parent === "InList" && child === "BoundList") ||
      ((parent === "Values" || parent === "Sample") && child === "Bound") ||
      (parent === "TableFunction" && fed.has(child)) ||
      (child === "Tuple" && tupled.has(parent)) ||
      (parent === "JsonAt" && child === "Bound") ||
      (parent === "Call" && (child === "JsonAt" || child === "JsonEdit")) ||
      ((parent === "JsonAt" || parent === "JsonEdit") && child === "JsonEdit") ||
      (parent === "JsonEdit" && (child === "Bound" || child === "JsonAt")) ||
      (written.has(parent) && child === "Default") ||
      (parent === "Window" && child === "WindowCall") ||
      (sortsOf[child].some((sort) => sorts.includes(sort)) &&
        !(notBelow[parent] ?? []).includes(child))
  )
  return [...expressions, ...(relationsBelow[parent] ?? [])]
}

/** Every parent over child that can be. */
export const pairs: ReadonlyArray<string> = kinds.flatMap((parent) =>
  possible(parent).map((child) => `${parent} > ${child}`)
)

/** How many of all pairs cannot be. */
export const impossible = kinds.length * kinds.length - pairs.length
