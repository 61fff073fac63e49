import * as fc from "fast-check"
import { dialectNames } from "../../../src/algebra/Dialect.ts"
import { capabilities } from "../../../src/compile/capabilities.ts"
import { compileStatement } from "../../../src/compile/compileStatement.ts"
import { drawn } from "./draw.ts"
import { type QueryCase, queryCase } from "./statements.ts"

/** What every dialect says of so many generated queries, always the same ones. */
export const sampleTexts = (count: number): ReadonlyArray<string> =>
  fc
    .sample(
      drawn((draw): QueryCase => queryCase(draw)),
      { seed: 26, numRuns: count }
    )
    .flatMap(({ query }) =>
      dialectNames.map((dialect) => {
        const found = compileStatement(query, capabilities(dialect))
        return found._tag === "Refusal" ? found.capability : found.text
      })
    )
