import * as BigDecimal from "effect/BigDecimal"
import * as Query from "../../../src/algebra/Query.ts"
import type { Connection } from "../../properties/support/Runner.ts"
import { Post, User } from "./schema.ts"
import { run } from "./servers.ts"

const money = (text: string): BigDecimal.BigDecimal => BigDecimal.fromStringUnsafe(text)

const users = Query.insert(User).rows([
  { username: "ann", displayName: "Ann", active: true },
  { username: "bob", displayName: null, active: true },
  { username: "a_c", displayName: "Zoë", active: false }
])

const posts = Query.insert(Post).rows([
  { authorId: 1, title: "b", status: "published", views: 7, price: money("1.50") },
  { authorId: 1, title: "a", status: "draft", views: 2, price: money("10.25") },
  { authorId: 2, title: "c", status: "published", views: 6, price: money("2.00") }
])

/** The same few rows on every server. */
export const seed = async (connection: Connection): Promise<void> => {
  await run(connection, users)
  await run(connection, posts)
}
