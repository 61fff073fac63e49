import type { DialectName } from "./Dialect.ts"

/**
 * A value its type cannot hold, or a stored form it cannot read.
 *
 * **Shape** thrown by codecs only; the query primitive catches it and names the path
 * (`EncodeFailed`, `DecodeFailed`). `expected` never contains the value.
 */
export class ValueRefused extends Error {
  readonly _tag = "ValueRefused"
  override readonly name = "ValueRefused"
  readonly expected: string
  /** Whose rule refuses it, and what of the value; null where its type does. */
  readonly ruled: { readonly entity: string; readonly below: string } | null
  constructor(expected: string, ruled: ValueRefused["ruled"] = null) {
    super(`expected ${expected}`)
    this.expected = expected
    this.ruled = ruled
  }
}

/** Both directions between a TypeScript value and what one dialect's driver sends and returns. */
export interface RowCodec<A> {
  /** From the driver's raw value, never null. Throws `ValueRefused`. */
  readonly decode: (raw: unknown) => A
  /** To a value the driver binds, never null. Throws `ValueRefused`. */
  readonly encode: (value: A) => unknown
  /** `decode` returns its argument unchanged, so a compiled row constructor may skip the call. */
  readonly identity?: boolean
}

/**
 * A type's forms: one row codec per dialect and one JSON codec for nested results.
 *
 * **Laws** `decode(encode(a)) = a` on every dialect, through the server (L33); JSON likewise (L24).
 */
export interface Codec<A> {
  readonly row: Readonly<Record<DialectName, RowCodec<A>>>
  readonly json: RowCodec<A>
}
