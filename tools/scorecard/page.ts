import { type DialectName, dialectNames } from "../../src/algebra/Dialect.ts"
import {
  type Facet,
  type Feature,
  featuresOf,
  isRefused,
  type Proven,
  type Scorebook,
  testsFor
} from "./scorebook.ts"
import { sortedRefusals } from "./write.ts"

const titles: Readonly<Record<DialectName, string>> = {
  sqlite: "SQLite",
  postgres: "PostgreSQL",
  mysql: "MySQL",
  mariadb: "MariaDB"
}

interface Count {
  readonly proven: number
  readonly total: number
  readonly refused: number
  /** Proven facets that only a printed statement proves. */
  readonly printed: number
}

/** docs/scorecard.md, a pure function of the three files beside it. */
export const page = (book: Scorebook, proven: Proven): string => {
  const features = featuresOf(book)
  const facets = features.flatMap((feature) => feature.facets)
  return [
    "# Scorecard",
    "",
    ...introduction(features.length, facets.length),
    ...legend(book),
    "",
    "## Overview",
    "",
    ...overview(book, proven),
    "",
    refusalsShown(book, proven),
    ...book.sections.flatMap((section) => [
      "",
      `## ${section.id} ${section.title}`,
      "",
      ...header("Feature | Name |", "--- | --- |"),
      ...section.features.map(
        (feature) =>
          `| ${feature.id} | ${escaped(feature.name)} | ` +
          `${dialectNames.map((name) => cell(book, proven, feature.facets, name)).join(" | ")} |`
      )
    ]),
    "",
    "## Refusals",
    "",
    "The fixed list. On these databases the statement is `Unsupported` with the capability's",
    "name, before anything is sent; a version means that only older servers refuse.",
    "",
    "| Facet | Database | Capability | Why |",
    "| --- | --- | --- | --- |",
    ...sortedRefusals(book).map(
      ({ of, on, capability, reason, manual, before }) =>
        `| ${of} | ${titles[on]}${before === undefined ? "" : ` before ${before}`} | ` +
        `${capability} | ${escaped(reason)} [manual](${manual}) |`
    ),
    ""
  ].join("\n")
}

const introduction = (features: number, facets: number): ReadonlyArray<string> => [
  "Made by `npm run scorecard` from [facets.json](scorecard/facets.json),",
  "[refusals.json](scorecard/refusals.json) and [proven.json](scorecard/proven.json);",
  "not edited by hand.",
  "",
  `${features} features in ${facets} facets. A facet is one checkable statement, written before`,
  "the work is claimed. It is proven on a database by a passed test whose title, with those of",
  'its suites, names both: `describe("on sqlite")`, `test("an absent row is null [F65.3 F71.1]")`.',
  "A facet marked `pure` has no database in it and is proven for all by `[F83.1 @all]`.",
  "A failed test takes its facet's proof away.",
  "",
  "How to read a cell:",
  ""
]

const legend = (book: Scorebook): ReadonlyArray<string> => [
  "| Cell | Meaning |",
  "| --- | --- |",
  "| `3/5` | three of the five facets that apply are proven |",
  "| `3/5, 1 refused` | a sixth is on the fixed list of refusals and not counted |",
  "| `refused` | every facet is on the fixed list |",
  "| `–` | the feature is of other databases only |",
  ...book.printedOnly.map(
    (name) =>
      `| \`printed, not run\` | all are proven, but no ${titles[name]} server has run the ` +
      "statements; `3/5 printed` likewise |"
  )
]

const overview = (book: Scorebook, proven: Proven): ReadonlyArray<string> => {
  const row = (name: string, features: ReadonlyArray<Feature>): string => {
    const facets = features.flatMap((feature) => feature.facets)
    const cells = dialectNames.map((database) => cell(book, proven, facets, database))
    return `| ${name} | ${features.length} | ${facets.length} | ${cells.join(" | ")} |`
  }
  return [
    ...header("Section | Features | Facets |", "--- | ---: | ---: |"),
    ...book.sections.map((section) => row(`${section.id} ${section.title}`, section.features)),
    row("**All**", featuresOf(book))
  ]
}

const header = (names: string, rules: string): ReadonlyArray<string> => [
  `| ${names} ${dialectNames.map((name) => titles[name]).join(" | ")} |`,
  `| ${rules} ${dialectNames.map(() => "---").join(" | ")} |`
]

export const cell = (
  book: Scorebook,
  proven: Proven,
  facets: ReadonlyArray<Facet>,
  database: DialectName
): string => {
  const count = counted(book, proven, facets, database)
  if (count.total === 0) return count.refused === 0 ? "–" : "refused"
  const refused = count.refused === 0 ? "" : `, ${count.refused} refused`
  if (count.printed === 0) return `${count.proven}/${count.total}${refused}`
  return count.proven === count.total
    ? `printed, not run${refused}`
    : `${count.proven}/${count.total} printed${refused}`
}

const counted = (
  book: Scorebook,
  proven: Proven,
  facets: ReadonlyArray<Facet>,
  database: DialectName
): Count => {
  const applying = facets.filter((facet) => facet.on.includes(database))
  const open = applying.filter((facet) => !isRefused(book, facet, database))
  const done = open.filter((facet) => testsFor(proven, facet, database).length > 0)
  const printed = book.printedOnly.includes(database)
    ? done.filter((facet) => proven[facet.id]?.all === undefined)
    : []
  return {
    proven: done.length,
    total: open.length,
    refused: applying.length - open.length,
    printed: printed.length
  }
}

const refusalsShown = (book: Scorebook, proven: Proven): string => {
  const refused = featuresOf(book)
    .flatMap((feature) => feature.facets)
    .flatMap((facet) =>
      facet.on.filter((name) => isRefused(book, facet, name)).map((name) => ({ facet, name }))
    )
  const shown = refused.filter(({ facet, name }) => testsFor(proven, facet, name).length > 0)
  return (
    `${shown.length} of ${refused.length} refused facets are shown by a test: on that database ` +
    "the test that names the facet passes by meeting the refusal."
  )
}

const escaped = (text: string): string => text.replaceAll("|", "\\|")
