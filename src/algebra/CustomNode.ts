import { type DialectName, dialectNames } from "./Dialect.ts"
import {
  callAround,
  checkNodeName,
  forEachDialect,
  partsAround,
  type Print,
  printed,
  type Written
} from "./Print.ts"
import { type Expr, expr, isExpr, lift } from "./Expression.ts"
import { calledNames, type CalledName, isDrawnName } from "./calledName.ts"
import { type Place, type Rank, rankOf } from "./operatorSymbols.ts"
import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, Type } from "./Type.ts"
import type { RequiredOf, Value } from "./Value.ts"

type PerDialect = { readonly [D in DialectName]?: string }

/** How tight an operator binds, as `precedence` says it. */
type Precedence = Rank

/**
 * What each dialect writes around the operands; null where it has no such operator. A rank must be
 * the operator's own wherever it is said: parentheses are left out by it.
 */
const printOf = (
  symbol: string | PerDialect,
  place: Place,
  rank: Precedence | undefined
): S.CustomScalar["print"] => {
  const given = typeof symbol === "string" ? [symbol] : Object.values(symbol)
  for (const one of given)
    if (typeof one !== "string" || dialectNames.every((d) => rankOf(one, d, place) === undefined))
      refuse("operator: the symbol is no operator of SQL's")
  return forEachDialect((dialect) => {
    const own = typeof symbol === "string" ? symbol : symbol[dialect]
    const known = own === undefined ? undefined : rankOf(own, dialect, place)
    if (known === undefined) return null
    if (rank !== undefined && known !== rank)
      refuse(`operator: ${own} is no ${rank} on ${dialect}: leave its precedence out`)
    return Object.freeze(place === "between" ? ["", ` ${own} `, ""] : [`${own} `, ""])
  })
}

const formOf = ({ sql }: AnyType, rank: Precedence | undefined): S.CustomScalar["form"] =>
  rank ?? (sql._tag === "Boolean" ? "condition" : "operator")

const nameOf = (symbol: string | PerDialect, place: string): string =>
  typeof symbol === "string" ? symbol : (Object.values(symbol)[0] ?? place)

/**
 * A binary operator the library does not know, between operands of its types.
 *
 * **Shape** gives a function of two operands. A result of `Type.boolean` is a condition, any other
 * is not. The symbol is one for all dialects, or a record; where a dialect has no such operator the
 * statement is `Unsupported`. PostgreSQL's users make operators, so any signs are one there.
 *
 * Operands that are operations themselves stand in parentheses, for servers rank operators
 * differently. With a `precedence` those alone that bind less tight: a `comparison` is below a
 * `sum`, a `sum` below a `product`. Nesting is always as it was built.
 * **Errors** `StatementError` for a symbol that is no operator's, or not of that precedence on a
 * dialect that has it.
 * **Source** SQLAlchemy 2.0 `Operators.op`, `custom_op`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const glob = Expr.operator("GLOB", { left: Type.text, right: Type.text, result: Type.boolean })
 * const answer = Database.one(Query.select(glob(Expr.value("athanor", Type.text), "ath*")))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category constructors
 */
export const operator = <A, B, C>(
  symbol: string | PerDialect,
  types: {
    readonly left: Type<A>
    readonly right: Type<B>
    readonly result: Type<C>
    readonly precedence?: "comparison" | "sum" | "product"
  }
): (<R, const O extends B | Expr<B | null, any>>(
  left: Value<A | null, R>,
  right: O
) => Expr<C | null, R | RequiredOf<O>>) => {
  const { precedence, result, right } = types
  const print = printOf(symbol, "between", precedence)
  const form = formOf(result, precedence)
  const name = nameOf(symbol, "operator")
  return (one, other) =>
    expr(S.customScalar(name, [one.node, lift(other, right, "operator")], print, result, form))
}

/**
 * A unary operator the library does not know, before its operand.
 *
 * **Shape** as `operator`; one that binds tightest has the precedence `unary`.
 * **Errors** as `operator`.
 * **Source** SQLAlchemy 2.0 `UnaryExpression`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const plus = Expr.prefix("+", { operand: Type.integer, result: Type.integer })
 * const answer = Database.one(Query.select(plus(Expr.value(7, Type.integer))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 7
 * ```
 * @category constructors
 */
export const prefix = <A, C>(
  symbol: string | PerDialect,
  types: {
    readonly operand: Type<A>
    readonly result: Type<C>
    readonly precedence?: "unary"
  }
): (<R>(operand: Value<A | null, R>) => Expr<C | null, R>) => {
  const { precedence, result } = types
  const print = printOf(symbol, "before", precedence)
  const [name, form] = [nameOf(symbol, "prefix"), formOf(result, precedence)]
  return ({ node }) => expr(S.customScalar(name, [node], print, result, form))
}

/**
 * A call of a function the library does not know, by its name.
 *
 * **Shape** the name is one for all dialects, or a record, with a schema before it or without;
 * where it is not said, or is a word of the dialect's own grammar, the statement is `Unsupported`,
 * and so is a schema on SQLite. What it gives may be NULL. Without arguments, and where the name is
 * known to draw, it has another value each time it is asked.
 * **Errors** `StatementError` for a name that is not letters, digits and underscores, or is a word
 * of every grammar; for an argument that is no expression.
 * **Source** SQLAlchemy 2.0 `func`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const asked = Expr.call("hex", Type.text, Expr.value("lit", Type.text))
 * const answer = Database.one(Query.select(asked))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "6C6974"
 * ```
 * @category constructors
 */
export const call = <A, const P extends ReadonlyArray<Value<any, any>>>(
  name: CalledName,
  type: Type<A>,
  ...args: P
): Expr<A | null, RequiredOf<P[number]>> => {
  const nodes = args.map((arg) =>
    isExpr(arg) ? arg.node : refuse("call: an argument is not an expression")
  )
  const names = calledNames(name)
  const print = forEachDialect((dialect) => {
    const own = names[dialect]
    return own === null ? null : callAround(own, nodes.length)
  })
  const drawn = nodes.length === 0 || Object.values(names).some(isDrawnName)
  return expr(S.customScalar(nameOf(name, "call"), nodes, print, type, "call", drawn))
}

/**
 * An expression of one's own: how each dialect writes it, as `sql` with the arguments in its holes.
 *
 * **Shape** gives a function of the arguments, which stand in parentheses where they must. A
 * dialect without a text of its own writes the `default`; without one it is `Unsupported`, by the
 * name.
 * **Errors** `StatementError` where a text does not hold each argument once and in order, or holds
 * anything else; for an empty name.
 * **Source** SQLAlchemy 2.0 `ext.compiler`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, sql, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const greatest = Expr.custom("greatest", Type.integer, {
 *   sqlite: (a, b) => sql(Type.integer)`max(${a}, ${b})`,
 *   default: (a, b) => sql(Type.integer)`greatest(${a}, ${b})`
 * })
 * const asked = greatest(Expr.value(1, Type.integer), Expr.value(2, Type.integer))
 * const answer = Database.one(Query.select(asked))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 2
 * ```
 * @category constructors
 */
export const custom = <A>(
  name: string,
  type: Type<A>,
  print: Print<Written>
): (<const P extends ReadonlyArray<Value<any, any>>>(
  ...args: P
) => Expr<A | null, RequiredOf<P[number]>>) => {
  checkNodeName(name)
  return (...args) => {
    const nodes = args.map((arg) =>
      isExpr(arg) ? arg.node : refuse(`custom: an argument of "${name}" is not an expression`)
    )
    const said = printed(print, (written) => partsAround(name, written, nodes.length))
    return expr(S.customScalar(name, nodes, said, type))
  }
}
