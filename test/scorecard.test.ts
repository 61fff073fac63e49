import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { check, type Files, pageFile, provenFile } from "../tools/scorecard/check.ts"
import { readFiles } from "../tools/scorecard/files.ts"
import { databasesOf, marksInSource, marksOf } from "../tools/scorecard/marks.ts"
import { cell, page } from "../tools/scorecard/page.ts"
import { prove, type RanTest } from "../tools/scorecard/prove.ts"
import { readProven } from "../tools/scorecard/read.ts"
import { facetsById, featuresOf, type Proven } from "../tools/scorecard/scorebook.ts"
import { printProven } from "../tools/scorecard/write.ts"

const root = fileURLToPath(new URL("../", import.meta.url))
const real = readFiles(root)
const { book } = check(real)
const facets = facetsById(book)

/** Marks are put together here, so that the checker does not take these plants for claims. */
const mark = (...parts: ReadonlyArray<string>): string => `[${parts.join(" ")}]`

/** The real lists with no proof and no test source, which is without fault. */
const clean: Files = { ...real, proven: "{}\n", page: page(book, {}), sources: new Map() }

const faultsOf = (files: Partial<Files>): ReadonlyArray<string> => {
  const { broken, faults } = check({ ...clean, ...files })
  return [...broken, ...faults]
}

const edited = (text: string, from: string, to: string): string => {
  expect(text.split(from).length, `one place to edit: ${from}`).toBe(2)
  return text.replace(from, to)
}

const ran = (title: string, state: RanTest["state"] = "passed"): RanTest => ({
  file: "test/x.test.ts",
  title,
  state
})

describe("the repository's own scorecard", () => {
  test("has every feature, well-formed lists, known marks and the page they make", () => {
    const { broken, faults } = check(real)
    const withoutProofs = faults.filter((fault) => !fault.startsWith(`${provenFile}: `))
    expect([...broken, ...withoutProofs]).toEqual([])
    expect(featuresOf(book)).toHaveLength(159 + 19)
  })

  test("is without fault when nothing is proven yet", () => {
    expect(faultsOf({})).toEqual([])
  })
})

const line = (id: string): string => {
  const found = real.facets.split("\n").find((text) => text.includes(`"id": "${id}",`))
  if (found === undefined) throw new Error(`no line for ${id}`)
  return found
}

const refusal = (of: string, on: string): string => {
  const found = real.refusals
    .split("\n")
    .find((text) => text.includes(`"of": "${of}", "on": "${on}"`))
  if (found === undefined) throw new Error(`no refusal of ${of} on ${on}`)
  return found
}

/** What is planted, the files with it, and a part of what is then said. */
type Plant = readonly [string, Partial<Files>, string]

const plantedFacets: ReadonlyArray<Plant> = [
  ["text that is not JSON", { facets: "{" }, "facets.json: not JSON"],
  [
    "a missing feature",
    { facets: edited(real.facets, '"id": "F7",', '"id": "F700",') },
    "F7: the feature is missing"
  ],
  [
    "a feature outside the inventory",
    { facets: edited(real.facets, '"id": "F7",', '"id": "F700",') },
    "F700: not a feature of the inventory"
  ],
  [
    "a feature listed twice",
    { facets: edited(real.facets, '"id": "F7",', '"id": "F8",') },
    "F8: listed twice"
  ],
  [
    "a facet out of number",
    { facets: edited(real.facets, '"id": "F65.3"', '"id": "F65.9"') },
    "F65.9: expected F65.3"
  ],
  [
    "a lost facet",
    { facets: edited(real.facets, `${line("F65.2")}\n`, "") },
    "F65.3: expected F65.2"
  ],
  [
    "an unknown database",
    {
      facets: edited(real.facets, line("F65.3"), line("F65.3").replace('"all"', '["oracle"]'))
    },
    "F65.3, on: a list of sqlite, postgres, mysql, mariadb"
  ],
  [
    "a facet for no database",
    { facets: edited(real.facets, line("F65.3"), line("F65.3").replace('"all"', "[]")) },
    "F65.3: applies to no database"
  ],
  [
    "an unknown key",
    { facets: edited(real.facets, line("F65.3"), line("F65.3").replace('"on"', '"at"')) },
    "F65.3: unknown key at"
  ],
  [
    "a facet said twice",
    { facets: edited(real.facets, line("F65.3"), line("F65.2").replace("F65.2", "F65.3")) },
    "F65.3: says the same as another facet"
  ],
  [
    "a list laid out otherwise",
    { facets: JSON.stringify(JSON.parse(real.facets)) },
    "docs/scorecard/facets.json: line 1: not as generated"
  ]
]

const plantedRefusals: ReadonlyArray<Plant> = [
  [
    "a refusal of an unknown facet",
    { refusals: edited(real.refusals, '"of": "F24"', '"of": "F24.77"') },
    "F24.77 on sqlite: there is no such facet or feature"
  ],
  [
    "a refusal listed twice",
    {
      refusals: edited(
        real.refusals,
        refusal("F24", "sqlite"),
        `${refusal("F24", "sqlite")}\n`.repeat(2).trimEnd()
      )
    },
    "F24.1 is refused twice"
  ],
  [
    "a facet refused beside its feature",
    {
      refusals: edited(
        real.refusals,
        refusal("F24", "sqlite"),
        `${refusal("F24", "sqlite")}\n${refusal("F24", "sqlite").replace('"F24"', '"F24.2"')}`
      )
    },
    "F24.2 is refused twice"
  ],
  [
    "a refusal where the facet does not apply",
    { refusals: edited(real.refusals, '"of": "F24"', '"of": "F93.1"') },
    "F93.1 does not apply there"
  ],
  [
    "a refused pure facet",
    { refusals: edited(real.refusals, '"of": "F24"', '"of": "F1.1"') },
    "F1.1 on sqlite: a pure facet cannot be refused"
  ],
  [
    "a refusal without the right manual",
    {
      refusals: edited(
        real.refusals,
        refusal("F24", "sqlite"),
        refusal("F24", "sqlite").replace("https://sqlite.org/", "https://example.org/")
      )
    },
    "F24 on sqlite: the manual is a page of https://sqlite.org/"
  ]
]

const plantedProofs: ReadonlyArray<Plant> = [
  [
    "a proof of an unknown facet",
    { proven: printProven({ "F1.77": { all: ["test/x.test.ts > a"] } }) },
    "F1.77: there is no such facet"
  ],
  [
    "a proof for all of a facet that needs a database",
    { proven: printProven({ "F65.3": { all: ["test/x.test.ts > a"] } }) },
    "F65.3: proven for all, but it is not pure"
  ],
  [
    "a proof where the facet does not apply",
    { proven: printProven({ "F93.1": { sqlite: ["test/x.test.ts > a"] } }) },
    "F93.1: does not apply on sqlite"
  ],
  [
    "a proof by a file that is gone",
    { proven: printProven({ "F65.3": { sqlite: ["test/x.test.ts > a"] } }) },
    "test/x.test.ts is gone"
  ],
  [
    "a proof no test names any longer",
    {
      proven: printProven({ "F65.3": { sqlite: ["test/x.test.ts > a"] } }),
      sources: new Map([["test/x.test.ts", "test()"]])
    },
    "F65.3: no test names it any longer"
  ],
  [
    "a title with an unknown facet",
    { sources: new Map([["test/x.test.ts", `\ntest("a ${mark("F52.77")}", f)`]]) },
    "test/x.test.ts:2: there is no facet F52.77"
  ],
  [
    "a title for all with a facet that needs a database",
    { sources: new Map([["test/x.test.ts", `test("a ${mark("F65.3", "@all")}", f)`]]) },
    "test/x.test.ts:1: F65.3 is not pure"
  ],
  [
    "a mark with commas",
    { sources: new Map([["test/x.test.ts", `test("a ${mark("F65.3,", "F65.4")}", f)`]]) },
    "F65.3, is not a facet id"
  ],
  ["an edited page", { page: `${clean.page}more\n` }, `${pageFile}: line`]
]

describe("a planted error is told", () => {
  test.each([...plantedFacets, ...plantedRefusals, ...plantedProofs])("%s", (_, files, message) => {
    expect(faultsOf(files).join("\n")).toContain(message)
  })
})

describe("marks", () => {
  test("are read from titles, several to one", () => {
    expect(marksOf(`a ${mark("F1.1", "F2.3")} > b ${mark("A1.1", "@all")}`)).toEqual({
      facets: ["F1.1", "F2.3", "A1.1"],
      all: true,
      faults: []
    })
    expect(marksOf("a [list] of [5] and [Array(3)]").facets).toEqual([])
  })

  test("of a whole feature, or of nothing, are faults", () => {
    expect(marksOf(`a ${mark("F52")}`).faults).toHaveLength(1)
    expect(marksOf(`a ${mark("@all")}`).faults).toHaveLength(1)
  })

  test("in sources are told from code", () => {
    expect(marksInSource("const a = rows[F1]\ntype B = [A1, A2]\nconst c = [`F1.1`]")).toEqual([])
  })

  test("name a database by its own word only", () => {
    expect(databasesOf("on sqlite > a")).toEqual(["sqlite"])
    expect(databasesOf("mariadb: a")).toEqual(["mariadb"])
    expect(databasesOf("mysql2 reads mysql://host and postgres.js, sqlite-like")).toEqual([])
    expect(databasesOf("SQLite, PostgreSQL and MariaDB agree")).toEqual([])
  })
})

describe("a run proves", () => {
  test("what passed, on the database the title names, where the facet applies", () => {
    const { proven, faults } = prove(facets, [
      ran(`on sqlite > a ${mark("F65.3", "F93.1")}`),
      ran(`on postgres > a ${mark("F65.3", "F93.1")}`),
      ran(`b ${mark("F1.1", "@all")}`),
      ran(`on mariadb > c ${mark("F65.3")}`, "skipped")
    ])
    expect(faults).toEqual([])
    expect(Object.keys(proven).toSorted()).toEqual(["F1.1", "F65.3", "F93.1"])
    expect(Object.keys(proven["F65.3"] ?? {})).toEqual(["sqlite", "postgres"])
    expect(Object.keys(proven["F93.1"] ?? {})).toEqual(["postgres"])
    expect(Object.keys(proven["F1.1"] ?? {})).toEqual(["all"])
  })

  test("nothing where one test of the facet failed", () => {
    const { proven } = prove(facets, [
      ran(`on sqlite > a ${mark("F65.3")}`),
      ran(`on sqlite > b ${mark("F65.3")}`, "failed"),
      ran(`on postgres > a ${mark("F65.3")}`),
      ran(`c ${mark("F1.1", "@all")}`),
      ran(`on sqlite > c ${mark("F1.1")}`, "failed")
    ])
    expect(proven["F65.3"]?.sqlite).toBeUndefined()
    expect(proven["F65.3"]?.postgres).toHaveLength(1)
    expect(proven["F1.1"]?.all).toBeUndefined()
  })

  test.each([
    ["no database", `a ${mark("F65.3")}`, "F65.3 needs a database"],
    ["an unknown facet", `on sqlite > a ${mark("F1.77")}`, "there is no facet F1.77"],
    ["all, of a facet that is not pure", `a ${mark("F65.3", "@all")}`, "F65.3 is not pure"],
    ["a whole feature", `on sqlite > a ${mark("F65")}`, "F65 is not a facet id"]
  ])("nothing, and says so, with %s in the title", (_, title, message) => {
    const { proven, faults } = prove(facets, [ran(title)])
    expect(proven).toEqual({})
    expect(faults.join("\n")).toContain(message)
  })

  test("the same bytes in any order of tests, and reads them back", () => {
    const tests = [
      ran(`on sqlite > a ${mark("F65.3")}`),
      ran(`on sqlite > b ${mark("F65.3")}`),
      ran(`on mysql > a ${mark("A1.1", "F9.3", "F10.4")}`)
    ]
    const { proven } = prove(facets, tests)
    const printed = printProven(proven)
    expect(printProven(prove(facets, tests.toReversed()).proven)).toBe(printed)
    expect(Object.keys(JSON.parse(printed) as object)).toEqual(["F9.3", "F10.4", "F65.3", "A1.1"])
    expect(readProven(printed, (where) => expect.unreachable(where))).toEqual(proven)
  })
})

describe("a cell", () => {
  const facetsOf = (feature: string) =>
    featuresOf(book).find(({ id }) => id === feature)?.facets ?? []
  const show = (feature: string, database: Parameters<typeof cell>[3], proven: Proven = {}) =>
    cell(book, proven, facetsOf(feature), database)
  const proofs = (feature: string, target: "all" | "sqlite" | "mysql"): Proven =>
    Object.fromEntries(facetsOf(feature).map(({ id }) => [id, { [target]: ["a"] }]))

  test("counts proven facets over those that apply", () => {
    expect(show("F65", "sqlite")).toBe("0/8")
    expect(show("F65", "sqlite", { "F65.3": { sqlite: ["a"], postgres: ["a"] } })).toBe("1/8")
    expect(show("F65", "sqlite", { "F65.3": { postgres: ["a"] } })).toBe("0/8")
    expect(show("F65", "mariadb")).toBe("0/7, 1 refused")
  })

  test("a proof for all counts on each database", () => {
    expect(show("F1", "postgres", { "F1.1": { all: ["a"] } })).toBe("1/6")
    expect(show("F1", "mysql", { "F1.1": { all: ["a"] } })).toBe("1/6")
  })

  test("says refused and not applicable", () => {
    expect(show("F106", "sqlite")).toBe("refused")
    expect(show("F106", "sqlite", proofs("F106", "sqlite"))).toBe("refused")
    expect(show("F107", "sqlite")).toBe("–")
  })

  test("a refusal by older servers only does not lower what is asked", () => {
    expect(show("F80", "sqlite")).toBe("0/4, 1 refused")
  })

  test("MySQL says that its statements were printed and not run", () => {
    expect(show("F42", "mysql", { "F42.1": { mysql: ["a"] } })).toBe("1/6 printed")
    expect(show("F42", "mysql", proofs("F42", "mysql"))).toBe("printed, not run")
    expect(show("F65", "mysql", proofs("F65", "mysql"))).toBe("printed, not run, 1 refused")
    expect(show("F42", "sqlite", proofs("F42", "sqlite"))).toBe("6/6")
  })

  test("refused facets met by a test are counted apart", () => {
    const total = /(\d+) of (\d+) refused facets/.exec(page(book, {}))
    expect(total?.[1]).toBe("0")
    expect(page(book, { "F24.1": { sqlite: ["a"] } })).toContain(
      `1 of ${total?.[2]} refused facets`
    )
  })
})

test("the reporter writes what a real run proves", () => {
  const dir = mkdtempSync(join(tmpdir(), "scorecard-"))
  try {
    const put = (path: string, text: string): void => {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), text)
    }
    cpSync(join(root, "docs/scorecard"), join(dir, "docs/scorecard"), { recursive: true })
    put(
      "test/a.test.js",
      `describe.each(["sqlite", "postgres"])("on %s", (name) => {
        test("holds ${mark("F65.1")}", () => {})
        test("breaks ${mark("F65.2")}", () => { if (name === "sqlite") throw new Error("no") })
        test.skip("waits ${mark("F65.3")}", () => {})
      })
      test("parses ${mark("F1.1", "@all")}", () => {})
      test("claims ${mark("F1.99", "@all")}", () => {})`
    )
    const vitest = join(root, "node_modules/vitest/vitest.mjs")
    const reporter = join(root, "tools/scorecard/reporter.ts")
    const run = spawnSync(
      process.execPath,
      [vitest, "run", "--globals", `--root=${dir}`, `--reporter=${reporter}`],
      { cwd: dir, encoding: "utf8" }
    )
    expect(run.stderr).toContain("there is no facet F1.99")
    expect(run.status).toBe(1)
    expect(JSON.parse(readFileSync(join(dir, provenFile), "utf8"))).toEqual({
      "F1.1": { all: [`test/a.test.js > parses ${mark("F1.1", "@all")}`] },
      "F65.1": {
        sqlite: [`test/a.test.js > on sqlite > holds ${mark("F65.1")}`],
        postgres: [`test/a.test.js > on postgres > holds ${mark("F65.1")}`]
      },
      "F65.2": { postgres: [`test/a.test.js > on postgres > breaks ${mark("F65.2")}`] }
    })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
