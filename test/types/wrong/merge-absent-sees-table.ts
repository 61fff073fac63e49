// line: 9
// expect: InScope<"news">
import { Column, Query, Table } from "athanor"

const users = Table.make("users", { id: Column.integer().primaryKey(), name: Column.text() })
const news = Table.make("news", { id: Column.integer().primaryKey(), title: Column.text() })
const into = Query.merge(users).using(news, news.c.id.eq(users.c.id))

const command = into.whenNotMatched().doInsert({ id: news.c.id, name: users.c.name })
