// line: 11
// expect: Argument of type '"ags"' is not assignable to parameter of type
import { Column, Table, Type } from "athanor"
import { Schema } from "effect"

const users = Table.make("users", {
  id: Column.id(), profile: Column.make(Type.json(Schema.Struct({ age: Schema.Number })))
})

export const age =
  users.c.profile.at("ags")
