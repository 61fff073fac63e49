import { type DialectName, dialectNames } from "./Dialect.ts"
import { type Expr, expr, isExpr, lift } from "./Expression.ts"
import { noFunctions } from "./noFunctions.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, Type } from "./Type.ts"
import type { RequiredOf, Value } from "./Value.ts"

type PerDialect = { readonly [D in DialectName]?: string }

/** Signs that open a comment or mark a parameter, in whatever dialect. */
const unsafe = /--|\/\*|\*\//
const sign = /^[-+*/<>=~!@#%^&|]{1,8}$/
const words = /^[A-Z]+( [A-Z]+)*$/
const functionName = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$/

const checkSymbol = (symbol: unknown): string =>
  typeof symbol === "string" && ((sign.test(symbol) && !unsafe.test(symbol)) || words.test(symbol))
    ? symbol
    : refuse("operator: the symbol is neither an operator's signs nor words in capitals")

/** `#` begins a comment on MySQL and MariaDB. */
const sayable = (symbol: string, dialect: DialectName): boolean =>
  !symbol.includes("#") || (dialect !== "mysql" && dialect !== "mariadb")

type Parts = (symbol: string) => ReadonlyArray<string>

const printOf = (symbol: string | PerDialect, parts: Parts): S.CustomScalar["print"] => {
  const said = (dialect: DialectName): ReadonlyArray<string> | null => {
    const own = typeof symbol === "string" ? symbol : symbol[dialect]
    if (own === undefined) return null
    return sayable(checkSymbol(own), dialect) ? Object.freeze(parts(own)) : null
  }
  return Object.freeze(
    Object.fromEntries(dialectNames.map((name) => [name, said(name)]))
  ) as S.CustomScalar["print"]
}

const formOf = ({ sql }: AnyType): S.CustomScalar["form"] =>
  sql._tag === "Boolean" ? "condition" : "operator"

const nameOf = (symbol: string | PerDialect): string =>
  typeof symbol === "string" ? symbol : (Object.values(symbol)[0] ?? "operator")

/**
 * A binary operator the library does not know, between operands of its types.
 *
 * **Shape** gives a function of two operands. A result of `Type.boolean` is a condition, any other
 * is not. Operands that are operations themselves stand in parentheses, for servers rank operators
 * differently. The symbol is one for all dialects, or a record; where it is not said the statement
 * is `Unsupported`.
 * **Errors** `StatementError` for a symbol that is no operator's.
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
  types: { readonly left: Type<A>; readonly right: Type<B>; readonly result: Type<C> }
): (<R, const O extends B | Expr<B | null, any>>(
  left: Value<A | null, R>,
  right: O
) => Expr<C | null, R | RequiredOf<O>>) => {
  const print = printOf(symbol, (own) => ["", ` ${own} `, ""])
  const { result, right } = types
  return (one, other) =>
    expr(
      S.customScalar(
        nameOf(symbol),
        [one.node, lift(other, right, "operator")],
        print,
        result,
        formOf(result)
      )
    )
}

/**
 * A unary operator the library does not know, before its operand.
 *
 * **Errors** `StatementError` for a symbol that is no operator's.
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
  types: { readonly operand: Type<A>; readonly result: Type<C> }
): (<R>(operand: Value<A | null, R>) => Expr<C | null, R>) => {
  const print = printOf(symbol, (own) => [`${own} `, ""])
  const { result } = types
  return ({ node }) => expr(S.customScalar(nameOf(symbol), [node], print, result, formOf(result)))
}

/**
 * A call of a function the library does not know, by its name.
 *
 * **Shape** the name is one for all dialects, or a record; where it is not said, or is a word of
 * the dialect's own grammar, the statement is `Unsupported`. What it gives may be NULL.
 * **Errors** `StatementError` for a name that is not letters, digits and underscores, with a
 * schema before it or without, or is a word of every grammar; for an argument that is no
 * expression.
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
  name: string | PerDialect,
  type: Type<A>,
  ...args: P
): Expr<A | null, RequiredOf<P[number]>> => {
  const nodes = args.map((arg) =>
    isExpr(arg) ? arg.node : refuse("call: an argument is not an expression")
  )
  const said = (dialect: DialectName): ReadonlyArray<string> | null => {
    const own = typeof name === "string" ? name : name[dialect]
    if (own === undefined) return null
    if (typeof own !== "string" || !functionName.test(own))
      return refuse("call: the name of a function is letters, digits and underscores")
    if (noFunctions[dialect].has(own.toLowerCase())) return null
    if (nodes.length === 0) return [`${own}()`]
    return [`${own}(`, ...nodes.slice(1).map(() => ", "), ")"]
  }
  const print = Object.freeze(
    Object.fromEntries(dialectNames.map((one) => [one, said(one)]))
  ) as S.CustomScalar["print"]
  if (typeof name === "string" && dialectNames.every((one) => print[one] === null))
    refuse(`call: "${name}" is a word of SQL's own on every dialect`)
  return expr(S.customScalar(nameOf(name), nodes, print, type, "call"))
}

type Written = (...args: ReadonlyArray<Expr<never, never>>) => Expr<any, any>

/**
 * An expression of one's own: how each dialect writes it, as `sql` with the arguments in its holes.
 *
 * **Shape** gives a function of the arguments. A dialect without a text is `Unsupported`, by the
 * name.
 * **Errors** `StatementError` where a text does not hold each argument once and in order, or holds
 * anything else.
 * **Source** SQLAlchemy 2.0 `ext.compiler`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, sql, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const greatest = Expr.custom("greatest", Type.integer, {
 *   sqlite: (a, b) => sql(Type.integer)`max(${a}, ${b})`,
 *   postgres: (a, b) => sql(Type.integer)`greatest(${a}, ${b})`
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
  print: { readonly [D in DialectName]?: Written }
): (<const P extends ReadonlyArray<Value<any, any>>>(
  ...args: P
) => Expr<A | null, RequiredOf<P[number]>>) => {
  const partsOf = (written: Written | undefined, count: number): ReadonlyArray<string> | null => {
    if (written === undefined) return null
    const places = Array.from({ length: count }, (_, i) => S.named(`argument ${i}`, type))
    const { node }: { readonly node: Scalar } = written(
      ...places.map((one) => expr<never, never>(one))
    )
    const inOrder =
      node._tag === "Raw" &&
      node.holes.length === count &&
      node.holes.every((hole, i) => hole === places[i])
    return inOrder
      ? node.parts
      : refuse(`custom: the text of "${name}" does not hold its ${count} arguments once, in order`)
  }
  return (...args) => {
    const nodes = args.map((arg) =>
      isExpr(arg) ? arg.node : refuse(`custom: an argument of "${name}" is not an expression`)
    )
    const said = Object.fromEntries(
      dialectNames.map((one) => [one, partsOf(print[one], nodes.length)])
    )
    return expr(S.customScalar(name, nodes, Object.freeze(said) as S.CustomScalar["print"], type))
  }
}
