import { choice, number, object, type OptionTable, text, texts } from "../Options.ts"

/**
 * What may be said of the statements of a database, a transaction or one effect; the innermost
 * wins, name by name.
 *
 * **Source** SQLAlchemy 2.0 `execution_options`; sqlcommenter, "Specification".
 *
 * @category models
 */
export interface StatementOptions {
  /**
   * How long each statement, and each fetch of a stream, may take, the waiting for a connection
   * included, in milliseconds. Then it is cancelled on the server and fails with
   * `StatementTimeout`. SQLite's can be stopped in threads of their own only.
   */
  readonly timeout_ms?: number
  /** Sent with each statement as a comment the server's log shows: `{ route: "/users/:id" }`. */
  readonly tags?: Readonly<Record<string, string>>
  /** How log lines call the database, or the part of the program. */
  readonly name?: string
  /**
   * The schemas that tables are in, by the name they were written with; "" is a table's that names
   * none, and to "" means to the connection's own: `{ "": "tenant_7" }`. What is not named stays.
   * SQLite's are attached files, MySQL's and MariaDB's are databases. Raw SQL stays as it is
   * written.
   */
  readonly schemas?: Readonly<Record<string, string>>
  /** Whatever the interceptor is to know. */
  readonly values?: Readonly<Record<string, unknown>>
  /**
   * Where no condition connects two sources of one FROM, each row of one meets each of the other.
   * `warn`: the log says so once for each shape of statement; `refuse`: it fails with `Unsupported`
   * before it is sent; `allow`: nothing. A cross join is meant and never told. Default `warn`.
   */
  readonly unconnected?: "warn" | "refuse" | "allow"
}

/**
 * What may be said where streams are opened: of a database, a transaction, one stream.
 *
 * @category models
 */
export interface StreamOptions extends StatementOptions {
  /**
   * How many rows a stream fetches at once, each time one chunk of it; 500 where nobody says, and
   * on SQLite up to 2,000 after that where they are short. What is held in memory grows with it,
   * and fewer round trips are made. A command, whose rows come all at once, is then no stream:
   * `Unsupported`.
   */
  readonly fetchSize?: number
}

/** What each of them may be. */
export const statementTable: OptionTable = {
  timeout_ms: number("milliseconds", null, 1),
  fetchSize: number("rows", 500, 1, Number.MAX_SAFE_INTEGER),
  tags: texts,
  schemas: texts,
  name: text(null),
  values: object,
  unconnected: choice("warn", "refuse", "allow")
}

/** Nothing said. */
export const noOptions: StreamOptions = Object.freeze({})

/**
 * A text with its tags behind it.
 *
 * **Laws** nothing in a name or value ends the comment or begins another: what is not a letter,
 * digit, `-`, `.`, `_` or `~` is percent-encoded.
 */
export const tagged = (text: string, tags: StatementOptions["tags"]): string => {
  const comment = tags === undefined ? "" : commentOf(tags)
  return comment === "" ? text : `${text} ${comment}`
}

const commentOf = (tags: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(tags)
    .map(([name, value]) => `${encoded(name)}='${encoded(value)}'`)
    .sort()
  return pairs.length === 0 ? "" : `/*${pairs.join(",")}*/`
}

/** Lone surrogates have no UTF-8: they are replaced, as every encoder of text does. */
const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`
  )
