import type { RowShape } from "../../../src/algebra/RowShape.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { CteSource, Source } from "../../../src/algebra/Source.ts"
import type { TableFunction } from "../../../src/algebra/Relation.ts"
import { projection } from "../../../src/algebra/block.ts"
import type { Aim } from "./aim.ts"
import type { Clause, Read } from "./places.ts"
import type { Seek } from "./seek.ts"
import type { Sort, Tag } from "./sorts.ts"
import { sortOf, typeOf } from "./sorts.ts"

/** An expression that has a value in a scope, with its sort. */
export interface Leaf {
  readonly node: Scalar
  readonly sort: Sort
}

/** What is shared by a whole statement while it is generated. */
export interface Home {
  /** Aliases given so far: every alias of a statement is its own. */
  aliases: number
  readonly parameters: Record<string, unknown>
  readonly ctes: Array<CteSource>
  /** Within the keys of a group: what has no value until the statement runs stays out. */
  inKeys: boolean
  /** A command gives its rows back: somebody asks for them. */
  givesBack: boolean
  /** Kinds of expression to make more often. */
  readonly favour: ReadonlyArray<Scalar["_tag"]>
  /** What the statement is to hold, and the node whose child is drawn now. */
  readonly aim: Aim | null
  at: Tag | null
  /** How often something was drawn for the sake of the aim. */
  aimed: number
  /** A query in a clause that the statement is to have, until it has it. */
  seek: Seek | null
  /** The clause that is drawn now. */
  clause: Clause | null
  /** What the next source is to be. */
  wish: Read | null
  /** The next block refers to what is around it. */
  link: boolean
  /** Above its groups and what is distinct the next query may name what has no value there. */
  loose: boolean
  /** Sources may have arrays and objects of groups, of which is sayable what is in them. */
  documents: boolean
  /** Nodes the generator leaves out, because a law is about others. */
  readonly without: ReadonlySet<string>
}

export const newHome = (
  without: ReadonlyArray<string> = [],
  favour: ReadonlyArray<Scalar["_tag"]> = [],
  aim: Aim | null = null
): Home => ({
  aliases: 0,
  parameters: {},
  ctes: [],
  inKeys: false,
  givesBack: false,
  favour,
  aim,
  at: null,
  aimed: 0,
  seek: null,
  clause: null,
  wish: null,
  link: false,
  loose: false,
  documents: false,
  without: new Set(without)
})

/** Where an expression is generated: what it may refer to. */
export interface Context {
  readonly home: Home
  /** Columns of the query's own scope; above a group, its keys. */
  readonly leaves: ReadonlyArray<Leaf>
  /** Columns of enclosing queries. */
  readonly outer: ReadonlyArray<Leaf>
  /** Above a group, what the arguments of aggregates see. */
  readonly members: Context | null
  /** No subqueries here. */
  readonly flat?: boolean
  /** A window may stand here: its rows are known. */
  readonly around?: boolean
  /** What is below a group or what is distinct may be named above it, as if it had a value. */
  readonly loose?: boolean
}

/**
 * What a subquery sees of the query around it: columns, and above a group plain columns only.
 * Whether another key may be said inside a subquery is a matter of the server.
 */
export const seenInside = ({ leaves, members, outer }: Context): ReadonlyArray<Leaf> => [
  ...leaves.filter(
    ({ node }) => node._tag === "Ref" || (node._tag === "Presence" && members === null)
  ),
  ...outer
]

/** One alias in scope. */
export interface Known {
  readonly alias: string
  readonly source: Source
  readonly leaves: ReadonlyArray<Leaf>
}

const freshAlias = (home: Home): string => `t${home.aliases++}`

const cells = function* (
  shape: RowShape,
  path: ReadonlyArray<string>
): Generator<{ readonly path: ReadonlyArray<string>; readonly index: number | null }> {
  if (shape._tag === "Cell") yield { path, index: shape.index }
  else {
    if (path.length > 0) yield { path, index: null }
    for (const [i, key] of shape.keys.entries()) yield* cells(shape.parts[i]!, [...path, key])
  }
}

const leavesOf = (alias: string, source: Source): ReadonlyArray<Leaf> => {
  const present: Leaf = { node: S.presence(alias, source, [], typeOf.boolean), sort: "boolean" }
  if (source._tag === "TableSource") {
    return [
      ...source.columns.map(({ key, type }) => ({
        node: S.ref(alias, source, [key], type),
        sort: sortOf(type)
      })),
      present
    ]
  }
  if (source.query._tag === "TableFunction")
    return [...functionLeaves(alias, source, source.query), present]
  const { fields, shape } = projection(source.query)!
  const leaves = [...cells(shape, shape._tag === "Cell" ? ["value"] : [])].map(
    ({ path, index }): Leaf =>
      index === null
        ? { node: S.presence(alias, source, path, typeOf.boolean), sort: "boolean" }
        : {
            node: S.ref(alias, source, path, fields[index]!.type),
            sort: sortOf(fields[index]!.type)
          }
  )
  return [...leaves, present]
}

/** What is sayable of a function's row: a document only by what is in it. */
const functionLeaves = (
  alias: string,
  source: Source,
  { name, row }: TableFunction
): ReadonlyArray<Leaf> => {
  const keys = row.shape._tag === "Record" ? row.shape.keys : []
  const column = (key: string): Scalar =>
    S.ref(alias, source, [key], row.fields[keys.indexOf(key)]!.type)
  const as = (sort: Sort): Leaf => ({
    node: S.call("jsonAs", [column("value")], typeOf[sort]),
    sort
  })
  const place: Leaf = { node: column("ordinality"), sort: "count" }
  switch (name) {
    case "series":
      return [{ node: column("value"), sort: "count" }, place]
    case "elements":
      return [as("integer"), as("text"), as("boolean"), place]
    default:
      // An object's entries stand in no order.
      return [{ node: column("key"), sort: "text" }, as("integer"), as("text")]
  }
}

/** A source under an alias. */
export const knownUnder = (alias: string, source: Source): Known => ({
  alias,
  source,
  leaves: leavesOf(alias, source)
})

/** A source under a new alias. */
export const knownAs = (home: Home, source: Source): Known => knownUnder(freshAlias(home), source)
