import type { Settled } from "./beside.ts"
import type { Line } from "./group.ts"
import { median } from "./pair.ts"

/** The worst run of one workload, with the ratios of all its runs. */
export interface Worst extends Line {
  readonly ratios: ReadonlyArray<number>
  readonly date: string
}

/** What one call of `npm run bench` found. */
export interface Results {
  readonly node: string
  readonly cores: number
  readonly rounds: number
  readonly runs: number
  readonly figures: ReadonlyArray<Worst>
  readonly beside: ReadonlyArray<Settled>
}

export const databases = ["sqlite", "postgres", "mariadb"]

/** Those found now, and of those found before what did not run now, in the order of databases. */
const joined = <Found>(
  now: ReadonlyArray<Found>,
  before: ReadonlyArray<Found>,
  groups: ReadonlyArray<string>,
  groupOf: (one: Found) => string
): ReadonlyArray<Found> => {
  const order = [...databases, "building"]
  const kept = before.filter((one) => !groups.includes(groupOf(one)))
  const rank = (one: Found): number => order.indexOf(groupOf(one).replace("peers/", ""))
  return [...now, ...kept].toSorted((a, b) => rank(a) - rank(b))
}

/** What these groups gave now, among what others gave before. */
export const merged = (now: Results, before: Results, groups: ReadonlyArray<string>): Results => ({
  // How the figures were made is said of the latest run that made any.
  ...(now.figures.length > 0 ? now : before),
  figures: joined(now.figures, before.figures, groups, ({ group }) => group),
  beside: joined(now.beside, before.beside, groups, ({ on }) => `peers/${on}`)
})

/** Of each workload's runs the one in which we were slowest beside the raw driver. */
export const worstOf = (lines: ReadonlyArray<Line>, date: string): ReadonlyArray<Worst> => {
  const byName = Map.groupBy(lines, ({ group, name }) => `${group} ${name}`)
  return [...byName.values()].map((runs) => ({
    ...runs.reduce((worst, one) => (one.ratio > worst.ratio ? one : worst)),
    ratios: runs.map(({ ratio }) => Number(ratio.toFixed(3))),
    date
  }))
}

/** The ratio beside the raw driver's calls done as Effects; null where those are not timed. */
const overFloor = (one: Worst, figures: ReadonlyArray<Worst>): number | null => {
  const floor = figures.find(({ group, name }) => group === one.group && name === one.floor)
  return floor === undefined ? null : one.ratio / median(floor.ratios)
}

const verdict = ({ limit, ratio }: Worst, onEffect: number | null): string => {
  if (limit === null) return "stated"
  if (ratio <= limit) return "holds"
  return onEffect !== null && onEffect <= limit ? "holds on Effect" : "misses"
}

const amount = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0))

const columns = ["on", "workload", "ours µs", "raw µs", "ratio", "middle run", "on Effect"]
const head = [...columns, "at most", ""]

const cells = (one: Worst, figures: ReadonlyArray<Worst>): ReadonlyArray<string> => {
  const onEffect = overFloor(one, figures)
  return [
    one.group,
    one.name,
    amount(one.ours_us),
    amount(one.raw_us),
    one.ratio.toFixed(2),
    median(one.ratios).toFixed(2),
    onEffect === null ? "" : onEffect.toFixed(2),
    one.limit === null ? "" : one.limit.toFixed(2),
    verdict(one, onEffect)
  ]
}

type Cells = ReadonlyArray<string>

/** Names to the left, figures to the right, a column's width that of its longest cell. */
const aligned = (rows: ReadonlyArray<Cells>, isText: (at: number) => boolean): string => {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => (isText(at) ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
        .join("  ")
        .trimEnd()
    )
    .map((row) => `${row}\n`)
    .join("")
}

const isName = (at: number): boolean => at < 2
const isText = (at: number): boolean => isName(at) || at === head.length - 1

/** For a terminal. */
export const asTable = ({ figures }: Results): string =>
  aligned([head, ...figures.map((one) => cells(one, figures))], isText)

const others = ["MikroORM", "Drizzle", "Kysely"]
const besideHead = ["on", "workload", "athanor", ...others]

const besideCells = ({ name, on, throughput }: Settled): Cells => [
  on,
  name,
  ...besideHead
    .slice(2)
    .map((who) => throughput[who]?.toFixed(throughput[who] < 0.1 ? 3 : 2) ?? "–")
]

/** Throughputs beside others', for a terminal. */
export const besideTable = (beside: ReadonlyArray<Settled>): string =>
  aligned([besideHead, ...beside.map(besideCells)], isName)

const markdownTable = (
  [first, ...rows]: ReadonlyArray<Cells>,
  isText: (at: number) => boolean
): string =>
  [first!, first!.map((_, at) => (isText(at) ? "---" : "---:")), ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n")

/** Each reason once, with what it explains. */
const reasonsOf = (beside: ReadonlyArray<Settled>): string => {
  const reasons = beside.flatMap(({ absent, name, on }) =>
    Object.entries(absent).map(([who, reason]) => ({ what: `${who}: ${reason}`, name, on }))
  )
  return [...Map.groupBy(reasons, ({ what }) => what)]
    .map(([what, all]) => `- ${what} (${[...new Set(all.map(({ name }) => name))].join(", ")})`)
    .join("\n")
}

const runOf = (beside: ReadonlyArray<Settled>): string =>
  [
    ...new Set(
      beside.map(
        ({ date, driver, on, rounds, runs }) =>
          `- ${on}: ${driver}, ${runs} × ${rounds} rounds, ${date}`
      )
    )
  ].join("\n")

const besideOthers = (beside: ReadonlyArray<Settled>): string => `## Beside others

Throughput over the raw driver's on the same work by hand: here higher is better, 1.00 is a tie.
All take turns in one process, on the same rows, each following each other equally often; what each
gives was the same before anything was timed. Ratios are made as above; of several runs the figure
is the middle one's.

${runOf(beside)}

${markdownTable([besideHead, ...beside.map(besideCells)], isName)}

Left out, and why:

${reasonsOf(beside)}

Each is written as its guide says, in \`bench/peers\`, on our versions of the drivers
(docs/adr/0102). *MikroORM*: discovery once, a fork for each unit of work that flushes at its end
only, propagation not on prototypes, of its strategies the quickest. *Drizzle*: what is asked more
than once prepared, the relational query for the graph, and the unit of work as statements for many
rows, or prepared for each where that is quicker; it gives plain rows, without an identity map, and
the program itself says what changed. *Kysely*: built anew for each call. An int8 beyond 2^53 is
asked for as text where better-sqlite3 would round it. A moment is a \`Date\` there, a \`DateTime\`
with us and by hand.`

const driversOf = (figures: ReadonlyArray<Worst>): string =>
  [...new Set(figures.map(({ date, driver, group }) => `- ${group}: ${driver}, ${date}`))].join(
    "\n"
  )

/** docs/bench.md. */
export const asMarkdown = (results: Results): string => `# Benchmarks

Our time over the raw driver's on the same work by hand: lower is better, 1.00 is a tie. Made by
\`npm run bench -- --write\`; change nothing here.

Node ${results.node}, ${results.cores} cores shared with other work, ${results.runs} runs of
${results.rounds} rounds. Both ways take turns in one process, and each round gives one ratio; a
run's figure is the median of its ratios. Where nobody waits for a server, on SQLite and for
building, it is the quick turns of one way over those of the other, a tenth of all being quicker:
other work on the machine only adds to a turn, and to the longer one more often. The figure here is
the worst run's, with the middle run's beside it. Times are of that run, per statement, and drift
with the machine; the ratios hardly do. One thread does all, collecting garbage and compiling.

${driversOf(results.figures)}

${markdownTable([head, ...results.figures.map((one) => cells(one, results.figures))], isText)}

${besideOthers(results.beside)}

## What is measured

- **by key**: six columns (int, int8, two texts, boolean, timestamp), another id each call, 250
  calls in one fiber. *Reused*: the query is made once and gets its id as a named parameter.
  *Rebuilt*: it is made anew for each call. *Date*: the timestamp as a \`Date\` on both sides, where
  the hand need not pay for \`DateTime.makeUnsafe\`. *Session*: an entity read through the identity
  map of one unit of work.
- **1,000 rows of 8 columns**: a whole table, a timestamp and a decimal among its columns.
- **inserts**: 250 of one row each, a transaction each, giving back the key. **updates**: 250 of
  one row each, in one transaction.
- **floor**: SQLite by hand, each call yielded to a fiber as an Effect of one primitive: what a
  program on Effect pays without us. *On Effect* is our ratio over that one's; a limit that the
  ratio misses and this one keeps *holds on Effect* (docs/adr/0044).
- **insert of 100,000 rows**: one statement of ours, made anew, against what its makers or its
  server advise: a prepared loop, unnest of arrays, rows of VALUES. *The server's own*: the same
  rows made by the server, beside the same hand. *COPY of bytes made before*: nothing is left to a
  client but to send. No client goes below either (docs/adr/0098).
- **10,000 entities**: all people through the identity map of one unit of work, against objects
  decoded by hand. **100 authors**: their 1,000 articles and those' 3,000 labels as one graph,
  against a query by IN a level. **A loop**: the articles of 200 authors, asked for in turn,
  by an index as every program has it. On SQLite no call is saved by asking for all at once: its
  *floor* is a hand's one query for them, beside the same loop.
- **unit of work**: 1,000 orders loaded, 500 changed, 500 added with two lines each, 200 dropped,
  one commit, against statements by hand for many rows at once: unnest on PostgreSQL, rows of VALUES
  on MariaDB, prepared updates and rows of VALUES on SQLite.
- **building**: no database. Four joins and twenty predicates, from the first call of the builder to
  text and encoded values, against a constant text, and against a text put together from its
  conditions and looked up among those known.

## The raw side

What a careful hand writes: statements prepared once, object rows, values decoded to exactly
those we give, which is checked before anything is timed. \`bench/raw\` has all of it, with reasons:
int8 exactly (\`safeIntegers\` where one is read on SQLite), pg's timestamps as text read by
arithmetic because its own parser is slower, mysql2's as the \`Date\` it makes without text, keys of
inserts by \`lastInsertRowid\` and \`insertId\` where the driver has them.
`
