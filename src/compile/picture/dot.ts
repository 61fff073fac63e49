import type { BoxRow, Diagram } from "./Diagram.ts"
import { markup } from "./markup.ts"

const quotedText = (text: string): string => {
  const plain = text.toWellFormed().replaceAll(/\p{C}/gu, " ")
  return `"${plain.replaceAll(/["\\]/g, "\\$&")}"`
}

const rowText = (row: BoxRow, at: number): string => {
  const { isForeign, isPrimary, name, nullable, told, type } = row
  const plain = markup(name)
  const underlined = isPrimary ? `<u>${plain}</u>` : plain
  const shown = isForeign ? `<i>${underlined}</i>` : underlined
  const more = `${nullable ? " null" : ""}${told === "" ? "" : ` ${markup(told)}`}`
  const said = `${shown}  ${markup(type)}${more}`
  return `<tr><td port="c${at}" align="left">${said}</td></tr>`
}

const outside = `<table border="0" cellborder="1" cellspacing="0">`

/** A graph in the language of Graphviz. */
export const dot = ({ boxes, lines }: Diagram): string => {
  const tables = boxes.map(({ rows, title }, at) => {
    const head = `<tr><td bgcolor="#e8eef7"><b>${markup(title)}</b></td></tr>`
    const body = rows.map((row, number) => rowText(row, number)).join("")
    return `  t${at} [label=<${outside}${head}${body}</table>>]\n`
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
