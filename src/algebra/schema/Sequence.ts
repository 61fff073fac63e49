import { inQuotes } from "../inQuotes.ts"
import { counterOf, type CounterOptions } from "./counter.ts"
import { type Expr, expr } from "../Expression.ts"
import { checkName } from "./naming.ts"
import * as S from "../Scalar.ts"
import { nextOf, type Sequence } from "./sequenceOf.ts"
import { refuse } from "../StatementError.ts"
import * as T from "../types.ts"

export type { CounterOptions } from "./counter.ts"
export type { Sequence } from "./sequenceOf.ts"

/**
 * How a sequence counts, and where it lives.
 *
 * @category models
 */
export interface SequenceOptions extends CounterOptions {
  /** The schema it lives in; the connection's default where left out. */
  readonly schema?: string
}

/** The shortest limit of all servers, in bytes: a longer name would be cut in silence. */
const longest = 63

const checked = (name: string): string =>
  new TextEncoder().encode(checkName(name, "sequence")).length <= longest
    ? name
    : refuse(`sequence: its name is longer than ${longest} bytes`)

/**
 * A sequence, which a catalog holds beside its tables: created before them, dropped after.
 *
 * **Errors** `StatementError` for a name no server takes and numbers that are not whole;
 * `Unsupported` on SQLite and MySQL (`sequences`).
 * **Source** SQL:2016 part 2, 11.72 sequence generator definition; SQLAlchemy 2.0 `Sequence`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Sequence, Table } from "athanor"
 * const numbers = Sequence.make("bill_numbers", { start: 1000, increment: 10 })
 * const bills = Table.make("bills", {
 *   id: Column.id(),
 *   number: Column.bigint().serverDefault(Sequence.next(numbers))
 * })
 * Catalog.make({ numbers, bills }).sequences.map(({ name }) => name) // => ["bill_numbers"]
 * ```
 * @category constructors
 */
export const make = (name: string, options: SequenceOptions = {}): Sequence =>
  Object.freeze({
    _tag: "Sequence",
    name: checked(name),
    schema: options.schema === undefined ? null : checked(options.schema),
    counter: counterOf(options, `sequence "${name}"`)
  })

const placed = ({ name, schema }: Sequence, quote: '"' | "`"): string =>
  (schema === null ? [name] : [schema, name]).map((one) => inQuotes(checked(one), quote)).join(".")

/**
 * The next number of a sequence: another one each time it is asked, in every transaction.
 *
 * **Shape** as an expression of a query, a value of an insert, which `returning` gives back, or a
 * column's `serverDefault`. A number that was given is not given again, even where its transaction
 * is undone.
 * **SQL** postgres, mariadb: nextval
 * **Errors** `Unsupported` on SQLite and MySQL (`sequences`).
 * **Source** SQL:2016 part 2, 6.14 next value expression; SQLAlchemy 2.0 `Sequence.next_value`.
 *
 * @example
 * ```ts
 * import { Column, Query, Sequence, Table } from "athanor"
 * const numbers = Sequence.make("numbers")
 * const bills = Table.make("bills", { id: Column.id(), number: Column.bigint() })
 * const add = Query.insert(bills).values({ number: Sequence.next(numbers) })
 * const numbered = add.returning(bills.c.number)
 * ```
 * @category constructors
 */
export const next = (sequence: Sequence): Expr<bigint, never> => {
  const literal = inQuotes(placed(sequence, '"'), "'")
  const print = Object.freeze({
    sqlite: null,
    mysql: null,
    postgres: Object.freeze([`nextval(${literal})`]),
    mariadb: Object.freeze([`nextval(${placed(sequence, "`")})`])
  })
  return expr(S.customScalar("sequences", [], nextOf(print, sequence), T.bigint, "call", true))
}
