/** Generated catalogs: all types, keys of each kind, cycles, odd names. */
import {
  Catalog,
  Check,
  Column,
  Computed,
  Convention,
  Exclude,
  ForeignKey,
  Index,
  NamedType,
  PrimaryKey,
  Query,
  Sequence,
  Table,
  Type,
  Unique,
  View
} from "athanor"
import fc from "fast-check"
import type { EngineName } from "../../runtime/databases.ts"

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
  readonly comment: number | null
}

interface RuleSpec {
  readonly comment: number | null
  readonly deferrable: "immediate" | "deferred" | null
  readonly full: boolean
  readonly nullsEqual: boolean
  readonly include: boolean
  readonly convention: boolean
  readonly exclusion: boolean
  readonly storage: number | null
  readonly counted: number | null
}

const counters = [
  { always: true },
  { start: 100, increment: 5, cache: 7 },
  { always: true, increment: -2, minimum: -500, maximum: 40, start: 30, cycle: true },
  { increment: -1 },
  {}
] as const

/** One table as data. */
interface TableSpec {
  readonly name: string
  readonly key: "id" | "single" | "pair" | "none"
  readonly columns: ReadonlyArray<ColumnSpec>
  readonly checked: boolean
  readonly together: boolean
  readonly computed: boolean
  readonly comment: number | null
  /** What is said of its rules, where the dialect can. */
  readonly ruled: RuleSpec
  /** What stands beside the table, where the dialect has it. */
  readonly beside: {
    readonly labelled: boolean
    readonly domain: number | null
    readonly sequence: number | null
    readonly view: "plain" | "condition" | "kept" | null
  }
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

const comments = [
  "plain",
  'it\'s "quoted" `so`',
  "two\nlines\tand\r\na half",
  "back\\slash \\' \\",
  "-- */ /* ; $1 ? %s",
  "日本 ☃"
] as const
const comment = fc.option(fc.nat(comments.length - 1))

const rules: fc.Arbitrary<RuleSpec> = fc.record({
  comment,
  deferrable: fc.option(fc.constantFrom("immediate", "deferred")),
  full: fc.boolean(),
  nullsEqual: fc.boolean(),
  include: fc.boolean(),
  convention: fc.boolean(),
  exclusion: fc.boolean(),
  storage: fc.option(fc.nat(2)),
  counted: fc.option(fc.nat(counters.length - 1))
})

const naming = Convention.make(
  {
    primaryKey: "pk_{table}",
    unique: "uq_{table}_{columns}",
    foreignKey: "fk_{table}_{column0}_{target}",
    check: "ck_{table}_{columns}",
    index: "ix_{kind}_{table}_{columns}"
  },
  { kind: ({ kind }) => kind }
)

/** Storage of an index of whole numbers or short texts. */
const storages = {
  postgres: [
    { using: "hash" },
    { with: { fillfactor: 70 } },
    { using: "brin", with: { pages_per_range: 32 } }
  ],
  mariadb: [{ using: "btree" }, { lengths: [null] }, {}]
} as const

const column: fc.Arbitrary<ColumnSpec> = fc.record({
  name: fc.constantFrom(...names),
  kind: fc.constantFrom(...(Object.keys(types) as ReadonlyArray<Kind>)),
  nullable: fc.boolean(),
  defaultAt: fc.option(fc.nat(4)),
  unique: fc.boolean(),
  indexed: fc.boolean(),
  comment
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
  comment,
  ruled: rules,
  beside: fc.record({
    labelled: fc.boolean(),
    domain: fc.option(fc.nat(2)),
    sequence: fc.option(fc.nat(counters.length - 1)),
    view: fc.option(fc.constantFrom("plain", "condition", "kept"))
  }),
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
const storageOf = (dialect: EngineName, { storage }: RuleSpec) =>
  storage === null || dialect === "sqlite" ? {} : { [dialect]: storages[dialect][storage] }

/** Domains, whose name is that of a table and more. */
const domains: ReadonlyArray<(name: string) => Parameters<typeof Column.make>[0]> = [
  (name) => NamedType.domain(`${name} short`, Type.varchar(12), { default: "it's" }),
  (name) =>
    NamedType.domain(`${name} high`, Type.integer, { check: (value) => value.gt(-7), default: 5 }),
  (name) =>
    NamedType.domain(`${name} yes`, Type.boolean, {
      check: (value) => value,
      checkName: `${name} is "so"`
    })
]

/** Sequences and views of a table, as far as a dialect has them. */
const objectsOf = (
  { beside, columns, name }: TableSpec,
  table: Table.Table<string, Record<string, Column.Column<any, any, any>>>,
  dialect: EngineName
): ReadonlyArray<Catalog.Members[string]> => {
  const { sequence, view } = beside
  const { always: _, ...counter } = sequence === null ? {} : { always: null, ...counters[sequence] }
  const shown = Object.fromEntries(
    columns.map((one, at): readonly [string, any] => [`shown_${at}`, table.c[one.name]])
  )
  const query = Query.from(table).select(shown)
  const condition = table.c[columns[0]!.name] as any
  return [
    ...(sequence === null || dialect === "sqlite" ? [] : [Sequence.make(`${name} s`, counter)]),
    ...(view === null
      ? []
      : [
          View.make(
            `${name} as v`,
            view === "condition" ? query.where(condition.isNotNull()) : query,
            view === "kept" && dialect === "postgres" ? { kind: "materialized" } : {}
          )
        ])
  ]
}

const actions = ["no action", "restrict", "cascade", "set null"] as const

const isReferable = ({ key }: TableSpec): boolean => key !== "none"

const said = <K extends string>(key: K, at: number | null): { readonly [P in K]?: string } =>
  (at === null ? {} : { [key]: comments[at]! }) as { readonly [P in K]?: string }

/** The catalog that data describes, as far as a dialect has what it speaks of. */
export const catalogOf = (
  specs: ReadonlyArray<TableSpec>,
  dialect: EngineName
): Catalog.Catalog => {
  const isPostgres = dialect === "postgres"
  const remark = (at: number | null) => (dialect === "sqlite" ? {} : said("comment", at))
  const made: Array<Table.Table<string, Record<string, Column.Column<any, any, any>>>> = []
  const tables = specs.map((spec) => {
    const columns: Record<string, Column.Column<any, any, any>> = {}
    if (spec.key === "id") columns["key 1"] = Column.id()
    if (spec.key === "id" && isPostgres && spec.ruled.counted !== null)
      columns["key 1"] = Column.integer().identity(counters[spec.ruled.counted]).primaryKey()
    if (spec.key === "single") columns["key 1"] = Column.integer().primaryKey()
    if (spec.key === "pair") {
      columns["key 1"] = Column.integer()
      columns["key 2"] = Column.varchar(20)
    }
    for (const { comment, defaultAt, kind, name, nullable } of spec.columns) {
      let one: Column.Column<any, any, any> = types[kind]()
      const values = defaults[kind]
      if (defaultAt !== null && values !== undefined)
        one = one.serverDefault(values[defaultAt % values.length])
      if (remark(comment).comment !== undefined) one = one.comment(remark(comment).comment!)
      columns[name] = nullable ? one.nullable() : one
    }
    if (isPostgres && spec.beside.labelled)
      columns["labelled"] = Column.make(
        NamedType.enumeration(`${spec.name} labels`, ["one", "it's", "日本"])
      ).nullable()
    if (isPostgres && spec.beside.domain !== null)
      columns["of a domain"] = Column.make(domains[spec.beside.domain]!(spec.name))
    const { ruled } = spec
    // MySQL and MariaDB keep a comment of what is an index.
    const onIndex = remark(ruled.comment)
    const onRule = isPostgres ? onIndex : {}
    const later = ruled.deferrable === null ? {} : { deferrable: ruled.deferrable }
    const targets = spec.refers
      .map(({ action, to }, at) => ({ at, action: actions[action]!, to: to % specs.length }))
      .filter(({ to }) => isReferable(specs[to]!))
    const first = spec.columns.find(({ kind }) => kind === "integer")?.name
    if (spec.computed && first !== undefined)
      columns["one more"] = Column.integer().nullable().computed()
    for (const { at, to } of targets) {
      columns[`refers ${at}`] = Column.integer().nullable()
      if (specs[to]!.key === "pair") columns[`refers ${at} too`] = Column.varchar(20).nullable()
    }
    return Table.exact(
      spec.name,
      columns,
      (c) => [
        ...(spec.key === "pair" ? [PrimaryKey.with(onIndex, c["key 2"]!, c["key 1"]!)] : []),
        ...spec.columns.flatMap(({ indexed, kind, name, unique }) =>
          !indexable.has(kind)
            ? []
            : [
                ...(unique
                  ? [
                      Unique.with(
                        {
                          ...onIndex,
                          ...(isPostgres
                            ? {
                                ...later,
                                nullsEqual: ruled.nullsEqual,
                                include: ruled.include ? [c[spec.columns[0]!.name]!] : []
                              }
                            : {})
                        },
                        c[name]!
                      )
                    ]
                  : []),
                ...(indexed
                  ? [Index.with({ ...onIndex, ...storageOf(dialect, ruled) }, c[name]!)]
                  : [])
              ]
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
              .map(({ name }) =>
                Check.with({ ...onRule, name: `${spec.name} checked` }, (c[name] as any).gt(-100))
              )
          : []),
        ...(ruled.exclusion && isPostgres && first !== undefined
          ? [Exclude.on({ ...onRule, ...later, using: "btree" }, [c[first]!, "="])]
          : []),
        ...(spec.computed && first !== undefined
          ? [Computed.stored(c["one more"]!, (c[first] as any).add(1))]
          : []),
        ...targets.map(({ action, at, to }) => {
          const isPair = specs[to]!.key === "pair"
          const own = isPair ? [c[`refers ${at} too`]!, c[`refers ${at}`]!] : [c[`refers ${at}`]!]
          const keys = isPair ? ["key 2", "key 1"] : ["key 1"]
          return ForeignKey.on(own as never, () => keys.map((key) => made[to]!.c[key]!) as never, {
            ...onRule,
            ...(dialect === "mariadb" ? {} : later),
            match: ruled.full && isPostgres ? "full" : "simple",
            onDelete: action,
            onUpdate: action === "set null" ? "cascade" : action
          })
        })
      ],
      { ...remark(spec.comment), ...(ruled.convention ? { naming } : {}) }
    )
  })
  made.push(...tables)
  const objects = specs.flatMap((spec, at) => objectsOf(spec, tables[at]!, dialect))
  return Catalog.make(
    Object.fromEntries([...tables, ...objects].map((one, at) => [`member ${at}`, one]))
  )
}
