import * as Context from "effect/Context"
import type { TableSource } from "../algebra/Source.ts"

type Says = (table: TableSource) => boolean

/** Do a table's rows stand in another database than the one a session is on? */
export const Elsewhere: Context.Reference<Says> = Context.Reference<Says>(
  "athanor/Databases/Elsewhere",
  { defaultValue: () => () => false }
)
