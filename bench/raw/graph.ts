import type { Engine } from "../workloads.ts"
import type { Asked, Row, Script } from "./Hand.ts"

/** Authors, their articles and labels as a careful hand reads and writes them. */

const ask = (text: string, values: ReadonlyArray<unknown> = []): Asked => ({ text, values })

const places = (count: number): string => Array.from({ length: count }, () => "?").join(", ")

/** The rows of a list of keys: one array on PostgreSQL, as many places elsewhere. */
const among = (engine: Engine, select: string, ids: ReadonlyArray<unknown>, rest = ""): Asked =>
  engine === "postgres"
    ? ask(`${select} = any($1::int[])${rest}`, [ids])
    : ask(`${select} in (${places(ids.length)})${rest}`, ids)

const grouped = (rows: ReadonlyArray<Row>, key: string): Map<unknown, Array<Row>> => {
  const groups = new Map<unknown, Array<Row>>()
  for (const row of rows) {
    const group = groups.get(row[key])
    if (group === undefined) groups.set(row[key], [row])
    else group.push(row)
  }
  return groups
}

const articleColumns = `id, author_id as "authorId", title, body, views`
const quoted = (engine: Engine, text: string): string =>
  engine === "mariadb" ? text.replaceAll('"', "`") : text

/** A hundred authors with their articles with their labels, by IN. */
export function* graphOf(engine: Engine, count: number): Script<ReadonlyArray<unknown>> {
  const place = engine === "postgres" ? "$1" : "?"
  const authors = yield ask(
    `select id, name, email from authors where id <= ${place} order by id`,
    [count]
  )
  const articles = yield among(
    engine,
    quoted(engine, `select ${articleColumns} from articles where author_id`),
    authors.map(({ id }) => id),
    " order by id"
  )
  const links = yield among(
    engine,
    quoted(
      engine,
      `select m.article_id as "articleId", l.id, l.name ` +
        "from article_labels m join labels l on l.id = m.label_id where m.article_id"
    ),
    articles.map(({ id }) => id),
    " order by l.id"
  )
  const labels = new Map<unknown, object>()
  const byArticle = grouped(links, "articleId")
  const whole = articles.map((article) => ({
    ...article,
    labels: (byArticle.get(article["id"]) ?? []).map(({ id, name }) => {
      const known = labels.get(id)
      if (known !== undefined) return known
      const label = { id, name }
      labels.set(id, label)
      return label
    })
  }))
  const byAuthor = grouped(whole, "authorId")
  return authors.map((author) => ({ ...author, articles: byAuthor.get(author["id"]) ?? [] }))
}

/** Each author's articles by a query of their own: the loop that everybody writes first. */
export function* naiveLoop(engine: Engine): Script<number> {
  const place = engine === "postgres" ? "$1" : "?"
  const text = quoted(engine, `select ${articleColumns} from articles where author_id = ${place}`)
  let views = 0
  for (const { id } of yield ask("select id, name, email from authors order by id"))
    for (const article of yield ask(text, [id])) views += article["views"] as number
  return views
}

/** The same with all articles by one query: what a batch can save. */
export function* batchedLoop(engine: Engine): Script<number> {
  const authors = yield ask("select id, name, email from authors order by id")
  const articles = yield among(
    engine,
    quoted(engine, `select ${articleColumns} from articles where author_id`),
    authors.map(({ id }) => id)
  )
  const byAuthor = grouped(articles, "authorId")
  let views = 0
  for (const { id } of authors)
    for (const article of byAuthor.get(id) ?? []) views += article["views"] as number
  return views
}

/** What one unit of work does: the orders it changes, adds and drops. */
export interface Work {
  readonly changed: number
  readonly added: number
  readonly dropped: number
}

const chunk = 500

/** Orders loaded, changed, added with their lines, dropped: batched, in one transaction. */
export function* unitByHand(engine: Engine, { added, changed, dropped }: Work): Script<unknown> {
  yield ask(engine === "mariadb" ? "start transaction" : "begin")
  const orders = yield ask("select id, name, state, total from orders order by id")
  const later = orders.slice(0, changed)
  const gone = orders.slice(changed, changed + dropped).map(({ id }) => id)
  const fresh = Array.from({ length: added }, (_, at) => [`fresh ${at}`, "new", at] as const)
  const keys: Array<unknown> = []
  if (engine === "postgres") {
    yield ask(
      "update orders o set state = n.state, total = n.total " +
        "from unnest($1::int[], $2::text[], $3::int[]) as n(id, state, total) where o.id = n.id",
      [
        later.map(({ id }) => id),
        later.map(() => "changed"),
        later.map(({ total }) => (total as number) + 1)
      ]
    )
    const made = yield ask(
      "insert into orders (name, state, total) " +
        "select * from unnest($1::text[], $2::text[], $3::int[]) returning id",
      [0, 1, 2].map((column) => fresh.map((row) => row[column]))
    )
    for (const { id } of made) keys.push(id)
    const lines = linesOf(keys)
    yield ask(
      "insert into order_lines (order_id, name, count) " +
        "select * from unnest($1::int[], $2::text[], $3::int[])",
      [0, 1, 2].map((column) => lines.map((row) => row[column]))
    )
  } else {
    if (engine === "sqlite") {
      for (const { id, total } of later)
        yield ask("update orders set state = ?, total = ? where id = ?", [
          "changed",
          (total as number) + 1,
          id
        ])
    } else
      yield ask(
        `insert into orders (id, name, state, total) values ${rowsOf(later.length, 4)} ` +
          "on duplicate key update state = values(state), total = values(total)",
        later.flatMap(({ id, name, total }) => [id, name, "changed", (total as number) + 1])
      )
    for (let at = 0; at < fresh.length; at += chunk) {
      const some = fresh.slice(at, at + chunk)
      const text = `insert into orders (name, state, total) values ${rowsOf(some.length, 3)}`
      for (const { id } of yield ask(`${text} returning id`, some.flat())) keys.push(id)
    }
    const lines = linesOf(keys)
    for (let at = 0; at < lines.length; at += chunk) {
      const some = lines.slice(at, at + chunk)
      yield ask(
        `insert into order_lines (order_id, name, count) values ${rowsOf(some.length, 3)}`,
        some.flat()
      )
    }
  }
  yield among(engine, "delete from orders where id", gone)
  yield ask("commit")
  const [left] = yield ask("select count(*) as orders, sum(total) as total from orders")
  return { orders: Number(left!["orders"]), total: Number(left!["total"]) }
}

const rowsOf = (rows: number, width: number): string =>
  Array.from({ length: rows }, () => `(${places(width)})`).join(", ")

const linesOf = (keys: ReadonlyArray<unknown>) =>
  keys.flatMap((key) => [
    [key, "first", 1],
    [key, "second", 2]
  ])
