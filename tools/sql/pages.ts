import { readdir, readFile } from "node:fs/promises"
import { pathToFileURL } from "node:url"
import { join } from "node:path"
import { capabilities, compile, type DialectName } from "athanor/compile"
import type { Catalog, Policy, Query } from "athanor"
import ts from "typescript-5.9"
import { createOrder } from "../../src/compile/schema/schemaOrder.ts"
import { root } from "../source/source.ts"

/** The statements of one family: `examples/sql/<name>.ts`. */
export interface Family {
  readonly name: string
  readonly title: string
  readonly examples: Readonly<Record<string, Query.Statement<unknown, unknown> | Catalog.Catalog>>
  /** What the examples are compiled and run under. */
  readonly policies?: ReadonlyArray<Policy.Policy>
  /** The parameters of those examples that have some. */
  readonly given?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}
type Example = Family["examples"][string]

export const isCatalog = (example: Example): example is Catalog.Catalog => "tables" in example

const folder = join(root, "examples/sql")
const dialects: ReadonlyArray<readonly [DialectName, string]> = [
  ["sqlite", "SQLite"],
  ["postgres", "PostgreSQL"],
  ["mysql", "MySQL"],
  ["mariadb", "MariaDB"]
]

export const families = async (): Promise<ReadonlyArray<Family>> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts"))
  const all = await Promise.all(
    files.toSorted().map(async (file) => {
      const module = (await import(pathToFileURL(join(folder, file)).href)) as Omit<Family, "name">
      return { ...module, name: file.slice(0, -".ts".length) }
    })
  )
  return all.filter(({ examples }) => examples !== undefined)
}

/** What each example is written as: the property's own text, and what stands before them all. */
const writtenIn = (text: string) => {
  const tree = ts.createSourceFile("family.ts", text, ts.ScriptTarget.Latest, true)
  const written = new Map<string, string>()
  const before: Array<string> = []
  for (const statement of tree.statements) {
    const found = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations[0]!
      : undefined
    const name = found?.name.getText(tree)
    if (name === "examples" && ts.isObjectLiteralExpression(found!.initializer!)) {
      for (const one of found!.initializer.properties)
        if (ts.isPropertyAssignment(one))
          written.set((one.name as ts.StringLiteral).text, dedented(one.initializer.getText(tree)))
    } else if (found !== undefined && name !== "title" && name !== "given")
      before.push(statement.getText(tree).replace(/^export /, ""))
  }
  return { written, before }
}

/** Continuation lines of a property stand two columns further in than on a page. */
const dedented = (text: string): string => text.replaceAll("\n  ", "\n")

/** What an example is on a dialect: the capability that is missing, or its statements. */
export const saidOn = (
  example: Example,
  dialect: DialectName,
  policies: Family["policies"] = []
): { readonly unsupported: string } | { readonly texts: ReadonlyArray<string> } => {
  const statements = isCatalog(example)
    ? createOrder(example.tables, capabilities(dialect)).map((node) => ({ node }))
    : [example]
  const texts: Array<string> = []
  for (const statement of statements) {
    const found = compile(statement, dialect, { pretty: true, policies })
    if (found._tag === "Refusal") return { unsupported: found.capability }
    texts.push(found.text)
  }
  return { texts }
}

const sayings = (example: Example, policies: Family["policies"]): string => {
  const said = new Map<string, Array<string>>()
  for (const [dialect, name] of dialects) {
    const found = saidOn(example, dialect, policies)
    const text =
      "texts" in found ? found.texts.join(";\n\n") : `-- Unsupported: ${found.unsupported}`
    said.set(text, [...(said.get(text) ?? []), name])
  }
  return [...said]
    .map(
      ([text, names]) =>
        `${said.size === 1 ? "All" : names.join(", ")}:\n\n\`\`\`sql\n${text}\n\`\`\``
    )
    .join("\n\n")
}

/** The page that lists the others. */
export const indexOf = (all: ReadonlyArray<Family>): string =>
  `# Statements and their SQL\n\nEach family beside its SQL in four dialects.\n\n${all
    .map(({ examples, name, title }) => {
      const { length } = Object.keys(examples)
      return `- [${title}](${name}.md): ${length} examples`
    })
    .join("\n")}\n`

/** The page of one family. */
export const pageOf = async ({ examples, name, policies, title }: Family): Promise<string> => {
  const { before, written } = writtenIn(await readFile(join(folder, `${name}.ts`), "utf8"))
  const shared =
    before.length === 0 ? [] : ["Before them:", `\`\`\`js\n${before.join("\n")}\n\`\`\``]
  const sections = Object.entries(examples).flatMap(([what, example]) => [
    `## ${what}`,
    `\`\`\`js\n${written.get(what) ?? ""}\n\`\`\``,
    sayings(example, policies)
  ])
  const head =
    `Made by \`npm run sql\` from [${name}.ts](../../examples/sql/${name}.ts), whose statements ` +
    "the tests run; over the tables of [tables.ts](../../examples/sql/tables.ts)."
  return `${[`# ${title}`, head, ...shared, ...sections].join("\n\n")}\n`
}
