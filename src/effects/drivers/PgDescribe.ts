import type { Done } from "../Driver.ts"
import { PgExchange } from "./PgExchange.ts"
import type { PgProtocol, Wire } from "./pgModule.ts"

/** A column as the protocol describes it. */
interface Field {
  readonly name: string
  readonly tableID: number
  readonly columnID: number
  readonly dataTypeID: number
}

/** What the server says of a statement: its types by number. */
export interface PgDescribed {
  readonly parameters: ReadonlyArray<number>
  readonly fields: ReadonlyArray<Field>
}

/**
 * Parses a statement and asks what it takes and gives, without running it.
 *
 * **Shape** settles when the server is ready for the next statement.
 */
export class PgDescribe extends PgExchange {
  readonly #text: string
  readonly #done: (error: unknown, described: PgDescribed) => void
  #parameters: ReadonlyArray<number> = []
  #fields: ReadonlyArray<Field> = []

  constructor(text: string, done: (error: unknown, described: PgDescribed) => void) {
    super()
    this.#text = text
    this.#done = done
  }

  submit(protocol: PgProtocol): Error | null {
    protocol.stream.cork?.()
    try {
      protocol.parse({ name: "", text: this.#text, types: [] })
      protocol.describe({ type: "S", name: "" })
      protocol.sync()
    } finally {
      protocol.stream.uncork?.()
    }
    return null
  }

  takes(parameters: ReadonlyArray<number>): void {
    this.#parameters = parameters
  }
  override handleRowDescription(message: { readonly fields: ReadonlyArray<Field> }): void {
    this.#fields = message.fields
  }

  protected settle(error: unknown): void {
    this.#done(error, { parameters: this.#parameters, fields: this.#fields })
  }
}

/** The names of types by number, those under a domain's; whether a table's column may be NULL. */
export const namesText =
  "select coalesce(format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null), '?'), " +
  "a.attnotnull " +
  "from unnest($1::bigint[], $2::bigint[], $3::int[]) with ordinality as o(type, rel, col, n) " +
  "left join pg_catalog.pg_type t on t.oid = o.type::oid " +
  "left join pg_catalog.pg_attribute a on a.attrelid = o.rel::oid and a.attnum = o.col " +
  "order by o.n"

/** What `namesText` is asked for. */
export const namesAsked = ({ fields, parameters }: PgDescribed): ReadonlyArray<Wire> => {
  const list = (items: ReadonlyArray<number>): Wire => `{${items.join()}}`
  const none = parameters.map(() => 0)
  return [
    list([...parameters, ...fields.map(({ dataTypeID }) => dataTypeID)]),
    list([...none, ...fields.map(({ tableID }) => tableID)]),
    list([...none, ...fields.map(({ columnID }) => columnID)])
  ]
}

/** A row for each parameter and column. */
export const describedRows = (
  { fields, parameters }: PgDescribed,
  names: ReadonlyArray<ReadonlyArray<unknown>>
): ReadonlyArray<ReadonlyArray<unknown>> => [
  ...parameters.map((_, i) => ["parameter", null, names[i]![0], null]),
  ...fields.map(({ name }, i) => {
    const [type, notNull] = names[parameters.length + i]!
    return ["column", name, type, notNull === null ? null : notNull === "f"]
  })
]

/** Passes on what was described, with the names the server gives it. */
export const withNames =
  (ask: (values: ReadonlyArray<Wire>, done: Done) => void, done: Done) =>
  (error: unknown, described: PgDescribed): void => {
    if (error !== null) return done(error, null)
    ask(namesAsked(described), (failed, result) => {
      if (failed !== null || result === null) return done(failed, null)
      const rows = describedRows(described, result.rows)
      done(null, { rows, affected: rows.length, tag: "" })
    })
  }
