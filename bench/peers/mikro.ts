import { FlushMode, MikroORM, type Options } from "@mikro-orm/core"
import { MariaDbDriver } from "@mikro-orm/mariadb"
import { PostgreSqlDriver } from "@mikro-orm/postgresql"
import { type SqliteConnection, SqliteDriver } from "@mikro-orm/sqlite"
import * as DateTime from "effect/DateTime"
import { hundred, work } from "../graph.ts"
import { copyFrom } from "../raw/sqlite.ts"
import { calls, ids, noteOf } from "../rows.ts"
import { callsEach, crowd, type Engine, poolSize } from "../workloads.ts"
import { Article, Author, Label, Line, Note, Order, personOf } from "./mikroEntities.ts"
import { done, type Peer, same } from "./Peer.ts"

/**
 * MikroORM as its guide writes it: discovery once, a fork for each unit of work, no logging. Of its
 * settings the quick ones, on all three databases. A flush only where it is asked for: the loop
 * takes a twentieth, as what was read is not looked through for changes before each query. Joined:
 * the graph takes .7 to .85 of the other strategies' time. No accessors on prototypes: 10,000
 * entities take three quarters.
 */
export const mikro = async (engine: Engine, place: string): Promise<Peer> => {
  const Person = personOf(engine)
  const orm = await MikroORM.init({
    ...placed[engine](place),
    entities: [Person, Note, Label, Article, Author, Line, Order],
    ensureDatabase: false,
    debug: false,
    flushMode: FlushMode.COMMIT,
    propagationOnPrototype: false
  })
  const connection = orm.em.getDriver().getConnection()
  if (engine === "sqlite") copyFrom(await (connection as SqliteConnection).getNativeClient(), place)

  const entities = () => orm.em.fork().find(Person, {}, { orderBy: { id: "asc" } })

  const graph = () =>
    orm.em.fork().find(
      Author,
      { id: { $lte: hundred } },
      {
        populate: ["articles.labels"],
        strategy: "joined",
        orderBy: { id: "asc", articles: { id: "asc", labels: { id: "asc" } } }
      }
    )

  const loop = async () => {
    let views = 0
    for (const author of await orm.em
      .fork({ flushMode: FlushMode.COMMIT })
      .find(Author, {}, { orderBy: { id: "asc" } })) {
      for (const article of await author.articles.loadItems()) views += article.views
    }
    return views
  }

  const unit = async () => {
    const em = orm.em.fork()
    const orders = await em.find(Order, {}, { orderBy: { id: "asc" } })
    const { added, changed, dropped } = work
    for (const order of orders.slice(0, changed)) {
      order.state = "changed"
      order.total += 1
    }
    for (let at = 0; at < added; at++) {
      em.create(Order, {
        name: `fresh ${at}`,
        state: "new",
        total: at,
        lines: [
          { name: "first", count: 1 },
          { name: "second", count: 2 }
        ]
      })
    }
    for (const order of orders.slice(changed, changed + dropped)) em.remove(order)
    await em.flush()
    const [left] = await connection.execute<ReadonlyArray<Left>>(
      "select count(*) as orders, sum(total) as total from orders"
    )
    return left!
  }

  const byKey = async (next: () => number) => {
    const em = orm.em.fork()
    for (let call = 1; call < callsEach; call++) await em.findOneOrFail(Person, next())
    return em.findOneOrFail(Person, next())
  }

  const inserts = async () => {
    let last = 0
    for (let at = 0; at < calls; at++) {
      const em = orm.em.fork()
      const note = em.create(Note, noteOf(at))
      await em.flush()
      last = note.id
    }
    return last
  }

  return {
    name: "MikroORM",
    ways: {
      crowd: done(
        () => Promise.all(Array.from({ length: crowd }, () => byKey(ids()))),
        (people) => people.map(asPerson)
      ),
      inserts: done(inserts, same),
      insertsReused: "it prepares no statement",
      entities: done(entities, (people) => people.map(asPerson)),
      graph: done(graph, (authors) =>
        authors.map(({ articles, email, id, name }) => ({
          id,
          name,
          email,
          articles: articles.getItems().map(({ body, id: articleId, labels, title, views }) => ({
            id: articleId,
            authorId: id,
            title,
            body,
            views,
            labels: labels.getItems().map((label) => ({ id: label.id, name: label.name }))
          }))
        }))
      ),
      loop: done(loop, same),
      unit: done(unit, ({ orders, total }) => ({ orders: Number(orders), total: Number(total) }))
    },
    script: (text) => connection.execute(text),
    close: () => orm.close()
  }
}

interface Left {
  readonly orders: number | string
  readonly total: number | string
}

interface PersonRow {
  readonly id: number
  readonly account: bigint
  readonly name: string
  readonly email: string
  readonly active: boolean
  readonly createdAt: Date
}

/** A moment is a `Date` there. */
const asPerson = ({ account, active, createdAt, email, id, name }: PersonRow) => ({
  id,
  account,
  name,
  email,
  active,
  createdAt: DateTime.makeUnsafe(createdAt)
})

const pool = { min: poolSize, max: poolSize }

const placed: Readonly<Record<Engine, (place: string) => Partial<Options>>> = {
  sqlite: () => ({ driver: SqliteDriver, dbName: ":memory:" }),
  postgres: (clientUrl) => ({ driver: PostgreSqlDriver, clientUrl, pool }),
  mariadb: (clientUrl) => ({ driver: MariaDbDriver, clientUrl, pool })
}
