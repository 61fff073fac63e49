import { printed } from "./statements.ts"

/** For a process of its own: the same bytes there as here. */
process.stdout.write(`${JSON.stringify(printed())}\n`)
