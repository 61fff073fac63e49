/**
 * The town as plain maps of rows, written apart from the library: what refers to what, what goes
 * with what, what may not be there twice.
 */

export type Cell = number | string | null
export type Cells = Readonly<Record<string, Cell>>
export type Rows = ReadonlyMap<string, Cells>
export type TableName =
  | "houses"
  | "rooms"
  | "beds"
  | "bills"
  | "flats"
  | "guests"
  | "people"
  | "shifts"
  | "works"
  | "tags"
  | "links"
export type Model = Readonly<Record<TableName, Rows>>

type Names = ReadonlyArray<string>

/** What becomes of a row whose parent goes. */
export type Rule = "delete" | "detach" | "restrict"

export interface Reference {
  readonly columns: Names
  readonly to: TableName
  readonly toColumns: Names
  readonly rule: Rule
  /** Of this member alone, or to this one. */
  readonly toKind?: string
}

export interface Told {
  readonly key: Names
  readonly references: ReadonlyArray<Reference>
  readonly uniques: ReadonlyArray<Names>
}

const to = (
  table: TableName,
  columns: Names,
  rule: Rule,
  toColumns: Names = ["id"],
  toKind?: string
): Reference => ({
  columns,
  to: table,
  toColumns,
  rule,
  ...(toKind === undefined ? {} : { toKind })
})

export const tables: Readonly<Record<TableName, Told>> = {
  houses: { key: ["id"], references: [], uniques: [["code"]] },
  rooms: {
    key: ["houseId", "no"],
    references: [to("houses", ["houseId"], "delete")],
    uniques: [["houseId", "label"]]
  },
  beds: {
    key: ["id"],
    references: [to("rooms", ["roomHouseId", "roomNo"], "detach", ["houseId", "no"])],
    uniques: []
  },
  bills: {
    key: ["id"],
    references: [to("houses", ["houseCode"], "restrict", ["code"])],
    uniques: []
  },
  flats: {
    key: ["id"],
    references: [to("houses", ["houseCode"], "delete", ["code"])],
    uniques: [["houseCode", "no"]]
  },
  guests: {
    key: ["id"],
    references: [to("flats", ["flatCode", "flatNo"], "delete", ["houseCode", "no"])],
    uniques: []
  },
  people: {
    key: ["id"],
    references: [
      to("houses", ["houseId"], "detach"),
      to("houses", ["headOfId"], "detach"),
      to("people", ["bossId"], "detach", ["id"], "manager")
    ],
    uniques: [["headOfId"]]
  },
  shifts: {
    key: ["personId", "houseId"],
    references: [to("people", ["personId"], "delete"), to("houses", ["houseId"], "delete")],
    uniques: []
  },
  works: {
    key: ["id"],
    references: [
      to("houses", ["houseId"], "delete"),
      to("people", ["keeperId"], "detach"),
      to("works", ["bookId"], "delete", ["id"], "book")
    ],
    uniques: []
  },
  tags: {
    key: ["id"],
    references: [to("tags", ["upId"], "delete"), to("tags", ["peerId"], "detach")],
    uniques: []
  },
  links: {
    key: ["workId", "tagId"],
    references: [to("works", ["workId"], "delete"), to("tags", ["tagId"], "delete")],
    uniques: []
  }
}

export const tableNames = Object.keys(tables) as ReadonlyArray<TableName>

export const tuple = (row: Cells, columns: Names): string =>
  columns.map((column) => String(row[column])).join(" ")

export const keyOf = (table: TableName, row: Cells): string => tuple(row, tables[table].key)

const isNull = (row: Cells, columns: Names): boolean =>
  columns.some((column) => row[column] === null)

const withRow = (model: Model, table: TableName, row: Cells): Model => ({
  ...model,
  [table]: new Map([...model[table], [keyOf(table, row), row]])
})

/** The rows that refer to a row by one reference. */
const referring = (
  model: Model,
  table: TableName,
  { columns, to: target, toColumns, toKind }: Reference,
  at: TableName,
  row: Cells
): ReadonlyArray<Cells> =>
  target !== at || (toKind !== undefined && row["kind"] !== toKind)
    ? []
    : [...model[table].values()].filter(
        (one) => !isNull(one, columns) && tuple(one, columns) === tuple(row, toColumns)
      )

/** Null where a rule of the town is broken. */
export const checked = (model: Model): Model | null => {
  for (const name of tableNames) {
    const { references, uniques } = tables[name]
    const rows = [...model[name].values()]
    for (const columns of uniques) {
      const held = rows.filter((row) => !isNull(row, columns)).map((row) => tuple(row, columns))
      if (new Set(held).size < held.length) return null
    }
    for (const { columns, to: target, toColumns, toKind } of references) {
      const there = new Set(
        [...model[target].values()]
          .filter((row) => toKind === undefined || row["kind"] === toKind)
          .map((row) => tuple(row, toColumns))
      )
      for (const row of rows)
        if (!isNull(row, columns) && !there.has(tuple(row, columns))) return null
    }
  }
  return model
}

/** With a new row; null where its key is taken. */
export const put = (model: Model, table: TableName, row: Cells): Model | null =>
  model[table].has(keyOf(table, row)) ? null : withRow(model, table, row)

/** With a row changed: what refers to its columns follows. */
export const patch = (model: Model, table: TableName, key: string, values: Cells): Model => {
  const before = model[table].get(key)!
  const after: Cells = { ...before, ...values }
  let next = withRow(model, table, after)
  for (const name of tableNames)
    for (const reference of tables[name].references) {
      const { columns, toColumns } = reference
      if (tuple(before, toColumns) === tuple(after, toColumns)) continue
      for (const row of referring(model, name, reference, table, before)) {
        const moved = Object.fromEntries(columns.map((one, at) => [one, after[toColumns[at]!]!]))
        next = patch(next, name, keyOf(name, row), moved)
      }
    }
  return next
}

/** Does a row lose a parent it cannot be without? */
const isOrphan = (table: TableName, before: Cells, after: Cells): boolean =>
  tables[table].references.some(
    ({ columns, rule }) => rule === "delete" && !isNull(before, columns) && isNull(after, columns)
  )

/** The same, where who is nobody's child any more goes. */
export const change = (
  model: Model,
  table: TableName,
  key: string,
  values: Cells
): { readonly model: Model | null; readonly isGone: boolean } => {
  const before = model[table].get(key)!
  const next = patch(model, table, key, values)
  const isGone = isOrphan(table, before, { ...before, ...values })
  return { model: isGone ? drop(next, table, key) : next, isGone }
}

/** The rows that go with some. */
const going = (
  model: Model,
  first: ReadonlyArray<readonly [TableName, string]>
): ReadonlyMap<string, readonly [TableName, string]> => {
  const gone = new Map<string, readonly [TableName, string]>()
  const left = [...first]
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    const [table, key] = one
    const id = `${table} ${key}`
    const row = model[table].get(key)
    if (row === undefined || gone.has(id)) continue
    gone.set(id, one)
    for (const name of tableNames)
      for (const reference of tables[name].references)
        if (reference.rule === "delete")
          for (const child of referring(model, name, reference, table, row))
            left.push([name, keyOf(name, child)])
  }
  return gone
}

/** Without a row and what goes with it; null where something restricts that. */
export const drop = (model: Model, table: TableName, key: string): Model | null => {
  const gone = going(model, [[table, key]])
  const free = { ...model }
  for (const name of tableNames) {
    const rows = new Map<string, Cells>()
    for (const [own, row] of model[name]) {
      if (gone.has(`${name} ${own}`)) continue
      let now = row
      for (const reference of tables[name].references) {
        const { columns, rule } = reference
        const isLeft = [...gone.values()].some(
          ([at, other]) =>
            referring(
              { ...model, [name]: new Map([[own, row]]) },
              name,
              reference,
              at,
              model[at].get(other)!
            ).length > 0
        )
        if (!isLeft) continue
        if (rule === "restrict") return null
        now = { ...now, ...Object.fromEntries(columns.map((one) => [one, null])) }
      }
      rows.set(own, now)
    }
    free[name] = rows
  }
  return free
}

const rowText = (row: Cells): string =>
  JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** Tables, rows and columns in one order. */
export const textOf = (model: Model): string =>
  tableNames
    .flatMap((name) => [...model[name].values()].map((row) => `${name} ${rowText(row)}`).toSorted())
    .join("\n")
