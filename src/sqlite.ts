import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Database } from "./effects/Database.ts"
import type { OpenError } from "./effects/DatabaseError.ts"
import { sqliteDriver, type SqliteOptions } from "./effects/drivers/sqlite.ts"
import { type DriverNamespace, makeNamespace } from "./effects/layer.ts"
import type { OpenSettings } from "./effects/open.ts"
import { configInvalid } from "./effects/Options.ts"

export type { OpenError, SqliteOptions }

/**
 * A file or memory, and how its connection is kept.
 *
 * @category models
 */
export interface SqliteLayerOptions extends SqliteOptions, OpenSettings {}

/**
 * As every driver's namespace; without options in memory.
 *
 * @category models
 */
export interface SqliteNamespace extends DriverNamespace<SqliteLayerOptions> {
  readonly layer: (options?: SqliteLayerOptions) => Layer.Layer<Database, OpenError>
}

/**
 * SQLite inside the program, by the package `better-sqlite3`.
 *
 * **Shape** addresses `sqlite::memory:`, `sqlite:blog.db`, `sqlite:///var/blog.db`. One connection
 * per database; foreign keys are enforced; a file is kept in WAL mode.
 * **Errors** `DriverMissing` without the package, or with version 12 on Node 24; `ConnectFailed`
 * with reason `file` where the file cannot be opened.
 * **Source** sqlite.org, "Write-Ahead Logging", "PRAGMA Statements".
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const program = Database.one(Query.select(Expr.value(42, Type.integer)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer({ file: ":memory:" }))) // => 42
 * ```
 * @category layers
 */
export const Sqlite: SqliteNamespace = withDefaults(
  makeNamespace<SqliteLayerOptions>(
    {
      schemes: ["sqlite"],
      fromUrl: (url) => {
        const file = url.replace(/^sqlite:(\/\/)?/, "")
        return file === ""
          ? Effect.fail(
              configInvalid("file", "the address names no file: sqlite::memory: or sqlite:path")
            )
          : sqliteDriver({ file })
      }
    },
    sqliteDriver
  )
)

function withDefaults(namespace: DriverNamespace<SqliteLayerOptions>): SqliteNamespace {
  return { ...namespace, layer: (options = {}) => namespace.layer(options) }
}
