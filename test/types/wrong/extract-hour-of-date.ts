// line: 8
// expect: Argument of type '"hour"' is not assignable to parameter of type 'DayPart'
import { Column, Fn, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), born: Column.date() })

export const hour =
  Fn.extract("hour", users.c.born)
