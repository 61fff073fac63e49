import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { readFile, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { account, giveToAccount } from "../support/databases/account.ts"
import { program } from "../support/databases/program.ts"
import { freePort, ownServer } from "../support/databases/server.ts"
import { makeDirectory, removeDirectory } from "../support/databases/workspace.ts"

/** PgBouncer by transactions before PostgreSQL: every test of ours passes, or is about sessions. */

const execute = promisify(execFile)

const advice =
  "No PgBouncer found: install the package `pgbouncer` (Debian, Ubuntu) to run this night's test."

/** What cannot hold behind a pooler, by file, and why. */
const aboutSessions: Readonly<Record<string, string>> = {
  "engine-adopt": "counts sessions, and asks of one what another borrower left in it",
  "engine-open": "counts the server's sessions while they are opened",
  "engine-pool": "counts the server's sessions, and kills them by number",
  "pool-events": "counts the server's sessions",
  "pool-sizes": "counts the server's sessions, and sets in them what lasts",
  "sql-client": "effect/cluster holds its locks in a session",
  "transaction-locks": "locks by name outlive a transaction in a session",
  "transaction-options": "what was set in a session ends with it",
  "two-phase": "its coordinator holds a lock of a session while it recovers",
  notifications: "LISTEN lives in a session",
  "engine-statements": "asks a session which statements it holds"
}

interface Report {
  readonly numPassedTests: number
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly assertionResults: ReadonlyArray<{
      readonly status: string
      readonly fullName: string
      readonly failureMessages: ReadonlyArray<string>
    }>
  }>
}

test("behind PgBouncer by transactions all but sessions is as it is without", async () => {
  const bouncer = await program("pgbouncer", "pgbouncer", advice)
  await using server = await ownServer("postgres")
  const directory = await makeDirectory("pgbouncer")
  const port = await freePort()
  const users = join(directory, "users")
  const { password, username } = new URL(server.url)
  const settings = [
    "[databases]",
    `* = host=127.0.0.1 port=${server.port}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "auth_type = trust",
    `auth_file = ${users}`,
    "pool_mode = transaction",
    "max_client_conn = 2000",
    "default_pool_size = 4",
    "server_idle_timeout = 2",
    "unix_socket_dir ="
  ]
  const file = join(directory, "pgbouncer.ini")
  await writeFile(users, `"${username}" "${decodeURIComponent(password)}"\n`)
  await writeFile(file, `${settings.join("\n")}\n`)
  await giveToAccount(directory)
  const running = spawn(bouncer, [file], { ...(await account()), stdio: "ignore" })
  const ended = once(running, "exit")
  const report = join(directory, "report.json")
  try {
    const url = `postgres://${username}@127.0.0.1:${port}/postgres?pooler=transaction`
    const reporter = ["--reporter=json", `--outputFile=${report}`, "--testTimeout=120000"]
    const args = ["run", "test/conformance", "-t", "postgres", ...reporter]
    const environment = { ...process.env, ATHANOR_TEST_POSTGRES_URL: url, ATHANOR_NIGHTLY: "" }
    await execute("node_modules/.bin/vitest", args, {
      env: environment,
      maxBuffer: 256 * 1024 * 1024
    }).catch(() => {}) // what failed is in the report
    const { numPassedTests, testResults } = JSON.parse(await readFile(report, "utf8")) as Report
    const failed = testResults
      .filter(({ name }) => !Object.hasOwn(aboutSessions, basename(name, ".test.ts")))
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(
        ({ failureMessages, status }) =>
          status === "failed" && !failureMessages.every((text) => text.includes("RequiresSession"))
      )
    expect(failed.map(({ failureMessages, fullName }) => [fullName, failureMessages[0]])).toEqual(
      []
    )
    expect(numPassedTests).toBeGreaterThan(500)
  } finally {
    running.kill("SIGINT")
    await ended
    await removeDirectory(directory)
  }
}, 3_600_000)
