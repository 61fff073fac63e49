// line: 6
// expect: Window
import { Column, Fn, Query, Table } from "athanor"
const users = Table.make("users", { id: Column.id(), age: Column.integer() })
const place = Fn.rowNumber().over({ orderBy: users.c.id })
Query.from(users).where(place.gt(1))
