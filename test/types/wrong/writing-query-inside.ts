// line: 9
// expect: Type 'StatementNode' is not assignable to type 'Relation'
import { Column, Query, Table } from "athanor"

const users = Table.make("users", { id: Column.id(), name: Column.text() })
const gone = Query.deleteFrom(users).everyRow().returning().cte("gone")
const written = Query.from(gone).select({ id: gone.c.id }).pipe(Query.writing)

const command = Query.from(users).where(users.c.id.in(written))
