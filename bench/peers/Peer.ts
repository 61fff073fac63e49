import type { Way } from "../pair.ts"

/** What others are asked to do beside us, and the workload that it is. */
export const tasks = {
  crowd: "64 fibers by key, a pool of 8",
  inserts: "inserts, rebuilt",
  insertsReused: "inserts, statement reused",
  entities: "10,000 entities",
  graph: "100 authors with articles with labels",
  loop: "a loop that loads the articles of 200 authors",
  unit: "unit of work: 500 changed, 500 added, 200 dropped"
} as const
export type Task = keyof typeof tasks

/** How another library does a task. */
export interface Done {
  readonly way: Way
  /** The same once, giving what the hand gives: it is compared before anything is timed. */
  readonly asHand: Way
}

/** `asHand` makes of what the way gives what the hand gives, where it is not that already. */
export const done = <A>(way: () => A | Promise<A>, asHand: (given: A) => unknown): Done => ({
  way,
  asHand: async () => asHand(await way())
})

export const same = <A>(given: A): A => given

/** Another library on a database: each task, or why it has no part in it. */
export interface Peer {
  readonly name: string
  readonly ways: Readonly<Record<Task, Done | string>>
  /** For a database of its own: what is prepared before a turn is prepared there too. */
  readonly script: (text: string) => unknown
  readonly close: () => unknown
}
