import type { Compiled } from "../../compile/Compiled.ts"
import type { Request } from "../Driver.ts"
import type { Engine } from "../Engine.ts"
import type { About } from "./Tap.ts"

/** What is told of a statement. To be called before another one is looked up. */
export const aboutOf = (
  { statements }: Engine,
  compiled: Compiled,
  { parameters, text }: Request
): Pick<About, "text" | "parameterCount" | "sent"> => {
  const isMade = statements.made() === compiled
  const origin =
    compiled.byHand !== null
      ? "raw"
      : compiled.fixed.length > 0
        ? "uncacheable"
        : isMade
          ? "newly compiled"
          : "reused"
  return { text, parameterCount: parameters.length, sent: { parameters, origin } }
}
