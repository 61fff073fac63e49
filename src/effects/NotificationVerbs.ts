import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ReadError } from "./DatabaseError.ts"
import type { Heard, ListenOptions } from "./Listen.ts"

/** What tells programs of each other. */
export interface NotificationVerbs<Self> {
  /**
   * What is notified on a channel, as long as the stream is read.
   *
   * **Shape** on a connection of its own beside the pool. First comes `Listening`: what is read
   * from the database after it misses nothing. When the connection is lost it is opened again, and
   * `Listening` comes again with the moment since which notifications may have been missed: read
   * again what they are about.
   * **SQL** postgres: LISTEN
   * **Errors** `ConnectFailed` where the server does not answer at first, later it is waited for;
   * `Unsupported` on SQLite, MySQL and MariaDB.
   * **Source** PostgreSQL manual, LISTEN.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Effect, Stream } from "effect"
   * const jobs = Stream.runForEach(Database.listen("jobs"), (heard) =>
   *   heard._tag === "Listening"
   *     ? Effect.log("look for jobs that are there already", heard.missedSince)
   *     : Effect.log("a job", heard.payload))
   * ```
   * @category verbs
   */
  readonly listen: (
    channel: string,
    options?: ListenOptions
  ) => Stream.Stream<Heard, ReadError, Self>
  /**
   * Notifies who listens on a channel: at COMMIT where a transaction is open, else at once.
   *
   * **Shape** a payload has less than 8,000 bytes.
   * **SQL** postgres: pg_notify
   * **Errors** `Unsupported` on SQLite, MySQL and MariaDB; `ValueOutOfRange` for a payload too
   * long; else as any statement.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * const program = Database.notify("jobs", "17")
   * ```
   * @category verbs
   */
  readonly notify: (channel: string, payload?: string) => Effect.Effect<void, ReadError, Self>
}
