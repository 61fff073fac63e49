import type { Capabilities, DialectName, Version } from "../algebra/Dialect.ts"
import type { SqlType } from "../algebra/SqlType.ts"
import type { AnyType } from "../algebra/Type.ts"
import type { Encode, SchemaPlace } from "./Compiled.ts"
import type { From, ListParameter, Operator, Parameter, Query, Term } from "./Placed.ts"

/**
 * What the server already knows about a parameter's type from its place, and the name of that place
 * for error messages.
 *
 * @category models
 */
export interface Expect {
  readonly type: AnyType
  readonly path: string
  /**
   * Stored into a column of that type, an operand of a comparison with one, inside an expression of
   * the type's own, or none of these.
   */
  readonly as: "assigned" | "compared" | "wrapped" | "operand"
}

/**
 * One walk over a placed statement: text, and the slots in the order their placeholders stand.
 *
 * @category models
 */
export interface Writer {
  readonly dialect: Dialect
  readonly capabilities: Capabilities
  readonly refuse: (capability: string, construct: string) => void
  readonly put: (text: string) => void
  /** A space, or in a pretty print a new line. */
  readonly line: () => void
  /** Nothing, or in a pretty print a new line. */
  readonly edge: () => void
  /** Runs `body` one level deeper. */
  readonly deeper: (body: () => void) => void
  /** An identifier, quoted where it must be. */
  readonly name: (name: string) => void
  /** A column of something in FROM: `table.name`. */
  readonly column: (table: string, name: string) => void
  /**
   * What stands before the name of a table: its schema and a dot, where it has one; `alone` without
   * the dot, `quoted` inside of a text.
   */
  readonly schema: (schema: string | null, as?: "alone" | "quoted") => void
  /** A type as CAST spells it. */
  readonly type: (sql: SqlType) => void
  /** What another walk has written, with the places of its schemas. */
  readonly said: (whole: {
    readonly text: string
    readonly schemas: ReadonlyArray<SchemaPlace>
  }) => void
  /** A term that binds at least as tight as `level`, in parentheses where it does not. */
  readonly term: (term: Term, level?: number, expect?: Expect | null) => void
  /** Goes on writing to the same text in another dialect's words. */
  readonly within: (dialect: Dialect, body: (writer: Writer) => void) => void
  /** Items with commas between. */
  readonly commas: <A>(items: ReadonlyArray<A>, each: (item: A, index: number) => void) => void
  /** A query in parentheses. */
  readonly query: (query: Query) => void
  /** A placeholder for a value, with its slot. */
  readonly slot: (parameter: Parameter, path: string, encode: Encode) => void
  /**
   * A value as a literal, where the server takes no parameter; false for one that is not known
   * before the statement runs.
   */
  readonly literal: (parameter: Parameter, say?: (value: unknown) => void) => boolean
  /** Whether the values of two terms are equal, so that one text stands for both. */
  readonly agree: (left: Term, right: Term) => boolean
  /** A placeholder for a whole list as one value, or for one part of its elements. */
  readonly listSlot: (list: ListParameter, path: string, encode: Encode, part?: number) => void
  /** A placeholder for one element of a list. */
  readonly elementSlot: (list: ListParameter, at: number, path: string, encode: Encode) => void
}

/**
 * How a term is said, one case per node; a node without a case does not compile.
 *
 * @category models
 */
export type TermCases = {
  readonly [T in Term["_tag"]]: (
    term: Extract<Term, { readonly _tag: T }>,
    writer: Writer,
    expect: Expect | null
  ) => void
}

/**
 * A dialect of one's own: what its servers can do, and the words in which they differ from the one
 * of ours whose types, errors and protocol they share.
 *
 * **Shape** `words.name` and the capabilities' `dialect` name that one.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { capabilities } from "athanor/compile"
 * import { dialects, type OwnDialect } from "athanor/dialect"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const bracketed: OwnDialect = {
 *   words: { ...dialects.sqlite, quote: (name) => `[${name}]` },
 *   capabilities: (version) => ({ ...capabilities("sqlite", version), windows: false })
 * }
 * const layer = Sqlite.layer({ speaks: bracketed })
 * const server = Effect.map(Database.server, (facts) => facts.capabilities.windows)
 * await Effect.runPromise(Effect.provide(server, layer)) // => false
 * ```
 * @category models
 */
export interface OwnDialect {
  readonly words: Dialect
  /** What a server of a version can do. */
  readonly capabilities: (version: Version) => Capabilities
}

/**
 * A dialect: a record of cases over the shared ones, and the words it does not share.
 *
 * @example
 * ```ts
 * import { type Dialect, dialects } from "athanor/dialect"
 * const shouting: Dialect = { ...dialects.sqlite, quote: (name) => `"${name.toUpperCase()}"` }
 * shouting.quote("users") // => '"USERS"'
 * ```
 * @category models
 */
export interface Dialect {
  readonly name: DialectName
  readonly terms: TermCases
  /** How tight a term's text binds: see `levels.ts`. */
  readonly level: (term: Term) => number
  /** The one quoting function: an identifier between quotes, whatever is in it. */
  readonly quote: (name: string) => string
  /** The n-th placeholder, from 1. */
  readonly placeholder: (n: number) => string
  /** Placeholders are numbered, so one slot may stand in several places. */
  readonly numbersPlaceholders: boolean
  /** A type as CAST spells it. */
  readonly castName: (sql: SqlType) => string
  /** A type as a column definition spells it. */
  readonly columnType: (sql: SqlType) => string
  /** Follows the pattern of LIKE: the escape character, where it is not `\\` anyway. */
  readonly likeEscape: string
  /** An aggregate; `over` writes the window it is over, after it. */
  readonly aggregate: (
    term: Operator<"Aggregate">,
    writer: Writer,
    over: (() => void) | null
  ) => void
  /** Membership in a list of values. */
  readonly membership: (term: Operator<"InList">, writer: Writer, negated: boolean) => void
  /** Many rows as a query over one list a column; in the order of the lists where it matters. */
  readonly listedRows?: (
    lists: ReadonlyArray<{ readonly list: ListParameter; readonly path: string }>,
    isOrdered: boolean,
    writer: Writer
  ) => void
  /** A function's rows in FROM, under their alias. */
  readonly tableFunction: (
    from: Extract<From, { readonly _tag: "FunctionFrom" }>,
    writer: Writer
  ) => void
  /** LIMIT and OFFSET, of which at least one is given; `ties` with a limit only. */
  readonly slice: (writer: Writer, limit: Term | null, offset: Term | null, ties: boolean) => void
  /** Follows the columns of CREATE TABLE. */
  readonly tableOptions: string
  /** Follows the type of a column whose values the server makes. */
  readonly identity: string
  /** A text as a literal, for schema statements, which take no parameters. */
  readonly textLiteral: (text: string) => string
  /** Bytes as a literal. */
  readonly bytesLiteral: (hex: string) => string
}
