import { existsSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import { filesBelow, root } from "../../tools/source/source.ts"

const pages = ["README.md", "CONTRIBUTING.md", ...(await filesBelow("docs"))].filter((path) =>
  path.endsWith(".md")
)

const prose = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, "")

/** What GitHub calls a heading by. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-")

const anchorsIn = (text: string): ReadonlySet<string> =>
  new Set([...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!)))

const linksIn = (text: string): ReadonlyArray<string> =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)

/** Why a link leads nowhere; null where it leads somewhere, or out of the repository. */
const broken = (page: string, link: string): string | null => {
  if (/^https?:/.test(link)) return null
  const [path = "", anchor] = link.split("#")
  const to = path === "" ? page : join(dirname(page), path)
  if (!existsSync(join(root, to))) return `${page}: ${link} is not there`
  if (anchor === undefined) return null
  if (statSync(join(root, to)).isDirectory()) return `${page}: ${link} is a heading of a folder`
  return anchorsIn(readFileSync(join(root, to), "utf8")).has(anchor)
    ? null
    : `${page}: ${link} is no heading`
}

test("every link of README and docs leads to a file, and to a heading in it", () => {
  const links = pages.flatMap((page) =>
    linksIn(readFileSync(join(root, page), "utf8")).map((link) => [page, link] as const)
  )
  expect(links.length).toBeGreaterThan(60)
  expect(links.flatMap(([page, link]) => broken(page, link) ?? [])).toEqual([])
})

test("a link to nowhere is found", () => {
  expect(broken("README.md", "docs/none.md")).toBe("README.md: docs/none.md is not there")
  expect(broken("README.md", "#one-file")).toBe(null)
  expect(broken("README.md", "#no-file")).toBe("README.md: #no-file is no heading")
})

test("a page is reached from README or from another page", () => {
  const linked = new Set(
    pages.flatMap((page) =>
      linksIn(readFileSync(join(root, page), "utf8")).map((link) =>
        join(dirname(page), link.split("#")[0]!).replace(/\/$/, "")
      )
    )
  )
  const lost = pages.filter(
    (page) => page !== "README.md" && !linked.has(page) && !linked.has(dirname(page))
  )
  expect(lost).toEqual([])
})

const contributing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8")
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>
}

/** The first cells of a table's rows, as pieces of code. */
const firstCells = (text: string, after: string): ReadonlyArray<string> => {
  const [, section = ""] = text.split(`\n## ${after}\n`)
  const rows = section.split("\n## ")[0]!.matchAll(/^\| (`[^|]+) \|/gm)
  return [...rows].flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, code]) => code!))
}

test("CONTRIBUTING lists the scripts there are, and folders that are there", () => {
  expect(firstCells(contributing, "Scripts").toSorted()).toEqual(Object.keys(scripts).toSorted())
  const folders = firstCells(contributing, "Where things live").filter((one) => !one.includes("*"))
  expect(folders.length).toBeGreaterThan(10)
  expect(folders.filter((one) => !existsSync(join(root, one)))).toEqual([])
})

test("every script a page asks for is there", () => {
  const asked = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/npm run (?:-s )?([\w:]+)/g)].map(
      ([, name]) => name!
    )
  )
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter((name) => !(name in scripts))).toEqual([])
})
