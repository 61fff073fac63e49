import type { DialectName } from "../../algebra/Dialect.ts"
import { type FunctionName, isVolatile } from "../../algebra/Scalar.ts"
import type { AnyType } from "../../algebra/Type.ts"
import { type Term, typeOf } from "../Placed.ts"

/** What a spelling may depend on. */
export interface Asked {
  readonly args: ReadonlyArray<Term>
  readonly type: AnyType
}

/**
 * How a dialect says a function: a text with `{0}` for the first argument, `{*}` for all of them,
 * or a function that picks the text by the arguments. Null where it cannot.
 */
export type Spelling = string | ((asked: Asked) => string | null) | null

/** A function in the words of each dialect; MariaDB says what MySQL says unless it is listed. */
export interface Row {
  readonly sqlite: Spelling
  readonly postgres: Spelling
  readonly mysql: Spelling
  readonly mariadb?: Spelling
}

/** A row for each of some functions. */
export type Rows<N extends FunctionName> = Readonly<Record<N, Row>>

/** The same on every dialect. */
export const alike = (said: Spelling): Row => ({ sqlite: said, postgres: said, mysql: said })

/** One text on SQLite and PostgreSQL, another on MySQL and MariaDB. */
export const apart = (said: Spelling, mysql: Spelling): Row => ({
  sqlite: said,
  postgres: said,
  mysql
})

/** What a dialect says of a row. */
export const spelledOn = (row: Row, dialect: DialectName): Spelling =>
  dialect === "mariadb" && row.mariadb !== undefined
    ? row.mariadb
    : row[dialect === "mariadb" ? "mysql" : dialect]

/** Whether a term can be NULL; the clock and chance are not. */
export const mayBeNull = (term: Term): boolean =>
  term._tag === "Column"
    ? term.nullable
    : !(term._tag === "Constant" && term.node.value !== null) &&
      !(term._tag === "Call" && isVolatile(term.node))

/** The number that stands for a term in the text; null where it is none. */
export const numberOf = (term: Term | undefined): number | null =>
  term?._tag === "Constant" && typeof term.node.value === "number" ? term.node.value : null

/** The kind of type an argument has. */
export const kindOf = ({ args }: Asked, at: number): string => typeOf(args[at]!).sql._tag

/** An argument as PostgreSQL's 32-bit integer, which its functions of text and time take. */
export const small = (asked: Asked, at: number): string => {
  const kind = kindOf(asked, at)
  return kind === "Integer" || kind === "Smallint" ? `{${at}}` : `CAST({${at}} AS integer)`
}
