import type { BoxRow, Diagram } from "./Diagram.ts"

/** A text inside of quotes: Mermaid has numbers for what would end it or be markup. */
const escaped = (text: string): string =>
  text.replaceAll(/[\p{C}\p{Zl}\p{Zp}"#%&;<>\\`]/gu, (one) => `#${one.codePointAt(0)};`)

/** A word where nothing else may stand. */
const word = (text: string): string => {
  const plain = text.replaceAll(/, ?/g, "-").replaceAll(/[^-\w()[\]\u00c0-\ud7ff]/g, "_")
  return /^[a-z_]/i.test(plain) ? plain : `_${plain}`
}

const rowText = ({ isForeign, isPrimary, name, nullable, told, type }: BoxRow): string => {
  const keys = [...(isPrimary ? ["PK"] : []), ...(isForeign ? ["FK"] : [])].join(", ")
  const remarks = [
    ...(word(name) === name ? [] : [name]),
    ...(nullable ? ["null"] : []),
    ...(told === "" ? [] : [told])
  ]
  const remark = remarks.length === 0 ? "" : ` "${escaped(remarks.join(": "))}"`
  return `    ${word(type)} ${word(name)}${keys === "" ? "" : ` ${keys}`}${remark}\n`
}

/** An erDiagram of Mermaid. */
export const mermaid = ({ boxes, lines }: Diagram): string => {
  const tables = boxes.map(
    ({ rows, title }, at) =>
      `  t${at}["${escaped(title)}"] {\n${rows.map((row) => rowText(row)).join("")}  }\n`
  )
  const links = lines.map(({ from, label, many, optional, to }) => {
    const left = optional ? "|o" : "||"
    return `  t${to} ${left}--${many ? "o{" : "o|"} t${from} : "${escaped(label)}"\n`
  })
  return `erDiagram\n${tables.join("")}${links.join("")}`
}
