import { type Database, type Elsewhere, hazards, rows } from "./rows.ts"

/** A test as its file declares it. */
interface Shown extends Elsewhere {
  /** A row's number, or null for a hazard. */
  readonly row: number | null
}

/** The files of tests by their path. */
export type Files = ReadonlyMap<string, string>

const lists: Readonly<Record<string, ReadonlyArray<Database>>> = {
  engines: ["sqlite", "postgres", "mariadb"],
  servers: ["postgres", "mariadb"]
}

const listed = (text: string): ReadonlyArray<Database> =>
  lists[text] ?? [...text.matchAll(/"(\w+)"/g)].map(([, name]) => name as Database)

const ofRow = /\bfault\(\s*(\d+),\s*(\w+|\[[^\]]*\]),\s*["`]([^"`]+)["`]/g
const ofHazard = /\bhazard\(\s*"([^"]+)",\s*(\w+|\[[^\]]*\])/g

/** Every test that names its row, or its hazard. */
const shownIn = (files: Files): ReadonlyArray<Shown> =>
  [...files].flatMap(([file, text]) => [
    ...[...text.matchAll(ofRow)].map(([, row, on, title]) => ({
      row: Number(row),
      file,
      title: title!,
      on: listed(on!)
    })),
    ...[...text.matchAll(ofHazard)].map(([, title, on]) => ({
      row: null,
      file,
      title: title!,
      on: listed(on!)
    }))
  ])

const cell = (shown: ReadonlyArray<Elsewhere>, on: Database): string =>
  shown
    .filter((one) => one.on.includes(on))
    .map(({ title }) => title.replace(/ \[F[^\]]*\]| \$\{[^}]*\}|on %s /g, ""))
    .join("; ") || "—"

const head = ["postgres", "mariadb", "sqlite"] as const
const titles = "| PostgreSQL | MariaDB | SQLite |"

/** The tables of the page, and what is wrong with them. */
export const page = (files: Files): { readonly text: string; readonly wrong: Array<string> } => {
  const shown = shownIn(files)
  const wrong: Array<string> = []
  const found = (elsewhere: ReadonlyArray<Elsewhere> = []): ReadonlyArray<Elsewhere> => {
    for (const { file, title } of elsewhere)
      if (files.get(file)?.includes(title) !== true) wrong.push(`${file} has no test "${title}"`)
    return elsewhere
  }
  const table = rows.map(({ besides, elsewhere, number, on, what }) => {
    const by = [...shown.filter(({ row }) => row === number), ...found(elsewhere)]
    for (const name of on)
      if (!by.some((one) => one.on.includes(name))) wrong.push(`row ${number} lacks ${name}`)
    const cells = head.map((name) => cell(by, name)).join(" | ")
    return `| ${number} | ${what} | ${besides} | ${cells} |`
  })
  for (const { row, title } of shown)
    if (row !== null && !rows.some(({ number }) => number === row))
      wrong.push(`"${title}" is of row ${row}, which there is not`)
  const dangers = hazards.map(({ elsewhere, what }) => {
    const by = [
      ...shown.filter(({ row, title }) => row === null && title === what),
      ...found(elsewhere)
    ]
    if (by.length === 0) wrong.push(`no test of the hazard "${what}"`)
    const where = [...new Set(by.map(({ file }) => `\`${file}\``))].join(", ")
    const on = head.filter((name) => by.some((one) => one.on.includes(name)))
    return `| ${what} | ${on.join(", ")} | ${where} |`
  })
  for (const { row, title } of shown)
    if (row === null && !hazards.some(({ what }) => what === title))
      wrong.push(`the hazard "${title}" is not on the list`)
  const text = [
    `| row | what goes wrong | beside R0 ${titles}`,
    "| ---: | --- | --- | --- | --- | --- |",
    ...table,
    "",
    "| hazard | on | shown in |",
    "| --- | --- | --- |",
    ...dangers
  ].join("\n")
  return { text, wrong }
}

const begin = "<!-- tables -->\n"
const end = "<!-- end -->\n"

/** The page with its tables anew. */
export const renewed = (whole: string, tables: string): string => {
  const from = whole.indexOf(begin) + begin.length
  const to = whole.indexOf(end, from)
  if (from < begin.length || to < 0) throw new Error(`the page has no ${begin}or no ${end}`)
  return `${whole.slice(0, from)}${tables}\n${whole.slice(to)}`
}
