import { type DialectName, dialectNames } from "../../src/algebra/Dialect.ts"
import { marksInSource } from "./marks.ts"
import { page } from "./page.ts"
import { readFacets, readProven, readRefusals, type Say } from "./read.ts"
import {
  facetsById,
  type Feature,
  featureIdOf,
  featuresOf,
  type Proven,
  type Scorebook
} from "./scorebook.ts"
import { printFacets, printProven, printRefusals } from "./write.ts"

/** The files of the scorecard as texts, and the test sources by path. */
export interface Files {
  readonly facets: string
  readonly refusals: string
  readonly proven: string
  readonly page: string
  readonly sources: ReadonlyMap<string, string>
}

export interface Checked {
  readonly book: Scorebook
  readonly proven: Proven
  /** The lists themselves are wrong, so nothing may be made from them. */
  readonly broken: ReadonlyArray<string>
  /** Proofs or marks that do not fit the lists, and files that are not as generated. */
  readonly faults: ReadonlyArray<string>
}

export const facetsFile = "docs/scorecard/facets.json"
export const refusalsFile = "docs/scorecard/refusals.json"
export const provenFile = "docs/scorecard/proven.json"
export const pageFile = "docs/scorecard.md"

/** The numbering of the inventory: 159 features of the library, 19 of migrations. */
const numbering: ReadonlyArray<string> = [
  ...Array.from({ length: 159 }, (_, at) => `F${at + 1}`),
  ...Array.from({ length: 19 }, (_, at) => `A${at + 1}`)
]

const manuals: Readonly<Record<DialectName, string>> = {
  sqlite: "https://sqlite.org/",
  postgres: "https://www.postgresql.org/docs/",
  mysql: "https://dev.mysql.com/doc/",
  mariadb: "https://mariadb.com/kb/en/"
}

/** Everything that is wrong without running a test. */
export const check = (files: Files): Checked => {
  const broken: Array<string> = []
  const facets = readFacets(files.facets, saying(broken, facetsFile))
  const refusals = readRefusals(files.refusals, saying(broken, refusalsFile))
  const book: Scorebook = { ...facets, refusals }
  checkFeatures(book, saying(broken, facetsFile))
  checkRefusals(book, saying(broken, refusalsFile))
  const faults: Array<string> = []
  const proven = readProven(files.proven, saying(faults, provenFile))
  if (broken.length === 0) {
    checkProven(book, proven, files.sources, saying(faults, provenFile))
    faults.push(...checkMarks(book, files.sources))
    same(files.facets, printFacets(book), saying(faults, facetsFile))
    same(files.refusals, printRefusals(book), saying(faults, refusalsFile))
    same(files.proven, printProven(proven), saying(faults, provenFile))
    same(files.page, page(book, proven), saying(faults, pageFile))
  }
  return { book, proven, broken, faults }
}

const saying =
  (faults: Array<string>, file: string): Say =>
  (where, message) =>
    void faults.push(`${file}: ${where}: ${message}`)

const checkFeatures = (book: Scorebook, say: Say): void => {
  const ids = featuresOf(book).map((feature) => feature.id)
  for (const id of numbering) if (!ids.includes(id)) say(id, "the feature is missing")
  for (const [at, id] of ids.entries()) {
    if (!numbering.includes(id)) say(id, "not a feature of the inventory")
    if (ids.indexOf(id) !== at) say(id, "listed twice")
  }
  for (const feature of featuresOf(book)) checkFacets(feature, say)
}

const checkFacets = (feature: Feature, say: Say): void => {
  const { facets } = feature
  if (facets.length < 2 || facets.length > 8) {
    say(feature.id, `${facets.length} facets, where 2 to 8 are asked for`)
  }
  for (const [at, facet] of facets.entries()) {
    const expected = `${feature.id}.${at + 1}`
    if (facet.id !== expected) say(facet.id, `expected ${expected}: facets are numbered from 1`)
    if (facet.on.length === 0) say(facet.id, "applies to no database")
    if (!facet.says.endsWith(".")) say(facet.id, "a facet is a sentence")
    if (facets.findIndex((other) => other.says === facet.says) !== at) {
      say(facet.id, "says the same as another facet")
    }
  }
}

const checkRefusals = (book: Scorebook, say: Say): void => {
  const facets = facetsById(book)
  const seen = new Set<string>()
  for (const refusal of book.refusals) {
    const where = `${refusal.of} on ${refusal.on}`
    const covered = [...facets.values()].filter(
      ({ id }) => id === refusal.of || featureIdOf(id) === refusal.of
    )
    if (covered.length === 0) say(where, "there is no such facet or feature")
    for (const facet of covered) {
      if (facet.pure && facet.id === refusal.of) say(where, "a pure facet cannot be refused")
      if (!facet.on.includes(refusal.on)) say(where, `${facet.id} does not apply there`)
      const key = `${facet.id} ${refusal.on}`
      if (seen.has(key)) say(where, `${facet.id} is refused twice`)
      seen.add(key)
    }
    if (!/^[a-z][A-Za-z]*$/.test(refusal.capability))
      say(where, "a capability is one camelCase word")
    if (!refusal.reason.endsWith(".")) say(where, "a reason is a sentence")
    if (!refusal.manual.startsWith(manuals[refusal.on])) {
      say(where, `the manual is a page of ${manuals[refusal.on]}`)
    }
    if (refusal.before !== undefined && !/^\d+(\.\d+)*$/.test(refusal.before)) {
      say(where, "before is a version number")
    }
  }
}

const checkProven = (
  book: Scorebook,
  proven: Proven,
  sources: ReadonlyMap<string, string>,
  say: Say
): void => {
  const facets = facetsById(book)
  const named = new Set(
    [...sources.values()].flatMap(marksInSource).flatMap(({ marks }) => marks.facets)
  )
  for (const [id, proofs] of Object.entries(proven)) {
    const facet = facets.get(id)
    if (facet === undefined) {
      say(id, "there is no such facet")
      continue
    }
    if (proofs.all !== undefined && !facet.pure) say(id, "proven for all, but it is not pure")
    for (const name of dialectNames) {
      if (proofs[name] !== undefined && !facet.on.includes(name))
        say(id, `does not apply on ${name}`)
    }
    if (!named.has(id)) say(id, "no test names it any longer: run npm run scorecard")
    for (const file of new Set(Object.values(proofs).flat().map(fileOf))) {
      if (!sources.has(file)) say(id, `${file} is gone: run npm run scorecard`)
    }
  }
}

const fileOf = (test: string): string => test.split(" > ")[0] ?? test

const checkMarks = (
  book: Scorebook,
  sources: ReadonlyMap<string, string>
): ReadonlyArray<string> => {
  const facets = facetsById(book)
  const faults: Array<string> = []
  for (const [file, text] of sources) {
    for (const { line, marks } of marksInSource(text)) {
      const where = `${file}:${line}`
      faults.push(...marks.faults.map((fault) => `${where}: ${fault}`))
      for (const id of marks.facets) {
        const facet = facets.get(id)
        if (facet === undefined) faults.push(`${where}: there is no facet ${id}`)
        else if (marks.all && !facet.pure) {
          faults.push(`${where}: ${id} is not pure, so @all proves nothing`)
        }
      }
    }
  }
  return faults
}

const same = (found: string, expected: string, say: Say): void => {
  if (found === expected) return
  const lines = expected.split("\n")
  const at = found.split("\n").findIndex((line, index) => line !== lines[index])
  const line = at === -1 ? found.split("\n").length : at + 1
  say(`line ${line}`, "not as generated: run npm run scorecard -- --page")
}
