// line: 8
// expect: Property 'id' does not exist
import { Column, Query, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })
const gone = Query.deleteFrom(users).everyRow().returning({ key: users.c.id }).cte("gone")

const command = Query.from(gone).select(gone.c.id)
