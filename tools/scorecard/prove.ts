import { databasesOf, marksOf } from "./marks.ts"
import { type Facet, type Proven, type Target } from "./scorebook.ts"

/** A test of a finished run. */
export interface RanTest {
  readonly file: string
  /** The names of its suites and its own. */
  readonly title: string
  readonly state: "passed" | "failed" | "skipped" | "pending"
}

/**
 * What a run proves: the passed tests that name a facet, by the database they name. A failed test
 * takes its facet's proof on that database away, whatever else passed.
 */
export const prove = (
  facets: ReadonlyMap<string, Facet>,
  tests: ReadonlyArray<RanTest>
): { readonly proven: Proven; readonly faults: ReadonlyArray<string> } => {
  const proven: Record<string, { [T in Target]?: Array<string> }> = {}
  const failed: Array<{ readonly id: string; readonly target: Target }> = []
  const faults: Array<string> = []
  for (const test of tests) {
    const name = `${test.file} > ${test.title}`
    const marks = marksOf(test.title)
    faults.push(...marks.faults.map((fault) => `${name}: ${fault}`))
    for (const id of marks.facets) {
      const facet = facets.get(id)
      if (facet === undefined) {
        faults.push(`${name}: there is no facet ${id}`)
        continue
      }
      const named = marks.all ? (["all"] as const) : databasesOf(test.title)
      if (marks.all && !facet.pure)
        faults.push(`${name}: ${id} is not pure, so @all proves nothing`)
      if (named.length === 0) faults.push(`${name}: ${id} needs a database in the title, or @all`)
      for (const target of named) {
        if (target === "all" ? !facet.pure : !facet.on.includes(target)) continue
        if (test.state === "passed") ((proven[id] ??= {})[target] ??= []).push(name)
        if (test.state === "failed") failed.push({ id, target })
      }
    }
  }
  for (const { id, target } of failed) {
    if (target === "all") delete proven[id]
    else {
      delete proven[id]?.[target]
      delete proven[id]?.all
    }
  }
  return { proven, faults }
}
