// line: 18
// expect: Property 'tenantId' is missing in type
import { Column, Expr, Query, Table } from "athanor"

const posts = Table.make("posts", {
  id: Column.id(), tenantId: Column.integer(), title: Column.text(), deletedAt: Column.integer().nullable()
})
const tags = Table.make("tags", { id: Column.id(), name: Column.text() })
const derived = Query.from(posts).select({ id: posts.c.id, title: posts.c.title }).as("derived")
const cte = Query.from(posts).cte("recent")
const alive = <N extends string>(c: { readonly deletedAt: Expr.Expr<number | null, N> }) => c.deletedAt.isNull()
const inTenant = (tenant: number) =>
  <N extends string, W>(source: Query.From<N, W> & { readonly c: { readonly tenantId: Expr.Expr<number, N> } }) =>
    Query.from(source).where(source.c.tenantId.eq(tenant))
const titled = <N extends string>(source: { readonly c: { readonly title: Expr.Expr<string, N> } }, title: string) =>
  <W, R, S extends string>(query: Query.Select<W, R, S | N>) => query.where(source.c.title.eq(title))

inTenant(1)(tags)
