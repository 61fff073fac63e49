import * as Effect from "effect/Effect"
import type { Catalog } from "../algebra/schema/Catalog.ts"
import { FromId } from "../algebra/From.ts"
import * as Query from "../algebra/Query.ts"
import type { TableSource } from "../algebra/Source.ts"
import { Database } from "../effects/Database.ts"
import type { TransactionError, WriteError } from "../effects/DatabaseError.ts"
import type { Choices } from "./seed/Choices.ts"
import { type Givers, Made, nameOf, type Rows, rowsOf, type SeedTable } from "./seed/rows.ts"

export type { Choices, Givers }

/**
 * How many rows a seed has, and what they are made from.
 *
 * @category models
 */
export interface SeedOptions {
  /** Of each table, at most. Default 10. */
  readonly rows?: number
  /**
   * A number: as if by chance, the same rows for the same number. A list: each choice in turn, and
   * then the simplest; whoever makes the list shorter or smaller shrinks the rows. Default 0.
   */
  readonly from?: number | ReadonlyArray<number>
  /** Values of columns, by `table.column`, instead of those their types give. */
  readonly values?: Givers
}

/**
 * Rows for the tables of a catalog, not yet in a database.
 *
 * @category models
 */
export interface Seed extends Rows {
  readonly catalog: Catalog
}

/**
 * Rows for the tables of a catalog, as a value.
 *
 * **Shape** tables that others refer to come first; what the server makes is left out, and what
 * refers to it is a `Made`. Foreign keys of a ring are told late. Checks that compare a column with
 * a number are kept; any other is the server's to judge: give such a column its values. A table
 * that cannot be filled stands in `unfilled`, with the reason.
 * **Laws** inserted into empty tables, the rows violate no key, no foreign key and no NOT NULL; the
 * same choices are the same rows.
 * **Source** SQL:2016 part 2, 11.6; Hypothesis, "internal shrinking".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Seed } from "athanor/testing"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), email: Column.varchar(80).unique() })
 * const posts = Table.make("posts", { author: Column.integer().references(() => users.c.id) })
 * const catalog = Catalog.make({ posts, users })
 * const program = Database.create(catalog).pipe(
 *   Effect.andThen(Seed.insert(Seed.make(catalog, { rows: 5, from: 7 }))),
 *   Effect.andThen(Database.count(Query.from(posts).join(users, posts.c.author.eq(users.c.id)))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 5
 * ```
 * @category constructors
 */
export const make = (
  catalog: Catalog,
  { from = 0, rows = 10, values = {} }: SeedOptions = {}
): Seed => ({ catalog, ...rowsOf(catalog, { rows, from, values }) })

/** The verbs for tables whose columns are known when the program runs. */
const run: (command: object) => Effect.Effect<unknown, WriteError, Database> = (command) =>
  (Database.run as (command: object) => never)(command)
const all: (command: object) => Effect.Effect<ReadonlyArray<Cells>, WriteError, Database> = (
  command
) => (Database.all as (command: object) => never)(command)

/** Rows of one statement. */
const batch = 100

type Cells = Readonly<Record<string, unknown>>

/** What the server made of each table's rows, in their order. */
type Known = Map<string, Array<Cells>>

/**
 * Inserts the rows, in one transaction.
 *
 * **Errors** what a write gives: a check that only the server can judge is a `CheckViolation`, rows
 * that are there already may clash.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Seed } from "athanor/testing"
 * import { Effect } from "effect"
 * const dice = Table.make("dice", { id: Column.id(), eyes: Column.integer() })
 * const catalog = Catalog.make({ dice })
 * const seed = Seed.make(catalog, {
 *   rows: 3,
 *   values: { "dice.eyes": (row, choices) => 1 + choices.next(6) }
 * })
 * const program = Database.create(catalog).pipe(
 *   Effect.andThen(Seed.insert(seed)),
 *   Effect.andThen(Database.count(Query.from(dice).where(dice.c.eyes.between(1, 6)))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 3
 * ```
 * @category verbs
 */
export const insert = ({
  catalog,
  tables
}: Seed): Effect.Effect<void, WriteError | TransactionError, Database> => {
  const members = new Map(
    Object.values(catalog.members).flatMap((member) =>
      FromId in member ? [[member[FromId].source as TableSource, member] as const] : []
    )
  )
  const known: Known = new Map()
  const first = Effect.forEach(
    tables,
    (one) => insertInto(members.get(one.table) as never, one, known),
    { discard: true }
  )
  const late = Effect.forEach(
    tables,
    (one) => tellLate(members.get(one.table) as never, one, known),
    { discard: true }
  )
  return Database.transaction(Effect.andThen(first, late)) as never
}

type Member = Parameters<typeof Query.insert>[0] & {
  readonly c: Readonly<Record<string, { readonly eq: (value: unknown) => never }>>
}

const resolved = (cells: Cells, known: Known): Cells =>
  Object.fromEntries(
    Object.entries(cells).map(([key, value]) => [
      key,
      value instanceof Made ? known.get(value.table)![value.row]![value.column] : value
    ])
  )

/** Rows that do not wait for one another, in order. */
const waves = ({ rows, table }: SeedTable): ReadonlyArray<ReadonlyArray<Cells>> => {
  const own = nameOf(table)
  const out: Array<Array<Cells>> = []
  let first = 0
  for (const [row, cells] of rows.entries()) {
    const last = out.at(-1)
    const waits = Object.values(cells).some(
      (value) => value instanceof Made && value.table === own && value.row >= first
    )
    const isEmpty = Object.keys(cells).length === 0
    if (last === undefined || waits || isEmpty || last.length === batch) {
      out.push([cells])
      first = row
    } else last.push(cells)
  }
  return out
}

const insertInto = (
  member: Member,
  seeded: SeedTable,
  known: Known
): Effect.Effect<unknown, WriteError, Database> => {
  const { table } = seeded
  const made = table.columns.filter(({ identity }) => identity).map(({ key }) => key)
  const found: Array<Cells> = []
  known.set(nameOf(table), found)
  return Effect.forEach(waves(seeded), (wave) =>
    Effect.suspend(() => {
      const rows = wave.map((cells) => resolved(cells, known))
      const command = Query.insert(member).rows(rows)
      if (made.length === 0) return run(command)
      const back = Object.fromEntries(made.map((key) => [key, member.c[key]!]))
      const asked = command.returning(back as never).inOrder()
      return Effect.map(all(asked), (keys) => found.push(...keys))
    })
  )
}

/** The foreign keys that close a ring, row by row. */
const tellLate = (
  member: Member,
  { late, rows, table }: SeedTable,
  known: Known
): Effect.Effect<unknown, WriteError, Database> =>
  Effect.forEach(late, ({ row, set }) =>
    Effect.suspend(() => {
      const cells: Cells = { ...rows[row], ...known.get(nameOf(table))![row] }
      const key = resolved(
        Object.fromEntries(table.primaryKey.map((column) => [column, cells[column]])),
        known
      )
      let update = Query.update(member).set(resolved(set, known) as never)
      for (const [column, value] of Object.entries(key))
        update = update.where(member.c[column]!.eq(value)) as never
      return run(update)
    })
  )
