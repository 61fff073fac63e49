import type { Bound, BoundList } from "../algebra/Scalar.ts"
import type { Agreement } from "./Compiled.ts"
import type { Context } from "./Program.ts"

/**
 * Whether the values at two positions are one, as the statement holds them; they decide what its
 * text is, so the text is noted to hold only where it is so again.
 *
 * **Laws** a text found by its key is the text the statement would be given alone.
 */
export const agrees = (context: Context, pair: Omit<Agreement, "equal">): boolean => {
  const noted = context.agree.find(({ left, right }) => left === pair.left && right === pair.right)
  if (noted !== undefined) return noted.equal
  const equal = isOne(pair, context.values)
  context.agree.push({ ...pair, equal })
  return equal
}

/** How the values of a statement differ from those a text was made of; null where it holds. */
export const disagreement = (
  agree: ReadonlyArray<Agreement>,
  values: ReadonlyArray<Bound | BoundList>
): string | null => {
  const found = agree.map((pair) => isOne(pair, values))
  return found.every((equal, i) => equal === agree[i]!.equal)
    ? null
    : found.map((equal) => (equal ? "=" : "≠")).join("")
}

/** A policy's values are nobody's here: of them only the same one is one. */
const isOne = (
  { encode, left, right }: Omit<Agreement, "equal">,
  values: ReadonlyArray<Bound | BoundList>
): boolean => {
  const [one, other] = [values[left], values[right]]
  if (one === undefined || other === undefined) return false
  const [a, b] = [valuesOf(one), valuesOf(other)]
  return (
    a.length === b.length &&
    a.every((value, i) => value === b[i] || encoded(value, encode) === encoded(b[i], encode))
  )
}

export const valuesOf = (bind: Bound | BoundList): ReadonlyArray<unknown> =>
  bind._tag === "Bound" ? [bind.value] : bind.values

const encoded = (value: unknown, encode: Agreement["encode"]): unknown => {
  if (value === null) return null
  const sent = (encode as (one: unknown) => unknown)(value)
  return sent instanceof Uint8Array ? sent.toString() : sent
}
