import { createConnection } from "mysql2/promise"
import { expect, test } from "vitest"
import { freshDatabase } from "./databases.ts"

test("a database goes with whoever is in it", async () => {
  const own = await freshDatabase("mariadb")
  const inside = await createConnection({ uri: own.url })
  const ended = new Promise((gone) => inside.once("error", gone))
  await inside.query("create table held (id int)")
  await inside.query("begin")
  await inside.query("select * from held")
  await own.drop()
  await expect(inside.query("select 1")).rejects.toThrow()
  await ended
})
