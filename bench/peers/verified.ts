import { assertSame } from "../same.ts"
import { verify, type Workload } from "../workloads.ts"
import type { Done, Peer, Task } from "./Peer.ts"

/** The peers that do a task, each verified to give what the hand gives, and why others do not. */
export const verified = async (
  [task, workload]: readonly [Task, Workload],
  peers: ReadonlyArray<Peer>
) => {
  const { raw, reset } = workload.pair
  await verify(workload)
  await reset?.()
  const byHand = await raw()
  const absent: Record<string, string> = {}
  const present: Array<readonly [string, Done]> = []
  for (const { name, ways } of peers) {
    const way = ways[task]
    if (typeof way === "string") {
      absent[name] = way
      continue
    }
    await reset?.()
    assertSame(await way.asHand(), byHand, `${workload.name} by ${name}`)
    present.push([name, way])
  }
  return { present, absent }
}
