import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Database } from "./effects/Database.ts"
import type { OpenError } from "./effects/DatabaseError.ts"
import { adoptedSqlite, sqliteDriver } from "./effects/drivers/sqlite.ts"
import type { SqliteOptions } from "./effects/drivers/SqliteOptions.ts"
import {
  type Adopting,
  type DriverNamespace,
  makeAdopting,
  makeNamespace
} from "./effects/layer.ts"
import { openTable, type OpenSettings } from "./effects/open.ts"
import { optionOf } from "./effects/url.ts"
import {
  choice,
  configInvalid,
  flag,
  number,
  object,
  type OptionKind,
  text
} from "./effects/Options.ts"

export type { OpenError, SqliteOptions }

/**
 * What is used of a database of better-sqlite3: `new Database("blog.db")`.
 *
 * @category models
 */
export interface BetterSqliteDatabase {
  readonly name: string
  readonly open: boolean
  readonly prepare: (text: string) => object
  readonly pragma: (text: string) => unknown
}

/**
 * A file or memory, and how its connection is kept.
 *
 * @category models
 */
export interface SqliteLayerOptions extends SqliteOptions, OpenSettings {}

/** What each of them may be. */
const sqliteTable: Readonly<Record<keyof SqliteLayerOptions, OptionKind>> = {
  ...openTable,
  file: text(":memory:"),
  attach: object,
  durability: choice("normal", "full"),
  busyTimeout_ms: number("milliseconds", 5000),
  statements: number("statements", 256, 1),
  readers: number("connections", 0),
  threads: flag(false),
  driverOptions: object
}

/**
 * As every driver's namespace; without options in memory.
 *
 * @category models
 */
export interface SqliteNamespace extends DriverNamespace<SqliteLayerOptions> {
  readonly layer: (options?: SqliteLayerOptions) => Layer.Layer<Database, OpenError>
  /**
   * On a database of better-sqlite3 the application has opened: `Sqlite.fromHandle.layer(handle)`.
   *
   * **Shape** it is not closed here. While it is used, foreign keys are enforced, LIKE tells cases
   * apart and a locked file does not block; then the handle is as it was.
   *
   * @category layers
   */
  readonly fromHandle: Adopting<BetterSqliteDatabase>
}

/**
 * SQLite inside the program, by the package `better-sqlite3`.
 *
 * **Shape** addresses `sqlite::memory:`, `sqlite:blog.db`, `sqlite:///var/blog.db`. One connection
 * per database; foreign keys are enforced; a file is kept in WAL mode.
 * **Errors** `DriverMissing` without the package, or with version 12 on Node 24. The first
 * statement gives `ConnectFailed` with reason `file` where the file cannot be opened.
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
      driver: "better-sqlite3",
      fromUrl: (url, settings) => {
        const invalid =
          optionOf(url, new Set()) ??
          (url.database === null
            ? configInvalid("file", "the address names no file: sqlite::memory: or sqlite:path")
            : null)
        return invalid === null
          ? sqliteDriver({ file: url.database!, readOnly: settings.readOnly ?? false })
          : Effect.fail(invalid)
      }
    },
    sqliteTable,
    sqliteDriver
  )
)

function withDefaults(namespace: DriverNamespace<SqliteLayerOptions>): SqliteNamespace {
  return {
    ...namespace,
    layer: (options = {}) => namespace.layer(options),
    fromHandle: makeAdopting((handle) => Effect.succeed(adoptedSqlite(handle as never, {})))
  }
}
