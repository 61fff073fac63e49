import * as Effect from "effect/Effect"
import { ValueRefused } from "../algebra/Codec.ts"
import type { Capabilities } from "../algebra/Dialect.ts"
import { DecodeFailed } from "../effects/DatabaseError.ts"

/** Values made of what a document held, after its statement was decoded: refused, it is typed. */
export const decoding = <A, E, R>(
  { dialect }: Capabilities,
  work: () => Effect.Effect<A, E, R>
): Effect.Effect<A, E | DecodeFailed, R> => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ValueRefused) || error.ruled === null) throw error
    const { below, entity } = error.ruled
    const { expected } = error
    const message = `${entity}.${below}: expected ${expected}`
    const facts = { dialect, operation: "decode", retryable: false, transaction: "alive" } as const
    return Effect.fail(new DecodeFailed({ ...facts, message, path: below, expected }))
  }
}
