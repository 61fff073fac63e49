/** Generated catalogs: all types, keys of each kind, cycles, odd names. */
import {
  Catalog,
  Check,
  Column,
  Computed,
  ForeignKey,
  Index,
  PrimaryKey,
  Table,
  Type,
  Unique
} from "athanor"
import fc from "fast-check"

/** What every dialect has. */
const types = {
  smallint: () => Column.smallint(),
  integer: () => Column.integer(),
  bigint: () => Column.bigint(),
  double: () => Column.double(),
  numeric: () => Column.numeric(12, 2),
  wide: () => Column.numeric(30, 4),
  varchar: () => Column.varchar(40),
  text: () => Column.text(),
  boolean: () => Column.boolean(),
  bytes: () => Column.bytes(),
  uuid: () => Column.uuid(),
  date: () => Column.date(),
  time: () => Column.make(Type.time(3)),
  timestamp: () => Column.timestamp(),
  precise: () => Column.make(Type.timestamp(6)),
  enum: () => Column.enum(["draft", "it's", "done"])
} as const

type Kind = keyof typeof types

const defaults: { readonly [K in Kind]?: ReadonlyArray<unknown> } = {
  smallint: [0, -32_768],
  integer: [7, -1],
  bigint: [2n ** 60n, -5n],
  double: [1.5, -0.25],
  varchar: ["", "it's", "5", "(a)", "true"],
  boolean: [true, false],
  enum: ["it's"]
}

/** One column as data, so that it shrinks and prints. */
interface ColumnSpec {
  readonly name: string
  readonly kind: Kind
  readonly nullable: boolean
  readonly defaultAt: number | null
  readonly unique: boolean
  readonly indexed: boolean
}

/** One table as data. */
interface TableSpec {
  readonly name: string
  readonly key: "id" | "single" | "pair" | "none"
  readonly columns: ReadonlyArray<ColumnSpec>
  readonly checked: boolean
  readonly together: boolean
  readonly computed: boolean
  /** Tables referred to, by index; round the end. */
  readonly refers: ReadonlyArray<{ readonly to: number; readonly action: number }>
}

const names = [
  "plain",
  "order",
  "Mixed Case",
  'quo"ted',
  "back`tick",
  "naïve",
  "dot.ted",
  "percent%s",
  "semi;colon",
  "brack[et]",
  "colon:name",
  "日本"
] as const

const column: fc.Arbitrary<ColumnSpec> = fc.record({
  name: fc.constantFrom(...names),
  kind: fc.constantFrom(...(Object.keys(types) as ReadonlyArray<Kind>)),
  nullable: fc.boolean(),
  defaultAt: fc.option(fc.nat(4)),
  unique: fc.boolean(),
  indexed: fc.boolean()
})

const table: fc.Arbitrary<TableSpec> = fc.record({
  name: fc.constantFrom(...names),
  key: fc.constantFrom("id", "single", "pair", "none"),
  columns: fc.uniqueArray(column, {
    selector: ({ name }) => name.toLowerCase(),
    minLength: 1,
    maxLength: 5
  }),
  checked: fc.boolean(),
  together: fc.boolean(),
  computed: fc.boolean(),
  refers: fc.array(fc.record({ to: fc.nat(3), action: fc.nat(3) }), { maxLength: 2 })
})

/** Catalogs as data. */
export const catalogSpecs: fc.Arbitrary<ReadonlyArray<TableSpec>> = fc.uniqueArray(table, {
  selector: ({ name }) => name.toLowerCase(),
  minLength: 1,
  maxLength: 4
})

/** Texts of any length and bytes are no keys on every server. */
const indexable = new Set<Kind>([
  "integer",
  "bigint",
  "varchar",
  "date",
  "uuid",
  "smallint",
  "enum"
])
const actions = ["no action", "restrict", "cascade", "set null"] as const

const isReferable = ({ key }: TableSpec): boolean => key === "id" || key === "single"

/** The catalog that data describes. */
export const catalogOf = (specs: ReadonlyArray<TableSpec>): Catalog.Catalog => {
  const made: Array<Table.Table<string, Record<string, Column.Column<any, any, any>>>> = []
  const tables = specs.map((spec) => {
    const columns: Record<string, Column.Column<any, any, any>> = {}
    if (spec.key === "id") columns["key 1"] = Column.id()
    if (spec.key === "single") columns["key 1"] = Column.integer().primaryKey()
    if (spec.key === "pair") {
      columns["key 1"] = Column.integer()
      columns["key 2"] = Column.varchar(20)
    }
    for (const { defaultAt, kind, name, nullable } of spec.columns) {
      let one: Column.Column<any, any, any> = types[kind]()
      const values = defaults[kind]
      if (defaultAt !== null && values !== undefined)
        one = one.serverDefault(values[defaultAt % values.length])
      columns[name] = nullable ? one.nullable() : one
    }
    const targets = spec.refers
      .map(({ action, to }, at) => ({ at, action: actions[action]!, to: to % specs.length }))
      .filter(({ to }) => isReferable(specs[to]!))
    const first = spec.columns.find(({ kind }) => kind === "integer")?.name
    if (spec.computed && first !== undefined)
      columns["one more"] = Column.integer().nullable().computed()
    for (const { at } of targets) columns[`refers ${at}`] = Column.integer().nullable()
    return Table.exact(spec.name, columns, (c) => [
      ...(spec.key === "pair" ? [PrimaryKey.on(c["key 2"]!, c["key 1"]!)] : []),
      ...spec.columns.flatMap(({ indexed, kind, name, unique }) =>
        !indexable.has(kind)
          ? []
          : [...(unique ? [Unique.on(c[name]!)] : []), ...(indexed ? [Index.on(c[name]!)] : [])]
      ),
      ...(spec.together && spec.columns.filter(({ kind }) => indexable.has(kind)).length > 1
        ? [
            Index.on(
              ...(spec.columns
                .filter(({ kind }) => indexable.has(kind))
                .slice(0, 2)
                .map(({ name }) => c[name]!) as [never, never])
            )
          ]
        : []),
      ...(spec.checked
        ? spec.columns
            .filter(({ kind }) => kind === "integer")
            .slice(0, 1)
            .map(({ name }) => Check.that((c[name] as any).gt(-100), `${spec.name} checked`))
        : []),
      ...(spec.computed && first !== undefined
        ? [Computed.stored(c["one more"]!, (c[first] as any).add(1))]
        : []),
      ...targets.map(({ action, at, to }) =>
        ForeignKey.on([c[`refers ${at}`]!], () => [made[to]!.c["key 1"]!], {
          onDelete: action,
          onUpdate: action === "set null" ? "cascade" : action
        })
      )
    ])
  })
  made.push(...tables)
  return Catalog.make(Object.fromEntries(tables.map((one, at) => [`table ${at}`, one])))
}
