import * as Effect from "effect/Effect"
import type { DialectName } from "../../algebra/Dialect.ts"
import { DriverMissing } from "../DatabaseError.ts"

/** Imports an optional peer when it is first needed. */
export const loadPackage = <A>(
  dialect: DialectName,
  name: string,
  load: () => Promise<{ readonly default: A }>
): Effect.Effect<A, DriverMissing> =>
  Effect.tryPromise({
    try: async () => (await load()).default,
    catch: (error) => driverMissing(dialect, name, `install the package ${name}`, error)
  })

/** The package is not there, or not fit for this Node. */
export const driverMissing = (
  dialect: DialectName,
  name: string,
  advice: string,
  error?: unknown
): DriverMissing =>
  new DriverMissing(
    {
      message: `the driver ${name} is missing: ${advice}`,
      dialect,
      operation: "configure",
      retryable: false,
      transaction: "ended",
      package: name
    },
    error
  )
