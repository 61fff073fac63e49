import { type DialectName, dialectNames } from "./Dialect.ts"
import { type Expr, expr } from "./Expression.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import * as T from "./types.ts"
import type { Value } from "./Value.ts"

/** A record of what is so on each dialect. */
export const forEachDialect = <A>(
  said: (dialect: DialectName) => A
): Readonly<Record<DialectName, A>> =>
  Object.freeze(Object.fromEntries(dialectNames.map((one) => [one, said(one)]))) as Readonly<
    Record<DialectName, A>
  >

/** How a dialect writes a node, its arguments in the holes. */
export type Written = (...args: ReadonlyArray<Expr<never>>) => Value<unknown, unknown>

/** How each dialect writes a node; those that are not named write it by default. */
export type Print<W> = { readonly [D in DialectName | "default"]?: W }

/** What a text has around its arguments: each stands in it once, in order, and nothing else. */
export const partsAround = (
  name: string,
  written: Written,
  count: number
): ReadonlyArray<string> => {
  const places = Array.from({ length: count }, (_, i) => S.named(`argument ${i}`, T.text))
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

/** What each dialect says by a print, its default where it has none of its own. */
export const printed = <W, A>(
  print: Print<W>,
  said: (written: W) => A
): Readonly<Record<DialectName, A | null>> =>
  forEachDialect((dialect) => {
    const written = print[dialect] ?? print.default
    return written === undefined ? null : said(written)
  })

/** The parts of a call by name around so many arguments. */
export const callAround = (name: string, count: number): ReadonlyArray<string> =>
  count === 0 ? [`${name}()`] : [`${name}(`, ...Array.from({ length: count - 1 }, () => ", "), ")"]

/** Refusals and keys call a node by its name. */
export const checkNodeName = (name: unknown): void => {
  if (typeof name !== "string" || name.trim() === "") refuse("custom: a node must have a name")
}
