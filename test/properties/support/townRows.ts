import { Database, Query } from "athanor"
import * as Effect from "effect/Effect"
import * as T from "./town.ts"
import { kindNames, kinds } from "./townKinds.ts"
import { type Cells, keyOf, type Model, tableNames } from "./townModel.ts"

/** The rows of a town as a database holds them. */

const classes = {
  houses: T.House,
  rooms: T.Room,
  beds: T.Bed,
  bills: T.Bill,
  flats: T.Flat,
  guests: T.Guest,
  people: T.Person,
  shifts: T.Shift,
  works: T.Work,
  tags: T.Tag,
  links: T.workTags
} as const

/** A town of nobody. */
export const emptied = Database.script(
  [
    "delete from town_work_tags",
    "delete from town_shifts",
    "delete from town_guests",
    "delete from town_flats",
    "delete from town_bills",
    "delete from town_beds",
    "delete from town_rooms",
    "update town_tags set up_id = null, peer_id = null",
    "delete from town_tags",
    "update town_works_film set book_id = null",
    "delete from town_works",
    "update town_people set boss_id = null",
    "delete from town_people",
    "delete from town_houses"
  ].join(";\n")
)

/** Two houses and who and what is in them, as others have written it. */
export const settledIn = Effect.andThen(
  emptied,
  Database.script(
    [
      "insert into town_houses values (1, 'a', 'x', 'long', 1, 1), (2, 'b', 'y', null, 2, 1)",
      "insert into town_rooms values (1, 1, 'a', 0), (1, 2, null, 3), (2, 1, 'a', 0)",
      "insert into town_beds values (1, 1, 1, 1), (2, 1, 2, 1)",
      "insert into town_bills values (1, 1, 'b'), (2, 1, null)",
      "insert into town_flats values (1, 'a', 1), (2, 'b', 1)",
      "insert into town_guests values (1, 'a', 1, 1), (2, 'b', 1, 1)",
      `insert into town_people (id, kind, name, house_id, edits, head_of_id, boss_id)
       values (1, 'manager', 'm', 1, 1, 1, null), (2, 'clerk', 'c', 2, 1, null, 1)`,
      "insert into town_shifts values (1, 1, 8), (2, 1, null)",
      "insert into town_works (id, kind, title, house_id, edits) values (1, 'book', 'b', 1, 1)",
      "insert into town_works_book (id, pages, keeper_id) values (1, 9, 2)",
      "insert into town_works (id, kind, title, house_id, edits) values (2, 'film', 'f', 2, 1)",
      "insert into town_works_film (id, minutes, book_id) values (2, 90, 1)",
      "insert into town_tags values (1, null, null), (2, 1, null), (3, null, 1)",
      "insert into town_work_tags values (1, 1), (2, 2)"
    ].join(";\n")
  )
)

/** The rows of the town as maps. */
export const stored: Effect.Effect<Model, unknown, Database> = Effect.gen(function* () {
  const model: Record<string, Map<string, Cells>> = {}
  for (const table of tableNames) {
    const rows = (yield* Database.all(
      table === "houses"
        ? (Query.from(T.House).select({
            id: T.House.c.id,
            code: T.House.c.code,
            name: T.House.c.name,
            notes: T.House.c.notes,
            size: T.House.c.size
          }) as never)
        : Query.from(classes[table] as never)
    )) as ReadonlyArray<Cells>
    model[table] = new Map(
      rows.map((row) => {
        const { edits: _, ...cells } = row
        const kind = kindNames.find(
          (name) => kinds[name].tag !== undefined && kinds[name].tag === row["kind"]
        )
        const whole = { ...cells, ...(kind === undefined ? {} : kinds[kind].rest) } as Cells
        return [keyOf(table, whole), whole] as const
      })
    )
  }
  return model as unknown as Model
})
