import type { Command } from "../../algebra/Command.ts"
import type { Relation } from "../../algebra/Relation.ts"
import { isDrawn } from "../../algebra/Scalar.ts"
import { type Context, type Program, treesOf } from "../Program.ts"
import { readOut } from "../wrapped.ts"
import { survey } from "../survey.ts"
import type { Placed, Result } from "../Placed.ts"
import { placeCommand, placeWritten } from "./place/commands.ts"
import { checkCorrelation } from "./place/correlation.ts"
import { once } from "./place/Draft.ts"
import { placer } from "./place/relations.ts"
import { isSteady } from "./place/repeatable.ts"
import { aggregatedQueries, saidInside } from "./place/saidInside.ts"
import { type Offered, projectionOf } from "./place/sources.ts"

/**
 * From relations to SELECT blocks: flat SQL, subqueries only where a clause would come too late.
 *
 * **Laws** L2: `⟦place(q)⟧ = ⟦q⟧`; every column of the result names something in its own FROM or in
 * that of an outer query (`verify`); L28: generated aliases meet no alias of the statement.
 */
export const place = (program: Program, context: Context): Placed => {
  const offered = new Map<string, Offered>()
  const inlines = isCommand(program.root) && !takesCtes(program, context)
  const inlined = inlines ? queriesByName(program) : none
  const places = placer(context, offered, inlined, aliasMaker(program), {
    inside: once(() => saidInside(program)),
    aggregated: once(() => aggregatedQueries(program))
  })
  const ctes = (inlines ? [] : program.ctes).map(({ source, query }) => {
    const one = isCommand(query)
      ? placeWritten(query, places, context)
      : places.offered(query, null)
    offered.set(source.name, one.offered)
    const drawn = !isCommand(query) && survey(query).some(isDrawn)
    return { source, query: one.query, recursive: query._tag === "Recursion", isDrawn: drawn }
  })
  const { root } = program
  const placed: Placed = isCommand(root)
    ? { ctes, root: placeCommand(root, places, context), result: returnedBy(root) }
    : { ctes, root: places.query(root, null, "row"), result: resultOf(root) }
  // MariaDB asks for a common table expression each time it is named.
  if (context.capabilities.dialect === "mariadb")
    for (const cte of ctes)
      if (cte.isDrawn && places.used.filter((one) => one === cte.source).length > 1)
        context.refuse("materializedHint", "drawn rows that are named more than once")
  places.finish.seal()
  checkCorrelation(placed, context)
  return readOut(placed, context)
}

const none: ReadonlyMap<string, Relation> = new Map()

const queriesByName = ({ ctes }: Program): ReadonlyMap<string, Relation> =>
  new Map(
    ctes.flatMap(({ query, source }) => (isCommand(query) ? [] : [[source.name, query] as const]))
  )

/**
 * Whether common table expressions stand before the command. PostgreSQL has no WITH RECURSIVE for
 * MERGE, up to 18; inside its queries it has.
 */
const takesCtes = ({ ctes, root }: Program, context: Context): boolean => {
  if (!context.capabilities.withCommands) {
    // Written where it is used it would be drawn for each use, or for each row.
    if (ctes.some(({ query }) => survey(query).some(isDrawn)))
      context.refuse("withCommands", "a common table expression that draws, before a command")
    return false
  }
  if (root._tag !== "Merge" || !context.capabilities.merge) return true
  if (ctes.every(({ query }) => query._tag !== "Recursion")) return true
  const isSaidInside = ctes.every(({ query }) => !isCommand(query) && isSteady(query))
  if (!isSaidInside)
    context.refuse(
      "mergeRecursion",
      "a MERGE with a recursion and what may answer twice differently"
    )
  return !isSaidInside
}

export const isCommand = (root: Relation | Command): root is Command =>
  root._tag === "Insert" ||
  root._tag === "Update" ||
  root._tag === "Delete" ||
  root._tag === "Merge"

const resultOf = (root: Relation): Result => {
  const { fields, shape } = projectionOf(root)
  return { types: fields.map((field) => field.type), shape }
}

const returnedBy = (root: Command): Result | null =>
  root.shape === null
    ? null
    : { types: root.returned.map((field) => field.type), shape: root.shape }

/** Aliases q1, q2, … that nothing in the statement is called. */
const aliasMaker = (program: Program): (() => string) => {
  const taken = once(() => takenIn(program))
  let next = 0
  return () => {
    do next++
    while (taken().has(`q${next}`))
    return `q${next}`
  }
}

const takenIn = (program: Program): ReadonlySet<string> => {
  const taken = new Set<string>()
  for (const cte of program.ctes) taken.add(cte.source.name.toLowerCase())
  for (const tree of treesOf(program))
    for (const node of survey(tree)) {
      if ("alias" in node) taken.add(node.alias.toLowerCase())
      if ("source" in node && node.source._tag === "TableSource")
        taken.add(node.source.name.toLowerCase())
    }
  return taken
}
