import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
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

const lendsAnew = "tells connections apart by their sessions, which PgBouncer lends anew"
const counts = "counts the sessions of the server, or ends them by number"
const isSilent = "LISTEN is `RequiresSession`; the test waits for what was never asked for"
const ownAddress = "opens an address of its own that does not say `pooler=transaction`"

/**
 * What cannot hold behind a pooler and does not fail by a refusal of ours: each test by how its
 * name begins, and why.
 */
const aboutSessions: Readonly<Record<string, string>> = {
  "what a server is told on postgres options of the driver":
    "PgBouncer takes no `options` of a session when it is opened",
  "what a server is told on postgres the account is asked for anew": ownAddress,
  "what a server is told on postgres a replica refuses on the server": ownAddress,
  "the pool on postgres with LIFO the connection returned last": lendsAnew,
  "the pool on postgres one too old is replaced at the next borrow": lendsAnew,
  "the pool on postgres under a test clock it is replaced": lendsAnew,
  "prepared statements on postgres with none kept every statement runs": ownAddress,
  "options of statements on postgres what a server has prepared":
    "asks a session what it has prepared: nothing",
  "notifications on postgres each arrives once, in order": isSilent,
  "notifications on postgres a lost connection is opened again": isSilent,
  "notifications on postgres who reads slowly keeps what is buffered": isSilent,
  "the size of the pool on postgres at most size and overflow": counts,
  "the size of the pool on postgres a pool that keeps none": lendsAnew,
  "the size of the pool on postgres idle for too long": counts,
  "the size of the pool on postgres those opened together": counts,
  "retiring on postgres one can be retired at once": lendsAnew,
  "retiring on postgres one that is lent can be cut": lendsAnew,
  "retiring on postgres all older than now go": lendsAnew,
  "retiring on postgres a disconnect in a statement retires it": counts,
  "effect's SqlClient on postgres effect/cluster's single runner":
    "its storage locks shards for a session, which is refused as `SqlError`",
  "locks by name on postgres who waits gets it next":
    "the lock is `RequiresSession`; the test waits for who would have it"
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
    const reporter = ["--reporter=json", `--outputFile=${report}`, "--testTimeout=60000"]
    const args = ["run", "test/conformance", "-t", "postgres", ...reporter]
    const environment = { ...process.env, ATHANOR_TEST_POSTGRES_URL: url, ATHANOR_NIGHTLY: "" }
    await execute("node_modules/.bin/vitest", args, {
      env: environment,
      maxBuffer: 256 * 1024 * 1024
    }).catch(() => {}) // what failed is in the report
    const { numPassedTests, testResults } = JSON.parse(await readFile(report, "utf8")) as Report
    const all = testResults.flatMap(({ assertionResults }) => assertionResults)
    const failed = all.filter(({ status }) => status === "failed")
    const unrefused = failed.filter(
      ({ failureMessages }) => !failureMessages.every((text) => text.includes("RequiresSession"))
    )
    console.log(
      `behind PgBouncer: ${numPassedTests} tests pass, ${failed.length - unrefused.length} are ` +
        `refused with RequiresSession, ${unrefused.length} are about sessions`
    )
    const beginnings = Object.keys(aboutSessions)
    const unexplained = unrefused.filter(
      ({ fullName }) => !beginnings.some((begins) => fullName.startsWith(begins))
    )
    expect(
      unexplained.map(({ failureMessages, fullName }) => [fullName, failureMessages[0]])
    ).toEqual([])
    const unknown = beginnings.filter(
      (begins) => !all.some(({ fullName }) => fullName.startsWith(begins))
    )
    expect(unknown).toEqual([])
    expect(numPassedTests).toBeGreaterThan(500)
  } finally {
    running.kill("SIGINT")
    await ended
    await removeDirectory(directory)
  }
}, 3_600_000)
