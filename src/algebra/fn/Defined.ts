import { calledNames, isDrawnName } from "../calledName.ts"
import { type Expr, expr, lift } from "../Expression.ts"
import {
  callAround,
  checkNodeName,
  forEachDialect,
  partsAround,
  type Print,
  type Written
} from "../Print.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType, Type, ValueOf } from "../Type.ts"
import type { NullOf, RequiredOf } from "../Value.ts"

/**
 * What is known of a function that the library does not know.
 *
 * @category models
 */
export interface DefinedOptions<
  P extends ReadonlyArray<AnyType>,
  A,
  Strict extends boolean = boolean
> {
  /** The types of its arguments, as many as there are. */
  readonly args: P
  readonly result: Type<A>
  /**
   * Its name, one for all dialects; or for each its name, or how it is written, with the arguments
   * in the holes of `sql`. `default` is of those that are not named.
   */
  readonly print: string | Print<string | Written>
  /** NULL only where an argument is. */
  readonly strict?: Strict
  /** It has another value each time it is asked: it is said once, or the statement is refused. */
  readonly draws?: boolean
}

type Operands<P extends ReadonlyArray<AnyType>> = {
  readonly [K in keyof P]: NonNullable<ValueOf<P[K]>> | Expr<ValueOf<P[K]> | null, unknown>
}

/**
 * A function of one's own, registered once: typed, in the words of each dialect.
 *
 * **Shape** gives a function of values or expressions of those types. What it gives may be NULL
 * unless it is `strict`: then it is NULL where an argument may be. A dialect nobody named is
 * `Unsupported`, by the function's name.
 * **Errors** `StatementError` for a name that is none, for a text that does not hold each argument
 * once and in order, and when it is called with another number of arguments.
 * **Source** SQLAlchemy 2.0 `GenericFunction`, `register_function`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, sql, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const initial = Fn.define("initial", {
 *   args: [Type.text], result: Type.text, strict: true,
 *   print: { default: (text) => sql(Type.text)`substr(${text}, 1, 1)`, postgres: "initial" }
 * })
 * const answer = Database.one(Query.select(initial("athanor").concat(".")))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "a."
 * ```
 * @category constructors
 */
export const define = <
  const P extends ReadonlyArray<AnyType>,
  A,
  const Strict extends boolean = false
>(
  name: string,
  { args: types, draws = false, print, result }: DefinedOptions<P, A, Strict>
): (<const O extends Operands<P>>(
  ...args: O
) => Expr<A | (Strict extends true ? NullOf<O[number]> : null), RequiredOf<O[number]>>) => {
  checkNodeName(name)
  const given: Print<string | Written> = typeof print === "string" ? { default: print } : print
  const words = Object.values(given).filter((one) => typeof one === "string")
  for (const one of words) calledNames(one)
  const parts = forEachDialect((dialect) => {
    const own = given[dialect] ?? given.default
    if (typeof own === "function") return partsAround(name, own, types.length)
    const called = own === undefined ? null : calledNames({ [dialect]: own })[dialect]
    return called === null ? null : callAround(called, types.length)
  })
  // Called on every dialect that has it, it needs no parentheses.
  const form = words.length === Object.keys(given).length ? "call" : "text"
  const drawn = draws || words.some(isDrawnName)
  return (...args) => {
    if (args.length !== types.length)
      refuse(`${name}: ${args.length} arguments where it has ${types.length}`)
    const nodes = args.map((arg, i) => lift(arg, types[i]!, name))
    return expr(S.customScalar(name, nodes, parts, result, form, drawn))
  }
}
