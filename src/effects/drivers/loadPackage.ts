import * as Effect from "effect/Effect"
import type { DialectName } from "../../algebra/Dialect.ts"
import { DriverMissing } from "../DatabaseError.ts"

/** The optional peers and their versions that are accepted, as package.json has them. */
export const packages = {
  "better-sqlite3": "^12.11.0 || ^13.0.0",
  mysql2: "^3.24.0",
  pg: "^8.23.0"
} as const

type PackageName = keyof typeof packages

/** Imports an optional peer when it is first needed. */
export const loadPackage = <A>(
  dialect: DialectName,
  name: PackageName,
  load: () => Promise<{ readonly default: A }>
): Effect.Effect<A, DriverMissing> =>
  Effect.tryPromise({
    try: async () => (await load()).default,
    catch: (error) => driverMissing(dialect, name, "install the package", error)
  })

/** The package is not there, or not fit for this Node. */
export const driverMissing = (
  dialect: DialectName,
  name: PackageName,
  advice: string,
  error?: unknown
): DriverMissing =>
  new DriverMissing(
    {
      message: `the driver ${name} is missing: ${advice} ${name} ${packages[name]}`,
      dialect,
      operation: "configure",
      retryable: false,
      transaction: "ended",
      package: name,
      versions: packages[name]
    },
    error
  )
