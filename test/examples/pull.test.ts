import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Database } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readArguments } from "../../src/cli/pull.ts"
import { root } from "../../tools/source/source.ts"

let folder = ""
let file = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "athanor-pull-"))
  file = join(folder, "shop.db")
  const made = Database.script(`
    create table shops (id integer primary key, name text not null, place point);
    create table "odd */ name" (shop integer references shops);
    create view cheap as select id from shops;
    create view "odd column" as select id as "Id" from shops`)
  await Effect.runPromise(Effect.provide(made, Sqlite.layer({ file })))
})
afterAll(() => rm(folder, { recursive: true }))

interface Ended {
  readonly status: number
  readonly output: string
  readonly error: string
}

const athanor = (args: ReadonlyArray<string>, environment: Record<string, string> = {}) =>
  new Promise<Ended>((resolve) => {
    const program = [
      "--conditions=athanor-source",
      "--disable-warning=ExperimentalWarning",
      join(root, "src/cli.ts")
    ]
    const env = { ...process.env, ...environment }
    const child = execFile(process.execPath, [...program, ...args], { env }, (_, output, error) =>
      resolve({ status: child.exitCode ?? -1, output, error })
    )
  })

describe("athanor pull", () => {
  test("prints the source, and tells on standard error what it cannot say", async () => {
    const { error, output, status } = await athanor(["pull", `sqlite:${file}`])
    expect(status).toBe(0)
    expect(output).toContain("export const shops = Table.exact(")
    expect(output).toContain("export const catalog = Catalog.make({")
    // SQLite says that the row's own number may be NULL, which it never is.
    expect(output).toContain("id: Column.make(Type.bigint).identity(),")
    expect(error).toContain('"shops"."place": its type "POINT" is not known: kept as given')
    expect(output).toContain("export const cheap = View.make(")
    expect(output).toContain("})`select id from shops`")
    expect(error).not.toContain("cheap")
    expect(error).toContain(
      'the view "odd column" is not declared: its column "Id" would have another name'
    )
  })

  test("prints classes with relations where it is asked for entities", async () => {
    const { output, status } = await athanor(["pull", `sqlite:${file}`, "--entities"])
    expect(status).toBe(0)
    expect(output).toContain("export class Shop extends Entity<Shop>()(")
    expect(output).toContain('// "odd */ name": it is a table and no entity: it has no primary key')
  })

  test("writes a file, of chosen tables, by the address of the environment", async () => {
    const out = join(folder, "schema.ts")
    const asked = ["pull", "--table", "shops", "--out", out]
    const { output, status } = await athanor(asked, { DATABASE_URL: `sqlite:${file}` })
    expect([status, output]).toEqual([0, ""])
    const text = await readFile(out, "utf8")
    expect(text).toContain("export const shops")
    expect(text).not.toContain("odd")
  })

  test("a table that is not there, and a server that does not answer, end it with 1", async () => {
    const missing = await athanor(["pull", `sqlite:${file}`, "--table", "gone"])
    expect(missing).toMatchObject({ status: 1, output: "" })
    expect(missing.error).toContain('there is no table "gone"')
    const silent = await athanor(["pull", "postgres://someone:hidden@127.0.0.1:1/none"])
    expect(silent).toMatchObject({ status: 1, output: "" })
    expect(silent.error).not.toContain("hidden")
  })

  test("how it is called is printed where it is asked for", async () => {
    const { error, output, status } = await athanor(["pull", "--help"])
    expect([status, error]).toEqual([0, ""])
    expect(output).toContain("athanor pull [url]")
    expect(readArguments(["-h"], {})).toEqual({ help: true })
  })

  test("what it does not understand is told with how it is called", async () => {
    expect(readArguments([], {})).toEqual({ wrong: "no command: there is one, pull" })
    const wrong = await athanor(["push"])
    expect(wrong.status).toBe(2)
    expect(wrong.error).toContain('there is no command "push"')
    expect(wrong.error).toContain("athanor pull [url]")
    expect(readArguments(["pull"], {})).toEqual({
      wrong: "no address: give one, or set DATABASE_URL"
    })
    expect(readArguments(["pull", "a", "b"], {})).toEqual({ wrong: `one address too many: "b"` })
    expect(readArguments(["pull", "a", "--nothing"], {})).toHaveProperty("wrong")
  })
})
