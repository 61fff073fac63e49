import { Column, Entity, Query, Table } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Row<Q> = Q extends Query.Select<infer Row, any, any> ? Row : never

const User = Table.make("users", { id: Column.id(), name: Column.text(), bio: Column.text().nullable() })
class Person extends Entity<Person>()("people", { id: Column.id(), name: Column.text(), boss: Column.integer().nullable() }) {}

const names = Query.from(User).select({ id: User.c.id, text: User.c.name })
const bios = Query.from(User).select({ text: User.c.bio, id: User.c.id })
const left = names.union(bios)
same<Row<typeof left>, { readonly id: number; readonly text: string | null }>(true)
const right = bios.exceptAll(names)
same<Row<typeof right>["text"], string | null>(true)
const equal = names.intersect(names)
same<Row<typeof equal>, { readonly id: number; readonly text: string }>(true)
const bare = Query.from(User).select(User.c.name).unionAll(Query.from(User).select(User.c.bio))
same<Row<typeof bare>, string | null>(true)
const nested = Query.from(User).select({ a: { x: User.c.name, y: User.c.bio } })
  .unionAll(Query.from(User).select({ a: { x: User.c.bio, y: User.c.name } }))
same<Row<typeof nested>["a"]["x"], string | null>(true)
same<Row<typeof nested>["a"]["y"], string | null>(true)
const boss = Query.alias(Person, "boss")
const absent = Query.from(Person).join(boss, boss.c.id.eq(Person.c.boss)).select({ boss })
  .union(Query.from(Person).leftJoin(boss, boss.c.id.eq(Person.c.boss)).select({ boss }))
same<null extends Row<typeof absent>["boss"] ? true : false, true>(true)
const whole = Query.from(Person).union(Query.from(Person))
const person: Row<typeof whole>["name"] = "x"
