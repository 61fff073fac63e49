import * as Effect from "effect/Effect"
import type { DialectName } from "../../algebra/Dialect.ts"
import * as Query from "../../algebra/Query.ts"
import { sql } from "../../algebra/sql.ts"
import { text as textType } from "../../algebra/types.ts"
import { type DatabaseError, RequiresSession } from "../DatabaseError.ts"
import type { OnConnect } from "./onConnect.ts"

/** What makes every transaction of a session one for reading; a file is opened so. */
const texts: Readonly<Record<DialectName, string | null>> = {
  sqlite: null,
  postgres: "set default_transaction_read_only to on",
  mysql: "set session transaction read only",
  mariadb: "set session transaction read only"
}

const isSet = Query.select(sql(textType)`current_setting('default_transaction_read_only')`)

const notSet =
  "readOnly behind a pooler: default_transaction_read_only must be on before we come, " +
  "for the role or the database"

/**
 * Has a new session read only; null where its opening does. Behind a pooler, whose sessions keep
 * nothing of ours, it must be so already.
 */
export const readingOnly = (dialect: DialectName): OnConnect | null => {
  const text = texts[dialect]
  if (text === null) return null
  return (session) =>
    Effect.catchTag(session.script(text), "RequiresSession", ({ retryable, transaction }) =>
      Effect.flatMap(session.one(isSet), (setting): Effect.Effect<void, DatabaseError> =>
        setting === "on"
          ? Effect.void
          : Effect.fail(
              new RequiresSession({
                message: notSet,
                dialect,
                operation: "connect",
                retryable,
                transaction
              })
            )
      )
    )
}
