import type { DialectName } from "../../algebra/Dialect.ts"

/**
 * One step of a plan. What the server does not tell is null.
 *
 * @category models
 */
export interface PlanStep {
  /** In the server's words: `Seq Scan`, `ref`, `SEARCH`. */
  readonly operation: string
  readonly table: string | null
  readonly index: string | null
  /** Rows it is expected to give, each time it runs. */
  readonly rows: number | null
  /** In the server's unit. */
  readonly cost: number | null
  /** Rows it gave, where it was run. */
  readonly actualRows: number | null
  readonly actual_ms: number | null
  readonly children: ReadonlyArray<PlanStep>
}

/**
 * How the server goes about a statement.
 *
 * **Shape** names and numbers only: conditions are left out, for the server writes values into
 * them. `text` shows the steps as a tree.
 *
 * @category models
 */
export interface Plan {
  readonly dialect: DialectName
  readonly steps: ReadonlyArray<PlanStep>
  readonly text: string
}

type Json = { readonly [key: string]: unknown }
type Row = ReadonlyArray<unknown>

/** The plan the answer to an EXPLAIN stands for. */
export const planOf = (dialect: DialectName, rows: ReadonlyArray<Row>): Plan => {
  const steps = stepsOf(dialect, rows)
  return { dialect, steps, text: steps.flatMap((step) => linesOf(step, "", "")).join("\n") }
}

const stepsOf = (dialect: DialectName, rows: ReadonlyArray<Row>): ReadonlyArray<PlanStep> => {
  switch (dialect) {
    case "sqlite":
      return below(rows, 0)
    case "postgres":
      return listed(JSON.parse(String(rows[0]?.[0]))).map((one) =>
        postgresStep(record(one["Plan"]))
      )
    case "mysql":
    case "mariadb":
      return mariadbSteps(record(JSON.parse(String(rows[0]?.[0]))))
  }
}

const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}
const listed = (value: unknown): ReadonlyArray<Json> =>
  Array.isArray(value) ? value.map(record) : []
const word = (value: unknown): string | null => (typeof value === "string" ? value : null)
const amount = (value: unknown): number | null => {
  const number = typeof value === "string" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : null
}

const postgresStep = (node: Json): PlanStep => ({
  operation: [word(node["Node Type"]), word(node["Join Type"]), word(node["Operation"])]
    .filter((part) => part !== null && part !== "Inner")
    .join(" "),
  table: word(node["Relation Name"]) ?? word(node["CTE Name"]) ?? word(node["Function Name"]),
  index: word(node["Index Name"]),
  rows: amount(node["Plan Rows"]),
  cost: amount(node["Total Cost"]),
  actualRows: amount(node["Actual Rows"]),
  actual_ms: amount(node["Actual Total Time"]),
  children: listed(node["Plans"]).map(postgresStep)
})

/** What only holds the steps below it. */
const transparent: ReadonlySet<string> = new Set(["nested_loop", "query_specifications"])

/** Every object in MariaDB's plan is a step, named by its key; lists hold steps. */
const mariadbSteps = (node: Json): ReadonlyArray<PlanStep> =>
  Object.entries(node).flatMap(([key, value]) => {
    const inner = Array.isArray(value) ? listed(value) : [record(value)]
    return inner.flatMap((one): ReadonlyArray<PlanStep> => {
      if (Object.keys(one).length === 0) return []
      if (Array.isArray(value) || transparent.has(key)) return mariadbSteps(one)
      return [
        {
          operation: word(one["access_type"]) ?? key.replaceAll("_", " "),
          table: word(one["table_name"]),
          index: word(one["key"]),
          rows: amount(one["rows"]),
          cost: amount(one["cost"]) ?? amount(record(one["cost_info"])["query_cost"]),
          actualRows: amount(one["r_rows"]),
          actual_ms: amount(one["r_total_time_ms"]),
          children: mariadbSteps(one)
        }
      ]
    })
  })

/** `id, parent, unused, detail`: the details name columns, and write `?` for values. */
const below = (rows: ReadonlyArray<Row>, parent: unknown): ReadonlyArray<PlanStep> =>
  rows
    .filter((row) => row[1] === parent)
    .map((row) => {
      const detail = String(row[3])
      const access = /^(SCAN|SEARCH) (\S+)(.*)$/.exec(detail)
      const index = /USING (?:AUTOMATIC )?(?:COVERING )?(?:INDEX (\S+)|(INTEGER PRIMARY KEY))/.exec(
        access?.[3] ?? ""
      )
      return {
        operation: access?.[1] ?? detail,
        table: access?.[2] ?? null,
        index: index?.[1] ?? index?.[2] ?? null,
        rows: null,
        cost: null,
        actualRows: null,
        actual_ms: null,
        children: below(rows, row[0])
      }
    })

const linesOf = (step: PlanStep, first: string, rest: string): ReadonlyArray<string> => [
  first + lineOf(step),
  ...step.children.flatMap((child, at) => {
    const isLast = at === step.children.length - 1
    return linesOf(child, rest + (isLast ? "└─ " : "├─ "), rest + (isLast ? "   " : "│  "))
  })
]

const lineOf = ({
  actualRows,
  actual_ms,
  cost,
  index,
  operation,
  rows,
  table
}: PlanStep): string => {
  const numbers = [
    ...(rows === null ? [] : [`rows ${rows}`]),
    ...(cost === null ? [] : [`cost ${cost}`]),
    ...(actualRows === null ? [] : [`gave ${actualRows}`]),
    ...(actual_ms === null ? [] : [`in ${actual_ms} ms`])
  ]
  const where = `${table === null ? "" : ` of ${table}`}${index === null ? "" : ` by ${index}`}`
  return `${operation}${where}${numbers.length === 0 ? "" : ` (${numbers.join(", ")})`}`
}
