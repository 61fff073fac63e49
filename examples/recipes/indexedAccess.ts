/** Parts of a document as if they were columns: read, asked for, and changed in their place. */
import { Catalog, Column, Database, Fn, Query, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Profile = Schema.Struct({
  name: Schema.String,
  tags: Schema.Array(Schema.String)
})
const people = Table.make("people", {
  id: Column.integer().primaryKey(),
  profile: Column.make(Type.json(Profile))
})
const { id, profile } = people.c
const name = Fn.jsonAs(profile.at("name"), Type.text)
const firstTag = Fn.jsonAs(profile.at("tags", 0), Type.text)

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ people }))
  const rows = [
    { id: 1, profile: { name: "ann", tags: ["tall", "quick"] } },
    { id: 2, profile: { name: "bob", tags: [] } }
  ]
  yield* Database.run(Query.insert(people).rows(rows))
  const all = Query.from(people).orderBy(id)
  return {
    parts: yield* Database.all(all.select({ name, firstTag })),
    tall: yield* Database.all(all.where(firstTag.eq("tall")).select(name))
  }
})

export const expected = {
  parts: [
    { name: "ann", firstTag: "tall" },
    { name: "bob", firstTag: null }
  ],
  tall: ["ann"]
}
