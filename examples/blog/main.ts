/**
 * The program every guide shows, whole: `npm run quickstart`, with `-- --sql` to see each statement
 * and
 * its time, with `-- --database <url>` to run it unchanged on PostgreSQL or MariaDB.
 */
import { Database } from "athanor"
import { Mysql } from "athanor/mysql"
import { Postgres } from "athanor/postgres"
import { Sqlite } from "athanor/sqlite"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { parseArgs } from "node:util"
import { folded } from "./print.ts"
import { blog } from "./program.ts"

const usage =
  "usage: npm run quickstart -- [--sql] [--database sqlite::memory:|postgres://…|mysql://…]"

const options = () => {
  try {
    return parseArgs({
      options: {
        sql: { type: "boolean", default: false },
        database: { type: "string", default: "sqlite::memory:" }
      }
    }).values
  } catch (error) {
    return error as Error
  }
}

const onStatement = (event: { readonly text: string; readonly duration_ms: number }) => {
  const [first, ...rest] = folded(event.text, 84)
  console.log(`  ${event.duration_ms.toFixed(2).padStart(7)} ms  ${first}`)
  for (const line of rest) console.log(`${" ".repeat(16)}${line}`)
}

// A reader that closes the pipe early, such as `head`, has seen enough.
process.stdout.on("error", () => process.exit(0))

const run = (database: string, sql: boolean) =>
  blog.pipe(
    Effect.provideService(Database.Tap, sql ? onStatement : null),
    Effect.provide(Database.layerUrl(database, { drivers: [Sqlite, Postgres, Mysql] })),
    Effect.as(0),
    // One line says what went wrong; the address, and the password in it, are never printed.
    Effect.catch((error) => Effect.as(Console.error(`${error._tag}: ${error.message}`), 1))
  )

const given = options()
process.exitCode =
  given instanceof Error
    ? (console.error(`${given.message}\n${usage}`), 2)
    : await Effect.runPromise(run(given.database, given.sql))
