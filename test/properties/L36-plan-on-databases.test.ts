import * as Result from "effect/Result"
import fc from "fast-check"
import { afterAll, expect, test } from "vitest"
import { capabilities } from "../../src/compile/capabilities.ts"
import { format } from "../../src/mapping/FlushPlan.ts"
import { plan } from "../../src/mapping/flush/plan.ts"
import { settle } from "../../src/mapping/flush/settle.ts"
import { libraryModel } from "../mapping/flush/library.ts"
import {
  begin,
  create,
  mariadbServer,
  perform,
  postgresServer,
  read,
  rollback,
  type Server,
  sqliteServer
} from "../mapping/flush/servers.ts"
import { expectedText, pairs, knownText, textOf } from "../mapping/flush/states.ts"
import { freshDatabase } from "../support/databases.ts"
import { alwaysHoldsOn, timeFor } from "./support/law.ts"

const ordinary = 1000

const closing: Array<() => Promise<void>> = []
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
})

const fresh = async (engine: "postgres" | "mariadb"): Promise<string> => {
  const { drop, url } = await freshDatabase(engine)
  closing.push(drop)
  return url
}

const servers: Readonly<Record<string, () => Promise<Server>>> = {
  SQLite: async () => sqliteServer(),
  PostgreSQL: async () => postgresServer(await fresh("postgres")),
  MariaDB: async () => mariadbServer(await fresh("mariadb"), "mariadb"),
  "MariaDB spoken to as MySQL": async () => mariadbServer(await fresh("mariadb"), "mysql")
}

test.each(Object.entries(servers))(
  "a plan leads from any state to any other on %s",
  async (name, open) => {
    const server = await open()
    closing.push(server.close)
    await create(server)
    const seen = { pairs: 0, statements: 0 }
    await alwaysHoldsOn(
      fc.asyncProperty(pairs, async (pair) => {
        const planned = plan(libraryModel, capabilities(server.dialect), pair.changes)
        if (Result.isFailure(planned)) return
        await begin(server, pair.from)
        try {
          const { resolved, sent } = await perform(server, planned.success)
          const wanted = expectedText(pair, resolved)
          expect(textOf(await read(server)), format(planned.success)).toBe(wanted)
          expect(knownText(settle(pair.before, planned.success, resolved))).toBe(wanted)
          seen.pairs++
          seen.statements += sent
        } finally {
          await rollback(server)
        }
      }),
      ordinary,
      50
    )
    console.log(`L36 ${name}: ${seen.pairs} pairs, ${seen.statements} statements`)
  },
  timeFor(120_000)
)
