import { type Expr, expr, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { Type } from "../Type.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"

type Text = string | null
type TextOperand = string | Expr<Text, unknown>
type CountOperand = number | Expr<number | null, unknown>

const text = (name: S.FunctionName, ...args: ReadonlyArray<S.Scalar>) =>
  expr<never, never>(S.call(name, args, T.text))

const textNode = (that: unknown, asked: string): S.Scalar => lift(that, T.text, asked)

/** A whole number given with the statement is part of its text. */
const countNode = (that: unknown, asked: string): S.Scalar =>
  typeof that === "number" ? whole(that, -limit, limit, asked) : lift(that, T.integer, asked)

const limit = 2_147_483_647

const whole = (value: number, least: number, most: number, asked: string): S.Scalar =>
  Number.isInteger(value) && value >= least && value <= most
    ? S.constant(value, T.integer)
    : refuse(`${asked}: ${value} is no whole number from ${least} to ${most}`)

/** Longest text a function makes of a shorter one. */
const longest = 1_000_000

const filled = (fill: string, asked: string): S.Scalar =>
  fill === "" ? refuse(`${asked}: there is nothing to fill up with`) : textNode(fill, asked)

/**
 * The text without spaces at its start; NULL stays NULL.
 *
 * **Source** SQL:2016 part 2, 6.32 string value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.ltrim(Expr.value("  lit ", Type.text))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "lit "
 * ```
 * @category combinators
 */
export const ltrim = <A extends Text, R>(value: Value<A, R>): Expr<string | (A & null), R> =>
  text("ltrim", textNode(value, "ltrim"))

/**
 * The text without spaces at its end; NULL stays NULL.
 *
 * **Source** SQL:2016 part 2, 6.32 string value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.rtrim(Expr.value("  lit ", Type.text))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "  lit"
 * ```
 * @category combinators
 */
export const rtrim = <A extends Text, R>(value: Value<A, R>): Expr<string | (A & null), R> =>
  text("rtrim", textNode(value, "rtrim"))

/**
 * The number of bytes of a text in UTF-8; NULL stays NULL.
 *
 * **Source** SQL:2016 part 2, 6.30 numeric value function, octet length.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.octetLength(Expr.value("höhe", Type.text))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 5
 * ```
 * @category combinators
 */
export const octetLength = <A extends Text, R>(value: Value<A, R>): Expr<number | (A & null), R> =>
  expr(S.call("octetLength", [textNode(value, "octetLength")], T.integer))

/**
 * The characters of a text from last to first; NULL stays NULL.
 *
 * **Errors** `Unsupported` on sqlite, which has no such function.
 * **Source** PostgreSQL manual 9.4, string functions.
 *
 * @example
 * ```ts
 * import { Expr, Fn, Query, Type } from "athanor"
 * import { compile } from "athanor/compile"
 * const query = Query.select({ turned: Fn.reverse(Expr.value("lit", Type.text)) })
 * const compiled = compile(query, "postgres")
 * compiled._tag === "Compiled" && compiled.text // => "SELECT reverse($1::text) AS turned"
 * ```
 * @category combinators
 */
export const reverse = <A extends Text, R>(value: Value<A, R>): Expr<string | (A & null), R> =>
  text("reverse", textNode(value, "reverse"))

/**
 * The MD5 digest of a text's bytes in UTF-8, as 32 hexadecimal digits; NULL stays NULL.
 *
 * **Errors** `Unsupported` on sqlite, which has no such function.
 * **Source** PostgreSQL manual 9.4, string functions.
 *
 * @example
 * ```ts
 * import { Expr, Fn, Query, Type } from "athanor"
 * import { compile } from "athanor/compile"
 * const query = Query.select({ hashed: Fn.md5(Expr.value("lit", Type.text)) })
 * const compiled = compile(query, "postgres")
 * compiled._tag === "Compiled" && compiled.text // => "SELECT md5($1::text) AS hashed"
 * ```
 * @category combinators
 */
export const md5 = <A extends Text, R>(value: Value<A, R>): Expr<string | (A & null), R> =>
  text("md5", textNode(value, "md5"))

/**
 * The SHA-256 digest of a text's bytes in UTF-8, as 64 hexadecimal digits; NULL stays NULL.
 *
 * **Errors** `Unsupported` on sqlite, which has no such function.
 * **Source** PostgreSQL manual 9.5, binary string functions.
 *
 * @example
 * ```ts
 * import { Expr, Fn, Query, Type } from "athanor"
 * import { compile } from "athanor/compile"
 * const query = Query.select({ hashed: Fn.sha256(Expr.value("lit", Type.text)) })
 * const compiled = compile(query, "mariadb")
 * const text = compiled._tag === "Compiled" && compiled.text
 * text // => "SELECT sha2(CAST(? AS CHAR), 256) AS hashed"
 * ```
 * @category combinators
 */
export const sha256 = <A extends Text, R>(value: Value<A, R>): Expr<string | (A & null), R> =>
  text("sha256", textNode(value, "sha256"))

/**
 * The text with every place that reads `from` reading `to`. NULL where one of the three is.
 *
 * **Shape** case counts; an empty `from` is found nowhere.
 * **Source** PostgreSQL manual 9.4; SQLite `replace`; MySQL 14.8 `REPLACE`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.replace(Expr.value("a-b-c", Type.text), "-", ".")))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "a.b.c"
 * ```
 * @category combinators
 */
export const replace = <A extends Text, R, F extends TextOperand, O extends TextOperand>(
  value: Value<A, R>,
  from: F,
  to: O
): Expr<string | (A & null) | NullOf<F> | NullOf<O>, R | RequiredOf<F> | RequiredOf<O>> =>
  text("replace", ...[value, from, to].map((one) => textNode(one, "replace")))

/**
 * SUBSTRING: the characters from one place on, all of them or at most `length`.
 *
 * **Shape** places are counted in characters from 1; a place below 1 begins before the text, and
 * what would stand there counts to `length`; a `length` below 0 is 0. NULL where an operand is.
 * **Errors** `StatementError` for plain numbers that are not whole.
 * **Source** SQL:2016 part 2, 6.32 string value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.substring(Expr.value("athanor", Type.text), 2, 3)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "tha"
 * ```
 * @category combinators
 */
export const substring = <
  A extends Text,
  R,
  F extends CountOperand,
  L extends CountOperand = number
>(
  value: Value<A, R>,
  from: F,
  length?: L
): Expr<string | (A & null) | NullOf<F> | NullOf<L>, R | RequiredOf<F> | RequiredOf<L>> =>
  text(
    "substring",
    textNode(value, "substring"),
    countNode(from, "substring"),
    ...(length === undefined ? [] : [countNode(length, "substring")])
  )

/**
 * POSITION: where a text first stands in another, counted in characters from 1; 0 where it stands
 * nowhere.
 *
 * **Shape** case counts; the empty text stands at 1. NULL where an operand is.
 * **Source** SQL:2016 part 2, 6.30 numeric value function, position.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.position("an", Expr.value("athanor", Type.text))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 4
 * ```
 * @category combinators
 */
export const position = <N extends TextOperand, A extends Text, R>(
  needle: N,
  value: Value<A, R>
): Expr<number | (A & null) | NullOf<N>, R | RequiredOf<N>> =>
  expr(S.call("position", [textNode(needle, "position"), textNode(value, "position")], T.integer))

/**
 * The first `length` characters of a text, all where it has fewer; NULL stays NULL.
 *
 * **Errors** `StatementError` for a length that is no whole number from 0.
 * **Source** PostgreSQL manual 9.4; MySQL 14.8.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.left(Expr.value("athanor", Type.text), 3)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "ath"
 * ```
 * @category combinators
 */
export const left = <A extends Text, R>(
  value: Value<A, R>,
  length: number
): Expr<string | (A & null), R> =>
  text("left", textNode(value, "left"), whole(length, 0, limit, "left"))

/**
 * The last `length` characters of a text, all where it has fewer; NULL stays NULL.
 *
 * **Errors** `StatementError` for a length that is no whole number from 0.
 * **Source** PostgreSQL manual 9.4; MySQL 14.8.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.right(Expr.value("athanor", Type.text), 3)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "nor"
 * ```
 * @category combinators
 */
export const right = <A extends Text, R>(
  value: Value<A, R>,
  length: number
): Expr<string | (A & null), R> =>
  text("right", textNode(value, "right"), whole(length, 0, limit, "right"))

/**
 * The text at exactly `length` characters: filled up on the left, or cut off at its end; NULL
 * stays NULL.
 *
 * **Errors** `StatementError` for a length that is no whole number from 0 to 1,000,000, and for an
 * empty `fill`.
 * **Source** PostgreSQL manual 9.4; MySQL 14.8.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.lpad(Expr.value("7", Type.text), 3, "0")))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "007"
 * ```
 * @category combinators
 */
export const lpad = <A extends Text, R>(
  value: Value<A, R>,
  length: number,
  fill = " "
): Expr<string | (A & null), R> =>
  text("lpad", textNode(value, "lpad"), whole(length, 0, longest, "lpad"), filled(fill, "lpad"))

/**
 * The text at exactly `length` characters: filled up on the right, or cut off at its end; NULL
 * stays NULL.
 *
 * **Errors** `StatementError` for a length that is no whole number from 0 to 1,000,000, and for an
 * empty `fill`.
 * **Source** PostgreSQL manual 9.4; MySQL 14.8.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.rpad(Expr.value("7", Type.text), 3, "0")))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "700"
 * ```
 * @category combinators
 */
export const rpad = <A extends Text, R>(
  value: Value<A, R>,
  length: number,
  fill = " "
): Expr<string | (A & null), R> =>
  text("rpad", textNode(value, "rpad"), whole(length, 0, longest, "rpad"), filled(fill, "rpad"))

/**
 * The text `times` times over; NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no whole number from 0 to 1,000,000.
 * **Source** PostgreSQL manual 9.4; MySQL 14.8.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.repeat(Expr.value("ab", Type.text), 3)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "ababab"
 * ```
 * @category combinators
 */
export const repeat = <A extends Text, R>(
  value: Value<A, R>,
  times: number
): Expr<string | (A & null), R> =>
  text("repeat", textNode(value, "repeat"), whole(times, 0, longest, "repeat"))

/**
 * The texts that are not NULL, with a separator between them.
 *
 * **Shape** the empty text of none; NULL where the separator is.
 * **Errors** `StatementError` without a text.
 * **Source** PostgreSQL manual 9.4; MySQL 14.8 `CONCAT_WS`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const asked = Fn.concatWs(", ", Expr.value("a", Type.text), Expr.value(null, Type.text), "c")
 * const answer = Database.one(Query.select(asked))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "a, c"
 * ```
 * @category combinators
 */
export const concatWs = <D extends TextOperand, O extends ReadonlyArray<TextOperand>>(
  separator: D,
  ...texts: O
): Expr<string | NullOf<D>, RequiredOf<D> | RequiredOf<O[number]>> =>
  texts.length === 0
    ? refuse("concatWs: there is no text to join")
    : text("concatWs", ...[separator, ...texts].map((one) => textNode(one, "concatWs")))

/**
 * TRY_CAST: a text as a number, NULL where it is none or none within the type.
 *
 * **Shape** `type` is `smallint`, `integer`, `bigint` or `double`; `cast` fails instead.
 * **SQL** a CAST of a CASE that asks the text first; a function of athanor's connections on sqlite.
 * **Errors** `StatementError` for other types; when it runs `Unsupported` of a double before
 * PostgreSQL 16, and `InvalidText` where an UPDATE on MySQL or MariaDB tries a numeral beyond every
 * double.
 * **Source** SQL Server manual, "TRY_CAST"; SQLAlchemy 2.0 `try_cast`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const tried = (text: string) => Fn.tryCast(Expr.value(text, Type.text), Type.integer)
 * const answer = Database.one(Query.select({ one: tried(" 12 "), other: tried("12 apples") }))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => { one: 12, other: null }
 * ```
 * @category combinators
 */
export const tryCast = <B extends number | bigint, R>(
  value: Value<Text, R>,
  type: Type<B>
): Expr<B | null, R> => {
  const node = textNode(value, "tryCast")
  return tried.has(type.sql._tag) &&
    (node.type.sql._tag === "Text" || node.type.sql._tag === "Varchar")
    ? expr(S.cast(node, type, true))
    : refuse("tryCast: a text is tried as a whole number or as a double")
}

const tried: ReadonlySet<string> = new Set(["Smallint", "Integer", "Bigint", "Double"])
