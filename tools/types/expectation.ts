import type { Compilation, Diagnostic } from "./compiler.ts"

/** What the head of a wrong program says must happen to it. */
export interface Expectation {
  readonly file: string
  readonly line: number
  readonly messages: ReadonlyArray<string>
}

/** Reads `// line: N` and `// expect: text` from the comments that open the file. */
export const readExpectation = (file: string, text: string): Expectation | string => {
  const head = /^(?:\s*\/\/.*\n)*/.exec(text)?.[0] ?? ""
  const values = (key: string): ReadonlyArray<string> =>
    [...head.matchAll(new RegExp(`^\\s*// ${key}: (.*)$`, "gm"))].map(([, value]) => value!.trim())
  const [line, ...more] = values("line")
  const messages = values("expect")
  if (line === undefined || more.length > 0 || !/^\d+$/.test(line)) {
    return `${file}: its head must say \`// line: N\` once`
  }
  if (messages.length === 0) return `${file}: its head must say \`// expect: <message text>\``
  return { file, line: Number(line), messages }
}

/** Says how a compilation differs from what was expected; nothing when it does not. */
export const judge = (
  { file, line, messages }: Expectation,
  compilation: Compilation,
  withMessages: boolean
): ReadonlyArray<string> => {
  const found = compilation.diagnostics.filter((one) => one.file === file)
  const here = found.filter((one) => one.line === line)
  if (found.length === 0) return [`${file}:${line}  compiles, and must not`]
  const elsewhere = found.filter((one) => one.line !== line).map(show)
  if (here.length === 0) return [`${file}:${line}  has no error on this line`, ...elsewhere]
  const text = here.map((one) => one.text).join("\n")
  const missing = withMessages ? messages.filter((message) => !text.includes(message)) : []
  return [
    ...elsewhere,
    ...missing.map((message) => `${file}:${line}  lacks the message: ${message}\n${indent(text)}`)
  ]
}

export const show = ({ file, line, text }: Diagnostic): string => `${file}:${line}  ${indent(text)}`

const indent = (text: string): string => text.replaceAll(/^/gm, "    ").trimStart()
