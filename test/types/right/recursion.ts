import { Column, Expr, Fn, Query, Table, Type } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Row<Q> = Q extends Query.Statement<infer Row, any> ? Row : never

const parts = Table.make("parts", { id: Column.id(), parentId: Column.integer().nullable(), name: Column.text() })
const { id, name, parentId } = parts.c

const roots = Query.from(parts).where(parentId.isNull()).select({ id, depth: Expr.value(0, Type.integer) })
const tree = Query.recursive("tree", roots, (above) =>
  Query.from(parts).join(above, above.c.id.eq(parentId)).select({ id, depth: above.c.depth.add(1) }))
const found = Query.from(tree).leftJoin(parts, id.eq(tree.c.id)).select({ depth: tree.c.depth, name })
same<Row<typeof found>, { readonly depth: number; readonly name: string | null }>(true)

const kept = Query.from(parts).cte("kept", { materialized: true })
same<Row<ReturnType<typeof all>>["name"], string>(true)
const all = () => Query.from(kept).lock("share", { wait: "nowait", of: [kept] })

const pages = Query.keyset(Query.from(parts).orderBy(name.desc(), id).select({ name }))
const page = pages.page(10, pages.read("text"))
same<Row<typeof page>["row"], { readonly name: string }>(true)

const counted = Query.from(parts).orderBy(name).pipe(Query.comment("parts"), Query.total)
same<Row<typeof counted>, number>(true)
const only = Query.from(Query.only(parts)).select({ n: Fn.count() })
same<Row<typeof only>, { readonly n: number }>(true)
