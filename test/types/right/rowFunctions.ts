import { Column, Expr, Fn, Query, Table, Type } from "athanor"
import { Schema } from "effect"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}

const users = Table.make("users", { id: Column.id(), tags: Column.make(Type.json(Schema.Unknown)) })

const n = Query.series(1, users.c.id).as("n")
same<typeof n.c.value, Expr.Expr<number, "n">>(true)
const counted = Query.from(users).joinLateral(n).select({ id: users.c.id, n: n.c.value })
same<typeof counted, Query.Select<{ readonly id: number; readonly n: number }, never, "users" | "n">>(true)

const tag = Query.elements(users.c.tags, { name: Type.text, at: Type.integer }).as("tag")
same<typeof tag.c.name, Expr.Expr<string | null, "tag">>(true)
const tagged = Query.from(users).leftJoinLateral(tag).select({ tag })
const row: Query.Statement<{
  readonly tag: { readonly name: string | null; readonly at: number | null } | null
}> = tagged

const placed = Query.entries(users.c.tags, Type.double).withOrdinality().as("placed")
same<typeof placed.c.ordinality, Expr.Expr<number, "placed">>(true)
same<typeof placed.c.value, Expr.Expr<number | null, "placed">>(true)

const list = Query.unnest(Expr.value(["a"], Type.array(Type.text))).as("list")
same<typeof list.c.value, Expr.Expr<string, "list">>(true)
const made = Query.call("f", { a: Type.integer }, [Expr.value(1, Type.integer)]).as("made")
same<typeof made.c.a, Expr.Expr<number | null, "made">>(true)
export { row }

// A moment is one column of a derived table, as it is of the table.
const late = Query.from(users).select({ at: Fn.now(), id: users.c.id }).as("late")
export const later = Query.from(late).where(late.c.at.lt(Fn.now())).select({ at: late.c.at })
