import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

/** What is reachable, after three forced collections. */
export const heap_bytes = async (): Promise<number> => {
  for (let turn = 0; turn < 3; turn++) {
    collect()
    await new Promise((next) => setTimeout(next, 20))
  }
  return process.memoryUsage().heapUsed
}

/** Lets all who work stand still between two pieces of their work, and go on together. */
export const makeQuiet = () => {
  let working = 0
  let gate: Promise<void> | null = null
  let open = () => {}
  let allStill = () => {}
  /** Between two pieces of work. */
  const pause = async (): Promise<void> => {
    if (gate === null) return
    working--
    if (working === 0) allStill()
    await gate
    working++
  }
  const enter = (): void => void working++
  const leave = (): void => {
    working--
    if (working === 0) allStill()
  }
  const quietly = async <A>(look: () => Promise<A>): Promise<A> => {
    gate = new Promise((next) => (open = next))
    if (working > 0) await new Promise<void>((next) => (allStill = next))
    const found = await look()
    gate = null
    open()
    return found
  }
  return { enter, leave, pause, quietly }
}
