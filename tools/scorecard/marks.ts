import { type DialectName, dialectNames } from "../../src/algebra/Dialect.ts"

/** What a test's title says it proves: `left join is null [F65.3]`, `[F1.1 @all]`. */
export interface Marks {
  readonly facets: ReadonlyArray<string>
  /** Proves a pure facet for every database. */
  readonly all: boolean
  readonly faults: ReadonlyArray<string>
}

const facetId = /^[FA]\d+\.\d+$/

/** In a title of a finished run, any bracket that begins like a feature is meant as a mark. */
const inTitle = /\[\s*((?:[FA]\d|@all)[^\]]*)\]/g

/** In source text a bare `[F1]` may be code, so a mark begins with a whole facet id. */
const inSource = /\[\s*((?:[FA]\d+\.\d|@all)[^\]\n"'`]*)\]/g

export const marksOf = (title: string): Marks => {
  const marks = [...title.matchAll(inTitle)].map(([, inside = ""]) => readMark(inside))
  return {
    facets: [...new Set(marks.flatMap((mark) => mark.facets))],
    all: marks.some((mark) => mark.all),
    faults: marks.flatMap((mark) => mark.faults)
  }
}

/** The marks written anywhere in a test file, each with its line. */
export const marksInSource = (
  text: string
): ReadonlyArray<{ readonly line: number; readonly marks: Marks }> =>
  text.split("\n").flatMap((line, at) =>
    [...line.matchAll(inSource)].map(([, inside = ""]) => ({
      line: at + 1,
      marks: readMark(inside)
    }))
  )

const readMark = (inside: string): Marks => {
  const parts = inside.trim().split(/\s+/)
  const strange = parts.filter((part) => part !== "@all" && !facetId.test(part))
  const facets = parts.filter((part) => facetId.test(part))
  const faults = strange.map(
    (part) => `${part} is not a facet id; a mark is [F1.1 F1.2] or [F1.1 @all]`
  )
  if (facets.length === 0 && strange.length === 0) faults.push("a mark without a facet id")
  return { facets, all: parts.includes("@all"), faults }
}

/** The databases a title names as words of their own; `mysql2` and `mysql://` are other words. */
export const databasesOf = (title: string): ReadonlyArray<DialectName> =>
  dialectNames.filter((name) => new RegExp(`(?<![\\w/.-])${name}(?![\\w/.-]|://)`).test(title))
