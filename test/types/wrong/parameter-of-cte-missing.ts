// line: 8
// expect: Expected 2 arguments, but got 1
import { Column, Database, Expr, Query, Table, Type } from "athanor"
const users = Table.make("users", { id: Column.id() })
const some = Query.from(users)
  .where(users.c.id.gt(Expr.param("least", Type.integer)))
  .cte("some")
Database.all(Query.from(some))
