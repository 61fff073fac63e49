/**
 * The five fragment idioms over the five kinds of source, and queries built in loops: a fragment is
 * a plain function, generic in the alias and the row, and each source goes through its `.c` alike.
 */
import { Column, Database, Entity, Expr, Fn, Query, Table, Type } from "athanor"
import { flow } from "effect/Function"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Row<Q> = Q extends Query.Select<infer Row, any, any> ? Row : never
type Needs<Q> = Q extends Query.Statement<any, infer R> ? R : never
type Plain = { readonly id: number; readonly tenantId: number; readonly title: string; readonly deletedAt: number | null }

const columns = {
  id: Column.id(), tenantId: Column.integer(), title: Column.text(), deletedAt: Column.integer().nullable()
}
const table = Table.make("posts", columns)
class Note extends Entity<Note>()("notes", columns) {
  get shout() {
    return this.title.toUpperCase()
  }
}
const alias = Query.alias(table, "p")
const ofEntity = Query.alias(Note, "n")
const derived = Query.from(table).where(table.c.id.gt(0)).as("derived")
const cte = Query.from(Note).where(Note.c.id.gt(0)).cte("cte")
const marked = Query.from(table).select({ ...table.c, size: Fn.length(table.c.title) }).as("marked")

// 1. A predicate over columns.
const alive = <N extends string>(c: { readonly deletedAt: Expr.Expr<number | null, N> }) => c.deletedAt.isNull()
// 2. A wrapper of a source.
const inTenant = (tenant: number) =>
  <N extends string, W>(source: Query.From<N, W> & { readonly c: { readonly tenantId: Expr.Expr<number, N> } }) =>
    Query.from(source).where(source.c.tenantId.eq(tenant))
// 3. A step of a query that has a source in scope.
const titled = <N extends string>(source: { readonly c: { readonly title: Expr.Expr<string, N> } }, title: string) =>
  <W, R, S extends string>(query: Query.Select<W, R, S | N>) => query.where(source.c.title.eq(title))
const newest = <N extends string>(c: { readonly id: Expr.Expr<number, N> }) =>
  <W, R, S extends string>(query: Query.Select<W, R, S | N>) => query.orderBy(c.id.desc())
// 4. A step of any query.
const page = (n: number, size: number) => <W, R, S extends string>(query: Query.Select<W, R, S>) =>
  query.offset(n * size).limit(size)
// 5. A predicate with a parameter.
const since = <N extends string>(c: { readonly id: Expr.Expr<number, N> }) =>
  c.id.gte(Expr.param("since", Type.integer))
type Since = Expr.Param<"since", number>

// A table.
const a1 = Query.from(table).where(alive(table.c))
same<Row<typeof a1>, Plain>(true)
const a2 = inTenant(1)(table)
same<Row<typeof a2>, Plain>(true)
same<Needs<typeof a2>, never>(true)
const a3 = Query.from(table).pipe(titled(table, "x"), newest(table.c), page(0, 10))
same<Row<typeof a3>, Plain>(true)
same<Needs<typeof a3>, never>(true)
const a5 = Query.from(table).where(since(table.c))
same<Needs<typeof a5>, Since>(true)

// An entity: its rows are values of its class.
const b1 = Query.from(Note).where(alive(Note.c))
same<Row<typeof b1>["shout"], string>(true)
const b2 = inTenant(1)(Note)
same<Row<typeof b2>["shout"], string>(true)
const b3 = Query.from(Note).pipe(titled(Note, "x"), newest(Note.c), page(0, 10))
same<Row<typeof b3>["shout"], string>(true)
const b5 = Query.from(Note).where(since(Note.c))
same<Needs<typeof b5>, Since>(true)

// An alias, of a table and of an entity.
const c1 = Query.from(alias).where(alive(alias.c))
same<Row<typeof c1>, Plain>(true)
const c2 = inTenant(1)(alias)
same<Row<typeof c2>, Plain>(true)
const c3 = Query.from(alias).pipe(titled(alias, "x"), newest(alias.c), page(0, 10))
same<Row<typeof c3>, Plain>(true)
const c5 = Query.from(alias).where(since(alias.c))
same<Needs<typeof c5>, Since>(true)
const c6 = inTenant(1)(ofEntity).pipe(titled(ofEntity, "x"), newest(ofEntity.c)).where(alive(ofEntity.c).and(since(ofEntity.c)))
same<Row<typeof c6>["shout"], string>(true)
same<Needs<typeof c6>, Since>(true)

// A derived table.
const d1 = Query.from(derived).where(alive(derived.c))
same<Row<typeof d1>, Plain>(true)
const d2 = inTenant(1)(derived)
same<Row<typeof d2>, Plain>(true)
same<Needs<typeof d2>, never>(true)
const d3 = Query.from(derived).pipe(titled(derived, "x"), newest(derived.c), page(0, 10))
same<Row<typeof d3>, Plain>(true)
const d5 = Query.from(derived).where(since(derived.c))
same<Needs<typeof d5>, Since>(true)
const d6 = inTenant(1)(marked).pipe(titled(marked, "x")).where(alive(marked.c)).select({ size: marked.c.size })
same<Row<typeof d6>, { readonly size: number }>(true)

// A common table expression, of an entity.
const e1 = Query.from(cte).where(alive(cte.c))
same<Row<typeof e1>["shout"], string>(true)
const e2 = inTenant(1)(cte)
same<Row<typeof e2>["shout"], string>(true)
const e3 = Query.from(cte).pipe(titled(cte, "x"), newest(cte.c), page(0, 10))
same<Row<typeof e3>["shout"], string>(true)
const e5 = Query.from(cte).where(since(cte.c))
same<Needs<typeof e5>, Since>(true)

// A source that has parameters of its own keeps them: the wrapper names them too.
const asked = Query.from(table).where(since(table.c)).as("asked")
const f1 = Query.from(asked).where(alive(asked.c))
same<Needs<typeof f1>, Since>(true)
const open = <N extends string, W, P extends Expr.Param<any, any> = never>(
  source: Query.From<N, W, P> & { readonly c: { readonly tenantId: Expr.Expr<number, N> } }
) => Query.from(source).where(source.c.tenantId.eq(1))
const f2 = open(asked)
same<Needs<typeof f2>, Since>(true)
same<Row<typeof f2>, Plain>(true)
const f3 = open(Note)
same<Row<typeof f3>["shout"], string>(true)
same<Needs<typeof f3>, never>(true)

// A fragment on the absent side of an outer join; a step under flow; a fragment of fragments.
const on = derived.c.id.eq(table.c.id)
const left = Query.from(table).leftJoin(derived, on.and(alive(derived.c))).select({ title: derived.c.title })
same<Row<typeof left>, { readonly title: string | null }>(true)
const both = flow(titled(table, "x"), page(0, 10))
const g = both(Query.from(table))
same<Row<typeof g>, Plain>(true)
const usual = <N extends string, W>(
  source: Query.From<N, W> & {
    readonly c: { readonly tenantId: Expr.Expr<number, N>; readonly deletedAt: Expr.Expr<number | null, N> }
  }
) => inTenant(1)(source).where(alive(source.c))
const usualTable = usual(table)
same<Row<typeof usualTable>, Plain>(true)
const usualNote = usual(Note)
same<Row<typeof usualNote>["shout"], string>(true)
const usualCte = usual(cte)
same<Row<typeof usualCte>["shout"], string>(true)
const usualDerived = usual(derived)
same<Row<typeof usualDerived>, Plain>(true)

// Built in loops: a step keeps the type of the query.
const sortable = { id: table.c.id, title: table.c.title }
export const search = (o: { readonly words: ReadonlyArray<string>; readonly sort: ReadonlyArray<keyof typeof sortable> }) => {
  let query = Query.from(table)
  for (const word of o.words) query = query.where(table.c.title.contains(word))
  for (const key of o.sort) query = query.orderBy(sortable[key].desc())
  return Database.all(query)
}
export const anyOf = (words: ReadonlyArray<string>) =>
  Query.from(table).where(Expr.or(...words.map((word) => table.c.title.contains(word))))
export const steps = [titled(table, "x"), newest(table.c), page(0, 1)].reduce((query, step) => step(query), Query.from(table))
export const all = (years: ReadonlyArray<number>) =>
  years.map((year) => Query.from(table).where(table.c.id.gt(year))).reduce((one, more) => one.unionAll(more))
// An alias that is joined or not is forgotten: what it would give cannot be selected after the loop.
export const joined = (aliases: ReadonlyArray<string>, authored: boolean) => {
  let query = Query.from(table).select({ id: table.c.id })
  for (const name of aliases) {
    const other = Query.alias(table, name)
    query = query.join(other, other.c.id.eq(table.c.id).and(alive(other.c)))
  }
  if (authored) query = query.join(Note, Note.c.id.eq(table.c.id)).where(alive(Note.c))
  same<Row<typeof query>, { readonly id: number }>(true)
  return Database.all(query)
}
// What is selected is chosen by key: a value of one of their types.
export const chosen = (key: keyof typeof sortable) => Query.from(table).select({ value: sortable[key] })
same<Row<ReturnType<typeof chosen>>, { readonly value: string | number }>(true)
