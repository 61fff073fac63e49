import type { Diagram } from "./Diagram.ts"
import { markup } from "./markup.ts"

const quotedText = (text: string): string =>
  `"${text.toWellFormed().replaceAll(/[\p{C}"\\]/gu, (one) => (one === '"' || one === "\\" ? `\\${one}` : " "))}"`

/** A graph in the language of Graphviz. */
export const dot = ({ boxes, lines }: Diagram): string => {
  const tables = boxes.map(({ rows, title }, at) => {
    const cells = rows.map(({ isForeign, isPrimary, name, nullable, type }, row) => {
      const shown = isPrimary ? `<u>${markup(name)}</u>` : markup(name)
      const said = `${isForeign ? `<i>${shown}</i>` : shown}  ${markup(type)}${nullable ? " null" : ""}`
      return `<tr><td port="c${row}" align="left">${said}</td></tr>`
    })
    const head = `<tr><td bgcolor="#e8eef7"><b>${markup(title)}</b></td></tr>`
    return `  t${at} [label=<<table border="0" cellborder="1" cellspacing="0">${head}${cells.join("")}</table>>]\n`
  })
  const links = lines.map(({ from, fromRow, label, many, optional, to, toRow }) => {
    const ends = `arrowtail=${many ? "crow" : "tee"}, arrowhead=${optional ? "teeodot" : "tee"}`
    return `  t${from}:c${fromRow} -> t${to}:c${toRow} [${ends}, tooltip=${quotedText(label)}]\n`
  })
  return (
    "digraph catalog {\n  rankdir=RL\n  node [shape=plain, fontname=Helvetica]\n" +
    `  edge [dir=both]\n${tables.join("")}${links.join("")}}\n`
  )
}
