import { Column, type Expr, Fn, type LocalDate, Query, Table, Type } from "athanor"
import type { DateTime } from "effect"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}

const users = Table.make("users", {
  id: Column.id(), name: Column.text(), bio: Column.text().nullable(), born: Column.date().nullable(),
  at: Column.timestamp(), wake: Column.make(Type.time(3)), score: Column.double()
})
const { at, bio, born, id, name, score, wake } = users.c

const cut = Fn.substring(name, 2, Fn.length(bio))
same<typeof cut, Expr.Expr<string | null, "users">>(true)
const joined = Fn.concatWs(", ", name, bio)
same<typeof joined, Expr.Expr<string, "users">>(true)
const most = Fn.greatest(score, 1)
same<typeof most, Expr.Expr<number, "users">>(true)
const year = Fn.extract("year", born)
same<typeof year, Expr.Expr<number | null, "users">>(true)
const hour = Fn.extract("hour", wake)
same<typeof hour, Expr.Expr<number, "users">>(true)
const next = Fn.dateAdd(born, id, "month")
same<typeof next, Expr.Expr<LocalDate.LocalDate | null, "users">>(true)
const start = Fn.dateTrunc("hour", at)
same<typeof start, Expr.Expr<DateTime.Utc, "users">>(true)
export const rows = Query.from(users).where(Fn.now().gt(at)).select({ cut, joined, most, year, hour, next, start })
