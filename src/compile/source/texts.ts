/** What is not to be seen in a text, or would end a line or a template. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]|[^\P{Z} ]/gu

const escaped = (character: string): string => {
  const code = character.codePointAt(0)!.toString(16)
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`
}

/** A text as TypeScript writes it, in double quotes, on one line. */
export const quoted = (text: string): string =>
  `"${text.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll(unseen, escaped)}"`

/** A text between backticks, on one line, with nothing to fill in. */
export const templated = (text: string): string => {
  const plain = text.replaceAll(/[`\\]/g, "\\$&").replaceAll("${", "\\${")
  return `\`${plain.replaceAll("\n", "\\n").replaceAll(unseen, escaped)}\``
}

/**
 * A text as a comment before a declaration.
 *
 * **Shape** neither ends the comment nor says anything to a compiler: `*\/` and an `@` at the start
 * of a line are written apart.
 */
export const remark = (text: string, indent: string): string => {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) =>
    line
      .replaceAll(unseen, escaped)
      .replaceAll("*/", "*\\/")
      .replace(/^[\s*/]*@/, (start) => `${start.slice(0, -1)}\\@`)
      .trimEnd()
  )
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  const inside = lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")
  return `${indent}/**\n${inside}\n${indent} */\n`
}

/** Options that are said, as an object; nothing where none is. */
export const optionsSource = (options: Readonly<Record<string, string | null>>): string => {
  const said = Object.entries(options).flatMap(([key, text]) =>
    text === null ? [] : [`${key}: ${text}`]
  )
  return said.length === 0 ? "" : `{ ${said.join(", ")} }`
}
