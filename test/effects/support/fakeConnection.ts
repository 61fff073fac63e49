import * as Effect from "effect/Effect"
import type { Connection, Done } from "../../../src/effects/Driver.ts"

/** A connection without a server, and a ledger of all that were made. */
export interface Fake extends Connection {
  readonly id: number
  /** What the server would say: false while "in a transaction". */
  idle: boolean
  alive: boolean
}

export interface Ledger {
  readonly all: Array<Fake>
  readonly open: () => number
  readonly most: () => number
  readonly make: () => Fake
}

export const makeLedger = (): Ledger => {
  const all: Array<Fake> = []
  let open = 0
  let most = 0
  const make = (): Fake => {
    most = Math.max(most, ++open)
    const end = (): void => {
      if (!fake.alive) return
      fake.alive = false
      open--
    }
    const fake: Fake = {
      id: all.length + 1,
      idle: true,
      alive: true,
      server: { dialect: "postgres", version: [17, 0, 0] },
      sendNow: null,
      send: (_request, done: Done) => done(null, { rows: [], affected: 0, tag: "" }),
      cursor: () => ({
        fetch: (_count, done) => done(null, { rows: [], affected: 0, tag: "" }),
        close: (done) => done()
      }),
      describe: (_text, done: Done) => done(null, { rows: [], affected: 0, tag: "" }),
      script: (_text, done: Done) => done(null, { rows: [], affected: 0, tag: "" }),
      cancel: () => {},
      isAlive: () => fake.alive,
      isIdle: () => fake.idle,
      transaction: () => (fake.idle ? "none" : "open"),
      destroy: end,
      close: end
    }
    all.push(fake)
    return fake
  }
  return { all, make, open: () => open, most: () => most }
}

export const connectNow = (ledger: Ledger): Effect.Effect<Connection> => Effect.sync(ledger.make)
