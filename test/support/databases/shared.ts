import { addressVariable, type Engine } from "./engine.ts"
import { type OwnServer, ownServer, recipes } from "./server.ts"

/** The servers one test run shares: each found or started when first asked for. */
export interface SharedServers {
  readonly url: (engine: Engine) => Promise<string>
  readonly stop: () => Promise<void>
}

export const makeSharedServers = (): SharedServers => {
  const urls = new Map<Engine, Promise<string>>()
  const owned: Array<OwnServer> = []

  const locate = async (engine: Engine): Promise<string> => {
    const given = givenUrl(engine)
    if (given !== undefined) {
      await reach(engine, given)
      return given
    }
    const server = await ownServer(engine)
    owned.push(server)
    return server.url
  }

  return {
    url: (engine) => {
      const known = urls.get(engine) ?? locate(engine)
      urls.set(engine, known)
      return known
    },
    stop: async () => {
      await Promise.allSettled(urls.values())
      await Promise.all(owned.map((server) => server.remove()))
    }
  }
}

/** The server named by the environment, if one is. */
export const givenUrl = (engine: Engine): string | undefined =>
  process.env[addressVariable[engine]] || undefined

/** Asks a given server for its version. The message names the variable, never the address. */
export const reach = async (engine: Engine, url: string): Promise<string> => {
  try {
    return await recipes[engine].ping(url)
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem)
    throw new Error(`${addressVariable[engine]} names a server that does not answer: ${reason}`, {
      cause: problem
    })
  }
}
