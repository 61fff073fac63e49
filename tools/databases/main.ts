/**
 * Says which servers the tests will use, after making sure that they can: a missing MariaDB is
 * installed here, an empty cluster is made and cached, and each server answers once. None stays.
 */
import { addressVariable, type Engine, engines } from "../../test/support/databases/engine.ts"
import { ownServer, recipes } from "../../test/support/databases/server.ts"
import { givenUrl, reach } from "../../test/support/databases/shared.ts"

const name: Readonly<Record<Engine, string>> = { postgres: "PostgreSQL", mariadb: "MariaDB" }

const describe = async (engine: Engine): Promise<string> => {
  const given = givenUrl(engine)
  if (given !== undefined)
    return `${await reach(engine, given)}, given by ${addressVariable[engine]}`
  const { version, origin } = await recipes[engine].find()
  await using server = await ownServer(engine)
  void server
  return `${version} (${origin}), a throw-away server on 127.0.0.1`
}

for (const engine of engines) {
  try {
    console.log(`${name[engine].padEnd(10)}  ${await describe(engine)}`)
  } catch (problem) {
    console.error(
      `${name[engine].padEnd(10)}  ${problem instanceof Error ? problem.message : problem}`
    )
    process.exitCode = 1
  }
}
