import { readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../source/source.ts"

const file = "src/effects/DatabaseError.ts"

/** One kind of failure as its source says it. */
export interface ErrorClass {
  readonly tag: string
  readonly part: string
  readonly says: ReadonlyArray<string>
  /** Fields beside those of every failure; one that may be absent ends in `?`. */
  readonly fields: ReadonlyArray<string>
}

const declared = new RegExp(
  [
    /^\/\/ (?<part>.+)$/,
    new RegExp(
      [
        /\/\*\*\n(?<comment>(?: \*.*\n)+?) \*\/\n/,
        /export class \w+ extends failure\("(?<tag>\w+)"\)/,
        /(?:<\{(?<body>[^}]*)\}>)?/
      ]
        .map(({ source }) => source)
        .join("")
    )
  ]
    .map(({ source }) => source)
    .join("|"),
  "gm"
)

const paragraphsOf = (comment: string): ReadonlyArray<string> =>
  comment
    .split("\n")
    .map((line) => line.replace(/^ \* ?/, ""))
    .join("\n")
    .split(/\n@/)[0]!
    .split(/\n\n|\n(?=\*\*)/)
    .map((lines) => lines.replaceAll("\n", " ").trim())
    .filter((line) => line !== "")

const fieldsOf = (body: string): ReadonlyArray<string> =>
  [...body.matchAll(/readonly (\w+\??):/g)].map(([, name]) => name!)

/** Every kind of failure, in the order of its source. */
export const errorClasses = (): ReadonlyArray<ErrorClass> => {
  let part = ""
  const classes: Array<ErrorClass> = []
  for (const { groups } of readFileSync(join(root, file), "utf8").matchAll(declared)) {
    if (groups!["part"] !== undefined) part = groups!["part"]
    else
      classes.push({
        tag: groups!["tag"]!,
        part,
        says: paragraphsOf(groups!["comment"]!),
        fields: fieldsOf(groups!["body"] ?? "")
      })
  }
  return classes
}

const intro = readFileSync(join(import.meta.dirname, "intro.md"), "utf8")

const fieldSaid = (name: string): string =>
  name.endsWith("?") ? `\`${name.slice(0, -1)}\` (may be absent)` : `\`${name}\``

/** The page of all of them. */
export const errorPage = (): string => {
  const lines = [intro]
  let part = ""
  for (const one of errorClasses()) {
    if (one.part !== part) lines.push(`## ${(part = one.part)}\n`)
    lines.push(`### ${one.tag}\n`, `${one.says.join("\n\n")}\n`)
    if (one.fields.length > 0) lines.push(`Fields: ${one.fields.map(fieldSaid).join(", ")}.\n`)
  }
  return lines.join("\n")
}
