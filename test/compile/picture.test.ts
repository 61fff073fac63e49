import { Catalog, Column, Table } from "athanor"
import { picture } from "athanor/compile"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { layoutOf, type Size } from "../../src/compile/picture/layout.ts"

const users = Table.make("users", { id: Column.id(), name: Column.text().nullable() })
const posts = Table.make("posts", {
  id: Column.id(),
  author: Column.integer().references(() => users.c.id),
  rate: Column.numeric(12, 2)
})
const profiles = Table.make("profiles", {
  user: Column.integer()
    .nullable()
    .unique()
    .references(() => users.c.id)
})
const catalog = Catalog.make({ users, posts, profiles })

describe("a catalog as a picture", () => {
  test("Mermaid: tables, columns, keys, and how many refer to how many", () => {
    expect(picture(catalog, "mermaid")).toBe(`erDiagram
  t0["users"] {
    integer id PK
    text name "null"
  }
  t1["posts"] {
    integer id PK
    integer author FK
    numeric(12-2) rate
  }
  t2["profiles"] {
    integer user FK "null"
  }
  t0 ||--o{ t1 : "author"
  t0 |o--o| t2 : "user"
`)
  })

  test("DOT: the same, with a port for each column", () => {
    const text = picture(catalog, "dot")
    expect(text).toContain(`t1:c1 -> t0:c0 [arrowtail=crow, arrowhead=tee, tooltip="author"]`)
    expect(text).toContain(`t2:c0 -> t0:c0 [arrowtail=tee, arrowhead=teeodot, tooltip="user"]`)
  })

  test("types are in the words of the dialect that is asked for", () => {
    expect(picture(catalog, "mermaid", { dialect: "mysql" })).toContain("longtext name")
    expect(picture(catalog, "svg", { dialect: "sqlite" })).toContain(">TEXT null</text>")
  })

  test("a catalog without tables has a picture without boxes", () => {
    for (const kind of ["mermaid", "dot", "svg"] as const)
      expect(picture(Catalog.make({}), kind)).not.toContain("t0")
  })
})

const hostile = [
  '"',
  "'",
  "<b>",
  "&amp;",
  "]]>",
  "-->",
  "%%{init}%%",
  "\\",
  "#quot;",
  ";",
  "{",
  "}"
]
const name: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom(...hostile, "\n", "\u0001", "\u2028", "\u202e", "\ufffe", "日本", "😀", "a b"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 9 }),
    fc.string({ minLength: 1, maxLength: 9 })
  )
  .filter((one) => one.isWellFormed() && !one.includes("\u0000"))

/** Tables in a ring, each of whose columns refers to the next table's. */
const catalogs = fc
  .uniqueArray(fc.record({ title: name, column: name }), {
    selector: ({ title }) => title,
    minLength: 1,
    maxLength: 5
  })
  .map((specs) => {
    const made: Array<Table.Table<string, Record<string, Column.Column<number>>>> = []
    specs.forEach(({ column, title }, at) => {
      const target = () => Object.values(made[(at + 1) % specs.length]!.c)[0]!
      made.push(Table.exact(title, { [column]: Column.integer().references(target) }))
    })
    return {
      specs,
      catalog: Catalog.make(Object.fromEntries(made.map((one, at) => [`m${at}`, one])))
    }
  })

const isXml = (text: string): boolean => {
  const open: Array<string> = []
  const rest = text.replaceAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z]+="[^"<&]*")*)(\/?)>/g,
    (_, close: string, tag: string, __, alone: string) => {
      if (alone === "" && close === "") open.push(tag)
      if (close !== "" && open.pop() !== tag) open.push("never closed")
      return ""
    }
  )
  const plain = rest.replaceAll(/&(?:amp|lt|gt|quot);/g, "")
  return open.length === 0 && !/[<>&\ufffe\uffff]|(?!\n)\p{Cc}/u.test(plain)
}

describe("names are nothing but names in a picture", () => {
  test("SVG is well-formed, and says each of them once", () => {
    fc.assert(
      fc.property(catalogs, ({ catalog: drawn, specs }) => {
        const text = picture(drawn, "svg")
        expect(isXml(text)).toBe(true)
        expect(text.match(/class="title"/g)).toHaveLength(specs.length)
        expect(text.match(/<title>/g)).toHaveLength(specs.length)
      })
    )
  })

  test("Mermaid has the lines of its grammar and no others", () => {
    const inQuotes = String.raw`"(?:[^"%\\\n\r;#&<>]|#\d+;)*"`
    const attribute = String.raw`[A-Za-z_][-\w()[\]\u00c0-\ud7ff]*`
    const lines = new RegExp(
      [
        "^erDiagram$",
        String.raw`^  t\d+\[${inQuotes}\] \{$`,
        String.raw`^    ${attribute} ${attribute}(?: PK)?(?:,? FK)?(?: ${inQuotes})?$`,
        String.raw`^  \}$`,
        String.raw`^  t\d+ \|[|o]--o[{|] t\d+ : ${inQuotes}$`
      ].join("|"),
      "u"
    )
    fc.assert(
      fc.property(catalogs, ({ catalog: drawn }) => {
        const said = picture(drawn, "mermaid").split("\n").slice(0, -1)
        expect(said.filter((line) => !lines.test(line))).toEqual([])
      })
    )
  })

  test("DOT has one statement for each table and line", () => {
    const tags = String.raw`<table [^<>]*>|</table>|</?(?:tr|td|b|u|i)(?: [^<>]*)?>`
    const label = String.raw`(?:${tags}|[^<>&]|&(?:amp|lt|gt|quot);)*`
    const ends = String.raw`arrowtail=\w+, arrowhead=\w+, tooltip="(?:[^"\\]|\\["\\])*"`
    const statement = new RegExp(
      [
        String.raw`^  t\d+ \[label=<${label}>\]$`,
        String.raw`^  t\d+:c\d+ -> t\d+:c\d+ \[${ends}\]$`
      ].join("|")
    )
    fc.assert(
      fc.property(catalogs, ({ catalog: drawn, specs }) => {
        const [, , , , ...said] = picture(drawn, "dot").trimEnd().split("\n")
        expect(said.pop()).toBe("}")
        expect(said).toHaveLength(2 * specs.length)
        expect(said.filter((line) => !statement.test(line))).toEqual([])
      })
    )
  })
})

describe("the layout of boxes", () => {
  const graphs = fc.integer({ min: 1, max: 14 }).chain((count) =>
    fc.record({
      sizes: fc.array(
        fc.record({
          width: fc.integer({ min: 60, max: 300 }),
          height: fc.integer({ min: 40, max: 400 })
        }),
        { minLength: count, maxLength: count }
      ),
      arrows: fc.array(fc.record({ from: fc.nat(count - 1), to: fc.nat(count - 1) }), {
        maxLength: 25
      })
    })
  )
  const apart = (sizes: ReadonlyArray<Size>, places: ReturnType<typeof layoutOf>["places"]) =>
    places.every((a, i) =>
      places.every((b, j) => {
        if (i >= j) return true
        const [of, on] = [sizes[i]!, sizes[j]!]
        return (
          a.x + of.width <= b.x ||
          b.x + on.width <= a.x ||
          a.y + of.height <= b.y + 1e-6 ||
          b.y + on.height <= a.y + 1e-6
        )
      })
    )

  test("no two overlap, all are inside, and the same graph is the same picture", () => {
    fc.assert(
      fc.property(graphs, ({ arrows, sizes }) => {
        const one = layoutOf(sizes, arrows)
        expect(apart(sizes, one.places)).toBe(true)
        for (const [at, { x, y }] of one.places.entries()) {
          expect(x).toBeGreaterThanOrEqual(0)
          expect(y).toBeGreaterThanOrEqual(0)
          expect(x + sizes[at]!.width).toBeLessThanOrEqual(one.width)
          expect(y + sizes[at]!.height).toBeLessThanOrEqual(one.height)
        }
        expect(layoutOf(sizes, arrows)).toEqual(one)
      }),
      { numRuns: 500 }
    )
  })

  test("without rings each box is to the right of those it refers to", () => {
    fc.assert(
      fc.property(graphs, ({ arrows, sizes }) => {
        const forward = arrows.filter(({ from, to }) => from > to)
        const { places } = layoutOf(sizes, forward)
        for (const { from, to } of forward) expect(places[from]!.x).toBeGreaterThan(places[to]!.x)
      })
    )
  })
})
