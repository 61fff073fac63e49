import type { Box, BoxRow, Diagram, Line } from "./Diagram.ts"
import { type Crossing, layoutOf, type Place, type Size } from "./layout.ts"
import { markup } from "./markup.ts"

const row_px = 20
const head_px = 26
const letter_px = 7.3
const side_px = 10
const key_px = 24

/** Letters that take the width of two: of East Asia, and pictures. */
const wide = new RegExp(
  "[\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff00-\\uff60]" +
    "|\\p{Emoji_Presentation}",
  "u"
)

const widthOf = (text: string): number => {
  let cells = 0
  for (const letter of text) cells += wide.test(letter) ? 2 : 1
  return cells * letter_px
}

const typeText = ({ nullable, told, type }: BoxRow): string =>
  [type, ...(nullable ? ["null"] : []), ...(told === "" ? [] : [told])].join(" ")

const namesWidth = ({ rows }: Box): number =>
  Math.max(0, ...rows.map(({ name }) => widthOf(name))) + key_px + 2 * side_px

const sizeOf = (box: Box): Size => ({
  width: Math.ceil(
    Math.max(
      widthOf(box.title) * 1.08 + 2 * side_px,
      namesWidth(box) + Math.max(0, ...box.rows.map((row) => widthOf(typeText(row)))) + side_px
    )
  ),
  height: head_px + box.rows.length * row_px + 4
})

const textAt = (x: number, y: number, kind: string, text: string): string =>
  `<text x="${x}" y="${y}" class="${kind}">${markup(text)}</text>`

const boxText = (box: Box, { x, y }: Place, { height, width }: Size): string => {
  const types = x + namesWidth(box)
  const rows = box.rows.map((row, at) => {
    const base = y + head_px + at * row_px + 15
    const mark = row.isPrimary ? "PK" : row.isForeign ? "FK" : ""
    return [
      ...(mark === "" ? [] : [textAt(x + side_px, base, "key", mark)]),
      textAt(x + side_px + key_px, base, row.isPrimary ? "name primary" : "name", row.name),
      textAt(types, base, "type", typeText(row))
    ].join("")
  })
  const r = 5
  return (
    `<g><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${r}" class="box"/>` +
    `<path d="M${x} ${y + head_px}v${r - head_px}a${r} ${r} 0 0 1 ${r} ${-r}h${width - 2 * r}` +
    `a${r} ${r} 0 0 1 ${r} ${r}v${head_px - r}z" class="head"/>` +
    `${textAt(x + side_px, y + 17, "title", box.title)}${rows.join("")}</g>\n`
  )
}

interface End {
  readonly x: number
  readonly y: number
  /** 1 where the line leaves to the right, else -1. */
  readonly to: 1 | -1
}

/** A curve that leaves and arrives level. */
const curve = (from: { x: number; y: number }, to: { x: number; y: number }, turn: 1 | -1) => {
  const reach = Math.max(30, Math.abs(to.x - from.x) / 2) * turn
  return `C${from.x + reach} ${from.y} ${to.x - reach} ${to.y} ${to.x} ${to.y}`
}

const many = ({ to, x, y }: End): string =>
  `<path d="M${x} ${y - 5}L${x + 10 * to} ${y}L${x} ${y + 5}" class="line"/>`
const one = ({ to, x, y }: End): string => `<path d="M${x + 7 * to} ${y - 5}v10" class="line"/>`
const none = ({ to, x, y }: End): string =>
  `<circle cx="${x + 13 * to}" cy="${y}" r="4" class="ring"/>`

const lineText = (
  line: Line,
  places: ReadonlyArray<Place>,
  sizes: ReadonlyArray<Size>,
  bends: ReadonlyArray<Crossing>
): string => {
  const [from, to] = [places[line.from]!, places[line.to]!]
  const isSelf = line.from === line.to
  const isBack = !isSelf && from.layer > to.layer
  const startSide = isBack ? -1 : 1
  const endSide = isBack || isSelf ? 1 : -1
  const end = (place: Place, box: number, row: number, side: 1 | -1): End => ({
    x: side === 1 ? place.x + sizes[box]!.width : place.x,
    y: place.y + head_px + row * row_px + row_px / 2,
    to: side
  })
  const start = end(from, line.from, line.fromRow, startSide)
  const finish = end(to, line.to, line.toRow, endSide)
  const points = bends.flatMap(({ left, right, y }) =>
    isBack
      ? [
          { x: right, y },
          { x: left, y }
        ]
      : [
          { x: left, y },
          { x: right, y }
        ]
  )
  let path = `M${start.x} ${start.y}`
  if (isSelf) {
    const out = start.x + 36
    path += `C${out} ${start.y} ${out} ${finish.y} ${finish.x} ${finish.y}`
  } else {
    const stops = [start, ...points, finish]
    for (let at = 1; at < stops.length; at++)
      // Between the sides of a layer it goes straight.
      path +=
        at % 2 === 0 && at < stops.length
          ? `L${stops[at]!.x} ${stops[at]!.y}`
          : curve(stops[at - 1]!, stops[at]!, startSide)
  }
  const ends = [
    line.many ? many(start) : one(start),
    one(finish),
    line.optional ? none(finish) : ""
  ]
  const drawn = `<path d="${path}" class="line"/>${ends.join("")}`
  return `<g><title>${markup(line.label)}</title>${drawn}</g>\n`
}

const style = [
  "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1c2430}",
  ".title{font-weight:600;font-size:13px;fill:#fff}.primary{font-weight:600}",
  ".key{font-size:9px;fill:#8a6d1d}.type{fill:#6b7685}",
  ".box{fill:#fff;stroke:#b8c2cf}.head{fill:#3d5a80}",
  ".line{fill:none;stroke:#5b6b7f;stroke-width:1.3}.ring{fill:#fff;stroke:#5b6b7f}"
].join("")

/** A drawing: boxes in layers, each to the right of those it refers to. */
export const svg = ({ boxes, lines }: Diagram): string => {
  const sizes = boxes.map(sizeOf)
  const { bends, height, places, width } = layoutOf(sizes, lines)
  const drawn = lines.map((line, at) => lineText(line, places, sizes, bends[at]!))
  const shown = boxes.map((box, at) => boxText(box, places[at]!, sizes[at]!))
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n<style>${style}</style>\n` +
    `<rect width="${width}" height="${height}" fill="#f6f8fa"/>\n` +
    `${drawn.join("")}${shown.join("")}</svg>\n`
  )
}
