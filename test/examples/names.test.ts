import * as athanor from "athanor"
import * as compileEntry from "athanor/compile"
import * as dialectEntry from "athanor/dialect"
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import ts from "typescript-5.9"
import { filesBelow, nodesOf, readSources } from "../../tools/source/source.ts"

const { Column, Expr, Fn, Query, Table, Type } = athanor
const t = Table.make("t", { id: Column.id(), text: Column.text() })
const row = { text: "a" }
class One extends athanor.Entity<One>()("ones", { id: Column.id() }) {}

/** A value's own names, and those of its class and the classes above it. */
const namesOf = (value: object): ReadonlyArray<string> => {
  const names: Array<string> = []
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at) as object | null)
    if (at !== Object.prototype && at !== Function.prototype)
      names.push(...Object.getOwnPropertyNames(at))
  return names
}

const namespaces = new Map(
  Object.entries({ ...athanor, ...compileEntry, ...dialectEntry })
    .filter(([name]) => /^[A-Z]/.test(name))
    .map(([name, value]) => [name, new Set(namesOf(value as object))] as const)
)

/** One value of each class people chain on. */
const chained: ReadonlyArray<object> = [
  Query.from(t),
  t.c.id,
  t.c.id.asc(),
  Fn.count(),
  Fn.rowNumber(),
  Expr.case(t.c.id),
  Expr.when(t.c.id.eq(1), 1),
  Query.insert(t),
  Query.insert(t).values(row),
  Query.insert(t).values(row).onConflict(t.c.id),
  Query.update(t),
  Query.update(t).set(row),
  Query.update(t).set(row).everyRow(),
  Query.deleteFrom(t),
  Query.deleteFrom(t).everyRow(),
  Query.merge(t).using(t, t.c.id.eq(1)),
  Query.merge(t).using(t, t.c.id.eq(1)).whenMatched(),
  Query.merge(t).using(t, t.c.id.eq(1)).whenNotMatched(),
  Query.series(1, 2),
  Type.integer,
  One
]

const sources = [...(await readSources("src")).values()]

/** Names of properties and methods that the sources declare: options are among them. */
const declared = sources.flatMap((tree) =>
  [...nodesOf(tree)].flatMap((node) =>
    ts.isPropertySignature(node) || ts.isMethodSignature(node) ? [node.name.getText(tree)] : []
  )
)

/** Names of types, which a namespace has and its value has not. */
const types = new Set(
  sources.flatMap((tree) =>
    [...nodesOf(tree)].flatMap((node) =>
      ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ? [node.name.text] : []
    )
  )
)

/** Everything that may stand in a page on its own. */
const known = new Set([
  ...Object.keys({ ...athanor, ...compileEntry, ...dialectEntry }),
  ...[...namespaces.values()].flatMap((names) => [...names]),
  ...chained.flatMap(namesOf),
  ...declared,
  // JavaScript's own.
  "String"
])

const withoutTexts = (code: string): string => code.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, '""')

/** `Query.from` and the like, which there must be. */
const namespaced = (code: string): ReadonlyArray<readonly [name: string, member: string]> =>
  [...withoutTexts(code).matchAll(/\b([A-Z]\w*)\.(\w+)/g)].map(([, name, member]) => [
    name!,
    member!
  ])

const missingIn = (code: string): ReadonlyArray<string> =>
  namespaced(code)
    .filter(([name, member]) => namespaces.has(name) && !namespaces.get(name)!.has(member))
    .filter(([, member]) => !types.has(member))
    .map(([name, member]) => `${name}.${member}`)

/** What is called, what follows a dot, and what is the whole of a piece of code. */
const namedIn = (code: string): ReadonlyArray<string> => {
  const plain = withoutTexts(code)
  const whole = /^\w+$/.test(plain) ? [plain] : []
  return [
    ...whole,
    ...[...plain.matchAll(/\.(?!\.)(\w+)/g)].map(([, name]) => name!),
    ...[...plain.matchAll(/\b(\w+)\(/g)].map(([, name]) => name!)
  ].filter((name) => /^[a-zA-Z]/.test(name))
}

const spansIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/``\s(.+?)\s``|`([^`]+)`/g)].map(([, double, single]) => double ?? single!)

const rows = ["docs/coming-from-sqlalchemy.md", "docs/coming-from-orm.md"].flatMap((page) =>
  readFileSync(page, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| F"))
    .map((line) => line.split(/(?<!\\) \| /).map((cell) => cell.replaceAll(/^\| | \|$/g, "")))
)

/** Names of this page that stand for a reader's own, and for any of a family. */
const stands = new Set(["x", "c", "name", "email", "createdAt"])

describe("the names in the docs are there", () => {
  test("what stands beside SQLAlchemy's names", () => {
    expect(rows.length).toBeGreaterThan(70)
    const strange = rows.flatMap(([features, , ours]) =>
      spansIn(ours!)
        .filter((span) => !span.startsWith("athanor/"))
        .flatMap((span) => [
          ...missingIn(span).filter((name) => !name.endsWith(".x")),
          ...namedIn(span).filter((name) => !known.has(name) && !stands.has(name))
        ])
        .map((name) => `${features}: ${name}`)
    )
    expect(strange).toEqual([])
  })

  test("each older bulk verb has its counterpart [F148.2 @all]", () => {
    const bulk = rows.filter(([feature]) => feature === "F148")
    expect(bulk.map(([, theirs]) => spansIn(theirs!))).toEqual([
      ["bulk_save_objects"],
      ["bulk_insert_mappings"],
      ["bulk_update_mappings"]
    ])
    for (const [, , ours] of bulk) expect(spansIn(ours!).flatMap(namedIn).length).toBeGreaterThan(0)
  })

  test.each([
    ["the expression language", 42, 83],
    ["the mapper and the session", 115, 150]
  ])("each feature of %s has its row", (_, first, last) => {
    const listed = new Set(rows.flatMap(([features]) => features!.split(", ")))
    const asked = Array.from({ length: last - first + 1 }, (__, at) => `F${first + at}`)
    expect(asked.filter((feature) => !listed.has(feature))).toEqual([])
  })

  test("what stands in a namespace, on every page", async () => {
    const pages = ["README.md", "CONTRIBUTING.md", ...(await filesBelow("docs"))].filter(
      // Decisions speak of their day, and facets of what is asked for.
      (path) => path.endsWith(".md") && !/^docs\/(adr|scorecard)/.test(path)
    )
    expect(pages.length).toBeGreaterThan(30)
    const strange = pages.flatMap((path) =>
      spansIn(readFileSync(path, "utf8").replaceAll(/^```[\s\S]*?^```/gm, ""))
        .flatMap(missingIn)
        .filter((name) => !name.endsWith(".x"))
        .map((name) => `${path}: ${name}`)
    )
    expect(strange).toEqual([])
  })

  test("a name that is not there is found", () => {
    expect(missingIn("Query.fromm(t).where(p)")).toEqual(["Query.fromm"])
    expect(new Set(namedIn("a.eqq(b)").filter((name) => !known.has(name)))).toEqual(
      new Set(["eqq"])
    )
    expect(namedIn("bitOrr").filter((name) => !known.has(name))).toEqual(["bitOrr"])
  })
})
