import type { DialectName } from "../algebra/Dialect.ts"
import type { Around, SqlType } from "../algebra/SqlType.ts"
import type { AnyType } from "../algebra/Type.ts"
import type { Context } from "./Program.ts"
import type { Item, Placed, Query, Result, Term } from "./Placed.ts"
import { typeOf } from "./Placed.ts"

const aroundOf = (way: "write" | "read", { wrap }: SqlType, dialect: DialectName): Around =>
  wrap === undefined ? null : wrap[way][dialect]

/** The type of what is bound, and read, of values that pass an expression. */
const inner = ({ codec, key, sql }: AnyType): AnyType =>
  Object.freeze({ codec, key: `${key}:wrapped`, sql: sql.wrap!.as })

/** Whether values of a type pass an expression when they are written. */
export const isWritten = (sql: SqlType, dialect: DialectName): boolean =>
  aroundOf("write", sql, dialect) !== null

/** What is said around such a value. */
export const aroundWritten = (sql: SqlType, dialect: DialectName): Around =>
  aroundOf("write", sql, dialect)

/** A value as its type wants it written: made of one of the type that is bound. */
export const written = (
  type: AnyType,
  dialect: DialectName,
  make: (type: AnyType) => Term
): Term => {
  const around = aroundOf("write", type.sql, dialect)
  return around === null ? make(type) : { _tag: "Wrapped", self: make(inner(type)), around, type }
}

/** An expression as its type wants it read; nothing else is made of it then. */
export const read = (term: Term, dialect: DialectName): Term => {
  const type = typeOf(term)
  const around = aroundOf("read", type.sql, dialect)
  return around === null ? term : { _tag: "Wrapped", self: term, around, type: inner(type) }
}

const readItems = (items: ReadonlyArray<Item>, dialect: DialectName): ReadonlyArray<Item> =>
  items.map((item) => {
    const term = read(item.term, dialect)
    return term === item.term ? item : { ...item, term }
  })

/** Where DISTINCT is sorted by what it selects alone. */
const strict: ReadonlySet<DialectName> = new Set<DialectName>(["postgres", "mysql"])

const readQuery = (query: Query, dialect: DialectName, refuse: Context["refuse"]): Query => {
  switch (query._tag) {
    case "Block": {
      const items = readItems(query.items, dialect)
      // What is sorted must then be what is selected, which has another order.
      const isMoved = items.some((item, i) => item !== query.items[i])
      if (isMoved && query.distinct && query.order.length > 0 && strict.has(dialect))
        refuse("orderedDistinct", "an order of distinct values that pass an expression")
      return { ...query, items }
    }
    case "Compound":
      return { ...query, parts: query.parts.map((part) => readQuery(part, dialect, refuse)) }
    case "CustomQuery":
      return { ...query, self: readQuery(query.self, dialect, refuse) }
  }
}

const readResult = (result: Result, dialect: DialectName): Result => ({
  ...result,
  types: result.types.map((type) =>
    aroundOf("read", type.sql, dialect) === null ? type : inner(type)
  )
})

/**
 * What a statement gives passes the expressions of its types: here alone, so that inside of it
 * values stay what the server stores.
 *
 * **Laws** F111: each value passes once, however deep the query it comes from.
 */
export const readOut = (placed: Placed, { capabilities, refuse }: Context): Placed => {
  const { dialect } = capabilities
  const { result, root } = placed
  if (result === null || !result.types.some(({ sql }) => sql.wrap !== undefined)) return placed
  const said =
    root._tag === "Block" || root._tag === "Compound" || root._tag === "CustomQuery"
      ? readQuery(root, dialect, refuse)
      : { ...root, returned: readItems(root.returned, dialect) }
  return { ...placed, root: said, result: readResult(result, dialect) }
}
