// line: 4
// expect: Argument of type 'Expr<string, "users">' is not assignable
import { Column, Query, Table } from "athanor"
Query.series(1, Table.make("users", { name: Column.text() }).c.name)
