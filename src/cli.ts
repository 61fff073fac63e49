#!/usr/bin/env node
import * as Effect from "effect/Effect"
import { runPull } from "./cli/pull.ts"
import { Mysql } from "./mysql.ts"
import { Postgres } from "./postgres.ts"
import { Sqlite } from "./sqlite.ts"

process.exitCode = await Effect.runPromise(
  runPull(process.argv.slice(2), process.env, [Sqlite, Postgres, Mysql], {
    output: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text)
  })
)
