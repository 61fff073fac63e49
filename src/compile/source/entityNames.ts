import type { SnapshotColumn, SnapshotTable } from "../../algebra/schema/Snapshot.ts"

/**
 * A relation as it is printed, for who names it.
 *
 * @category models
 */
export interface NamedRelation {
  readonly kind: "belongsTo" | "hasMany" | "manyToMany"
  readonly of: SnapshotTable
  readonly target: SnapshotTable
  /** The foreign key's columns: its own, its target's, or its link table's that lead away. */
  readonly columns: ReadonlyArray<string>
  readonly through: SnapshotTable | null
}

/**
 * What entities, their columns and their relations are called, each given what it would be.
 *
 * **Shape** two of one name, or one that the mapper keeps for itself, are told apart by a number;
 * `unsaid` tells of them.
 * **Source** SQLAlchemy 2.0 automap, `classname_for_table`, `name_for_scalar_relationship`.
 *
 * @category models
 */
export interface EntityNaming {
  readonly entity?: (table: SnapshotTable, usual: string) => string
  readonly column?: (column: SnapshotColumn, table: SnapshotTable, usual: string) => string
  readonly relation?: (relation: NamedRelation, usual: string) => string
}

/** Words between what joins them: `post_tags` and `postTags` are two. */
const wordsOf = (name: string): ReadonlyArray<string> =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** `post_tags` as the name of a class: `PostTags`. */
export const pascal = (name: string): string => wordsOf(name).map(capital).join("")

/** `post_tags` as the name of a property: `postTags`. */
export const camel = (name: string): string => {
  const whole = pascal(name)
  return whole.charAt(0).toLowerCase() + whole.slice(1)
}

/** One of what a word says there are many of, as English does most of the time. */
export const singular = (word: string): string => {
  if (/[^aeiou]ies$/i.test(word)) return `${word.slice(0, -3)}y`
  if (/(?:ss|[^oa]us|x|ch|sh)es$/i.test(word)) return word.slice(0, -2)
  return /[^sui]s$/i.test(word) ? word.slice(0, -1) : word
}

/** A column's key: the name in humps where that gives the name again. */
export const columnKey = (name: string): string =>
  /^[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*$/.test(name) ? camel(name) : name

/** What a foreign key is about: `author_id` is about the `author`. */
export const roleOf = (columns: ReadonlyArray<string>): string | null => {
  const [first, ...more] = columns
  if (first === undefined || more.length > 0) return null
  const role = first.replace(/_?(?:id|key|uuid)$/i, "")
  return camel(role) === "" || role === first ? null : role
}
