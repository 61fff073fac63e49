import { projection } from "../algebra/block.ts"
import type { Command } from "../algebra/Command.ts"
import type { CustomRelation, Relation } from "../algebra/Relation.ts"
import { snakeCase } from "../algebra/schema/naming.ts"
import { boundIn } from "./phases/place/saidInside.ts"
import { isQuery, labelsOf, type Placed, type Query } from "./Placed.ts"
import { facts, survey } from "./survey.ts"

/** A column of a text by hand that bears the name of another than is declared in its place. */
export interface Misplaced {
  readonly at: number
  readonly declared: string
  readonly given: string
}

/** The text by hand whose columns a statement takes by position; null where there is none. */
export const textByPosition = (root: Relation | Command): CustomRelation | null => {
  let at = root._tag === "Insert" ? root.rows : root
  while (at !== null && (at._tag === "Lock" || at._tag === "Hint")) at = at.self
  return at?._tag === "CustomRelation" ? at : null
}

/** The texts by hand inside of a statement that can be said alone: they go by their names there. */
export const textsByName = (root: Relation | Command): ReadonlyArray<CustomRelation> => {
  const first = textByPosition(root)
  return [root, ...root.ctes.map(({ query }) => query)].flatMap((tree) =>
    facts(tree).inner.filter(
      (node) => node._tag === "CustomRelation" && node !== first && isClosed(node)
    )
  ) as ReadonlyArray<CustomRelation>
}

/**
 * Whether it means something alone: nothing in it is of the statement around it, and no alias there
 * hides another. Rows of a recursion's step are, and those that a part gives back.
 */
const isClosed = (node: CustomRelation): boolean => {
  const bound = boundIn(node)
  return (
    node.ctes.every(({ query }) => !("returned" in query)) &&
    survey(node).every((one) =>
      one._tag === "Ref" || one._tag === "Presence"
        ? bound.has(one.alias)
        : one._tag !== "Cte" || one.source._tag === "CteSource"
    )
  )
}

/**
 * Names of the columns of a text by hand, as they are declared, or as the query inside it gives
 * them; null for a statement that is built.
 */
export const textColumns = (
  root: Relation | Command,
  placed: Placed["root"]
): ReadonlyArray<string> | null => {
  const text = textByPosition(root)
  if (text === null) return null
  const declared = declaredKeys(text)
  if (declared !== null) return declared
  const said = placed._tag === "Insert" ? placed.rows : placed
  return said !== null && isQuery(said) ? labelsOf(said) : null
}

/** The names a text that stands alone is to give its columns; null where a query in it has them. */
const declaredKeys = ({ replaces, self }: CustomRelation): ReadonlyArray<string> | null => {
  const shape = replaces ? projection(self)?.shape : undefined
  return shape?._tag === "Record" ? shape.keys : null
}

/**
 * What says the columns of a text, under the names the text has for them: also those that look like
 * names given to columns here. Names that differ by case alone are not one name on every server.
 */
export const underDeclared = (said: Query, node: CustomRelation): Query => {
  const keys = declaredKeys(node)
  if (keys === null || said._tag !== "Block") return said
  const isTold = new Set(keys.map((key) => key.toLowerCase())).size === keys.length
  const items = said.items.map((item, at) => ({ ...item, label: keys[at]! }))
  return isTold ? { ...said, items } : said
}

/**
 * The columns that cannot be read by position: each field whose column the text gives is read from
 * a column of that name. A column that is no field's is whatever stands in its place.
 *
 * **Shape** a field is known by its key, by that in snake_case, and whatever the case unless two
 * differ by it.
 */
export const misplaced = (
  declared: ReadonlyArray<string>,
  given: ReadonlyArray<string | null>
): ReadonlyArray<Misplaced> => {
  const fieldOf = fieldsByName(declared)
  const fields = given.map((name) => (name === null ? -1 : fieldOf(name)))
  return given.flatMap((name, at) => {
    const field = fields[at]!
    const isElsewhere = field >= 0 && field !== at && fields[field] !== field
    return isElsewhere && name !== null && at < declared.length
      ? [{ at, declared: declared[at]!, given: name }]
      : []
  })
}

/** The place of the field a name is of; -1 where it is no field's. */
const fieldsByName = (declared: ReadonlyArray<string>): ((name: string) => number) => {
  const folded = declared.map((key) => key.toLowerCase())
  const snakes = declared.map(snakeCase)
  const sole = (names: ReadonlyArray<string>, name: string): number => {
    const at = names.indexOf(name)
    return at === names.lastIndexOf(name) ? at : -1
  }
  return (name) => {
    const exact = declared.indexOf(name)
    if (exact >= 0) return exact
    const low = name.toLowerCase()
    const alike = sole(folded, low)
    return alike >= 0 ? alike : sole(snakes, low)
  }
}

/** A declared column whose name a text gives twice, as SQLite takes names: whatever their case. */
export const givenTwice = (
  declared: ReadonlyArray<string>,
  given: ReadonlyArray<string | null>
): string | null => {
  const names = given.map((name) => name?.toLowerCase())
  return (
    declared.find((key) => {
      const name = key.toLowerCase()
      return names.indexOf(name) !== names.lastIndexOf(name)
    }) ?? null
  )
}
