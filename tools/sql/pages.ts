import { readdir, readFile } from "node:fs/promises"
import { pathToFileURL } from "node:url"
import { join } from "node:path"
import { compile, type DialectName } from "athanor/compile"
import type { Query } from "athanor"
import ts from "typescript-5.9"
import { root } from "../source/source.ts"

/** The statements of one family: `examples/sql/<name>.ts`. */
export interface Family {
  readonly name: string
  readonly title: string
  readonly examples: Readonly<Record<string, Query.Statement<unknown, unknown>>>
}

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
    } else if (found !== undefined && name !== "title") before.push(statement.getText(tree))
  }
  return { written, before }
}

/** Continuation lines of a property stand two columns further in than on a page. */
const dedented = (text: string): string => text.replaceAll("\n  ", "\n")

const sayings = (statement: Family["examples"][string]): string => {
  const said = new Map<string, Array<string>>()
  for (const [dialect, name] of dialects) {
    const found = compile(statement, dialect, { pretty: true })
    const text = found._tag === "Compiled" ? found.text : `-- Unsupported: ${found.capability}`
    said.set(text, [...(said.get(text) ?? []), name])
  }
  return [...said]
    .map(
      ([text, names]) =>
        `${said.size === 1 ? "All" : names.join(", ")}:\n\n\`\`\`sql\n${text}\n\`\`\``
    )
    .join("\n\n")
}

/** The page of one family. */
export const pageOf = async ({ examples, name, title }: Family): Promise<string> => {
  const { before, written } = writtenIn(await readFile(join(folder, `${name}.ts`), "utf8"))
  const shared =
    before.length === 0 ? [] : ["Before them:", `\`\`\`js\n${before.join("\n")}\n\`\`\``]
  const sections = Object.entries(examples).flatMap(([what, statement]) => [
    `## ${what}`,
    `\`\`\`js\n${written.get(what) ?? ""}\n\`\`\``,
    sayings(statement)
  ])
  const head =
    `Made by \`npm run sql\` from [${name}.ts](../../examples/sql/${name}.ts), whose statements ` +
    "the tests run; over the tables of [tables.ts](../../examples/sql/tables.ts)."
  return `${[`# ${title}`, head, ...shared, ...sections].join("\n\n")}\n`
}
