import type { Snapshot, SnapshotColumn, SnapshotTable } from "../../algebra/schema/Snapshot.ts"

/** Decimals as SQLite keeps them: whole numbers of the last place, or texts with all places. */
interface Decimals {
  readonly as: "number" | "text"
  readonly precision: number
  readonly scale: number
}

/** Of a column that says so: a whole number without places may be of any. */
const decimalsIn = ({ sql, type }: SnapshotColumn): Decimals | null => {
  if (sql?._tag !== "Numeric") return null
  const as = type.startsWith("INTEGER(") ? "number" : type.startsWith("TEXT(") ? "text" : null
  return as === null ? null : { as, precision: sql.precision, scale: sql.scale }
}

/** The largest whole number up to which a double holds each. */
const doubles = 2 ** 53

/** No number, but where there is none: the rows are asked for such afterwards. */
const unlike = (value: string): string => `${value} || '-'`

const times = (value: string, places: number): string =>
  places === 0 ? value : `${value} * ${10 ** places}`

const asItIs = (whole: string): string => whole

/** With other places, or fewer; what has more than there are to be is none. */
const shifted = (value: string, places: number, made = asItIs): string => {
  if (places >= 0) return made(times(value, places))
  const unit = 10 ** -places
  return `iif(${value} % ${unit} = 0, ${made(`(${value} / ${unit})`)}, ${unlike(value)})`
}

/** As a text; `||` binds tighter than `/` and `%`. */
const digits = (value: string, scale: number): string =>
  scale === 0
    ? `CAST(${value} AS TEXT)`
    : `iif(${value} < 0, '-', '') || (abs(${value}) / ${10 ** scale}) || '.' || ` +
      `substr('${"0".repeat(scale)}' || (abs(${value}) % ${10 ** scale}), -${scale})`

/** A text with all its places, of no more digits than a whole number of SQLite holds. */
const shortest = 18

/** What is made of the whole number a column keeps, or would keep, of its last place. */
const ofWhole = (value: string, from: Decimals, made: (whole: string) => string): string =>
  from.as === "number"
    ? made(value)
    : `iif(length(${value}) <= ${shortest}, ` +
      `${made(`CAST(replace(${value}, '.', '') AS INTEGER)`)}, ${unlike(value)})`

/** The whole number of the last place that a double is. */
const ofDouble = (value: string, scale: number, made: (whole: string) => string): string =>
  `iif(round(${value}, ${scale}) = ${value} AND abs(${value}) < 1e${shortest - scale}, ` +
  `${made(`CAST(round(${times(value, scale)}) AS INTEGER)`)}, ${unlike(value)})`

/** What is no decimal yet. */
const becoming = (value: string, { type }: SnapshotColumn, { as, scale }: Decimals) => {
  if (type === "INTEGER" && scale === 0 && as === "number") return value
  const made = (whole: string): string => (as === "number" ? whole : digits(whole, scale))
  return type === "REAL" && scale < shortest ? ofDouble(value, scale, made) : null
}

const resized = (value: string, from: Decimals, to: Decimals): string => {
  if (to.as === "number")
    return ofWhole(value, from, (whole) => shifted(whole, to.scale - from.scale))
  if (to.scale < from.scale)
    return ofWhole(value, from, (whole) =>
      shifted(whole, to.scale - from.scale, (fewer) => digits(fewer, to.scale))
    )
  const text = from.as === "text" ? value : digits(value, from.scale)
  const added = `${from.scale === 0 && to.scale > 0 ? "." : ""}${"0".repeat(to.scale - from.scale)}`
  return added === "" ? text : `${text} || '${added}'`
}

/**
 * A value of one column as another one keeps it, where decimals are among them.
 *
 * **Shape** null where there is no telling what it would be: a whole number of a file that does not
 * say its places, a text. `undefined` where no decimals are concerned. What has no place in the new
 * column is left as something that is no value of it.
 */
export const decimalAs = (
  value: string,
  from: SnapshotColumn,
  to: SnapshotColumn
): string | null | undefined => {
  const before = decimalsIn(from)
  const after = decimalsIn(to)
  if (before === null) return after === null ? undefined : becoming(value, from, after)
  if (after !== null) return resized(value, before, after)
  const { as, scale } = before
  if (to.sql?._tag === "Text") return as === "text" ? value : digits(value, scale)
  if (to.type === "INTEGER") return ofWhole(value, before, (whole) => shifted(whole, -scale))
  if (to.type !== "REAL") return null
  return ofWhole(
    value,
    before,
    (whole) => `iif(abs(${whole}) <= ${doubles}, ${whole} / ${10 ** scale}.0, ${unlike(value)})`
  )
}

/** Whether what a column of decimals was given is none of them. */
export const isUnlike = (value: string, column: SnapshotColumn): string | null => {
  const own = decimalsIn(column)
  if (own === null) return null
  return own.as === "number"
    ? `abs(${value}) >= ${10n ** BigInt(own.precision)}`
    : `${value} LIKE '%-' OR ` +
        `length(ltrim(replace(replace(${value}, '.', ''), '-', ''), '0')) > ${own.precision}`
}

/** Are these decimals, of which one is kept in another unit than the other? */
const isOtherwise = (from: SnapshotColumn, to: SnapshotColumn): boolean => {
  const [before, after] = [decimalsIn(from), decimalsIn(to)]
  return before?.as !== after?.as || before?.scale !== after?.scale
}

const mentions = (text: string, name: string): boolean =>
  /^\w+$/.test(name)
    ? text.toLowerCase().split(/\W+/).includes(name.toLowerCase())
    : text.toLowerCase().includes(name.toLowerCase())

/**
 * What speaks of a column whose numbers become those of another unit: a check, an index, a computed
 * column and a view compare them as they are kept, and would say something else.
 */
export const speaksOf = (
  { views }: Snapshot,
  { checks, columns, indexes, name: table }: SnapshotTable,
  from: SnapshotColumn,
  to: SnapshotColumn
): string | null => {
  if (!isOtherwise(from, to)) return null
  const isOver = (text: string | null): boolean => text !== null && mentions(text, from.name)
  const check = checks.find(({ predicate }) => isOver(predicate))
  if (check !== undefined) return `the check ${check.name}`
  const computed = columns.find((one) => isOver(one.computed?.expression ?? null))
  if (computed !== undefined) return `the column ${computed.name}`
  const index = indexes.find(
    ({ parts, where }) => isOver(where) || parts.some(({ expression }) => isOver(expression))
  )
  if (index !== undefined) return `the index ${index.name}`
  const view = views.find(({ definition }) => isOver(definition) && mentions(definition, table))
  return view === undefined ? null : `the view ${view.name}`
}
