import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { freshDatabase } from "../support/databases.ts"

const golden = readFileSync(new URL("blog.txt", import.meta.url), "utf8")

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const blog = (...args: ReadonlyArray<string>): Promise<Ended> =>
  new Promise((resolve) => {
    const program = ["--conditions=athanor-source", "examples/blog/main.ts", ...args]
    execFile(
      process.execPath,
      program,
      { env: { ...process.env, TZ: "Asia/Kolkata" } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr })
      }
    )
  })

test("the blog prints the same on sqlite in memory", async () => {
  expect(await blog()).toEqual({ code: 0, stdout: golden, stderr: "" })
})

test.each(["postgres", "mariadb"] as const)(
  "the blog prints the same on %s, twice in a row",
  async (engine) => {
    const { url } = await freshDatabase(engine)
    const expected = { code: 0, stdout: golden, stderr: "" }
    expect(await blog("--database", url)).toEqual(expected)
    expect(await blog("--database", url)).toEqual(expected)
  }
)

test("no line is wider than 100 columns, with statements shown too", async () => {
  const { stdout } = await blog("--sql")
  expect(stdout).toContain("INSERT INTO users")
  expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([])
})

test.each([
  ["an unknown scheme", ["--database", "oracle://x"], /ConfigInvalid: .*"oracle"/, 1],
  [
    "a server that does not answer",
    ["--database", "postgres://blog:hunter2@127.0.0.1:1/blog"],
    /ConnectFailed: .*127\.0\.0\.1:1/,
    1
  ],
  ["an unknown option", ["--colour"], /colour/, 2]
])("%s ends with one line that names it", async (_, args, message, code) => {
  const ended = await blog(...args)
  expect(ended.code).toBe(code)
  expect(ended.stderr).toMatch(message)
  expect(ended.stderr + ended.stdout).not.toContain("hunter2")
})
