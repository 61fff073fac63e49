import type { Generator } from "../algebra/Generator.ts"
import { childFields, rebuilt } from "../algebra/fold.ts"
import type { Command } from "../algebra/Command.ts"
import * as R from "../algebra/Relation.ts"
import * as S from "../algebra/Scalar.ts"
import type { Catalog } from "../algebra/schema/Catalog.ts"
import type { ColumnNode, Source } from "../algebra/Source.ts"
import { isDdl, type Statement, type StatementNode } from "../algebra/Statement.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { AnyType } from "../algebra/Type.ts"
import * as T from "../algebra/types.ts"

type Node = Relation | Command | S.Scalar
type Relation = R.Relation
type Data = Readonly<Record<string, unknown>>

/** What a catalogue tells apart by name, and what it is called. */
interface Names {
  readonly of: Map<unknown, ReadonlyArray<unknown>>
  readonly by: Map<string, unknown>
}

/** Types that need no catalogue: those of the library without a function of the program's. */
const ownTypes = (): ReadonlyArray<readonly [ReadonlyArray<unknown>, AnyType]> =>
  Object.entries(T as Readonly<Record<string, unknown>>).flatMap(([name, type]) =>
    isType(type) ? [[["type", name], type] as const] : []
  )

const isType = (value: unknown): value is AnyType =>
  typeof value === "object" && value !== null && "sql" in value && "codec" in value

const columnParts = (column: ColumnNode) => ({
  column,
  type: column.type,
  default: column.default,
  onUpdate: column.onUpdate
})

/** What is read of a catalogue, whatever its members. */
type Tables = Pick<Catalog, "tables" | "views">

const namesOf = ({ tables, views }: Tables): Names => {
  const of = new Map<unknown, ReadonlyArray<unknown>>()
  const by = new Map<string, unknown>()
  const known = (value: unknown, name: ReadonlyArray<unknown>): void => {
    if (value === null) return
    by.set(JSON.stringify(name), value)
    // Equal keys mean equal types, whoever made them.
    const one = isType(value) ? value.key : value
    if (!of.has(one)) of.set(one, name)
  }
  for (const [name, type] of ownTypes()) known(type, name)
  known(Array.prototype, ["array"])
  for (const table of [...tables, ...views]) {
    const name = [table.schema, table.name]
    known(table, ["table", ...name])
    known(table.prototype, ["class", ...name])
    for (const column of table.columns)
      for (const [part, value] of Object.entries(columnParts(column)))
        known(value, [part, ...name, column.key])
  }
  return { of, by }
}

/** Types that are made with numbers: known by their keys, which say them. */
const made = (key: string): AnyType | null => {
  const [, name, first, second] =
    /^(varchar|numeric|decimal|timestamp|time)\((\d+)(?:,(\d+))?\)$/.exec(key) ?? [key]
  const found =
    name === "varchar"
      ? T.varchar(Number(first))
      : name === "numeric"
        ? T.numeric(Number(first), Number(second ?? 0))
        : name === "timestamp"
          ? T.timestamp(Number(first) as 3)
          : name === "decimal"
            ? T.decimal(Number(first))
            : name === "time"
              ? T.time(Number(first))
              : null
  return found?.key === key ? found : null
}

const isNode = (value: object): value is Node =>
  "_tag" in value && "binds" in value && Object.hasOwn(childFields, value._tag as string)

const isSource = (value: object): value is Source =>
  "_tag" in value && typeof value._tag === "string" && value._tag.endsWith("Source")

const computed: ReadonlySet<string> = new Set(["_tag", "key", "binds", "ctes"])

/** Writes what a statement is made of, each part once and before what it is part of. */
class Writing {
  readonly items: Array<unknown> = []
  readonly #places = new Map<unknown, number>()
  readonly #names: Names
  constructor(names: Names) {
    this.#names = names
  }

  place(value: Node | Source): number {
    const known = this.#places.get(value)
    if (known !== undefined) return known
    const item = isNode(value) ? this.#node(value) : this.#source(value)
    const place = this.items.push(item) - 1
    this.#places.set(value, place)
    return place
  }

  #source(source: Source): unknown {
    if (source._tag === "TableSource")
      return refuse(`serialise: "${source.name}" is no table of the catalog`)
    const { _tag, query } = source
    const rest = "name" in source ? { name: source.name } : {}
    const hint = "materialized" in source ? { materialized: source.materialized } : {}
    return { $source: _tag, query: this.place(query), ...rest, ...hint }
  }

  #node(node: Node): unknown {
    const fields: Record<string, unknown> = { $node: node._tag }
    if (node._tag === "Bound") return { ...fields, ...this.#bound(node) }
    if (node._tag === "BoundList") {
      const values = node.values.map((value) => encoded(node.type, value))
      return { ...fields, type: this.#type(node.type), values }
    }
    // Children first: a source they speak of is among them.
    for (const name of childFields[node._tag]) {
      const child = (node as unknown as Data)[name]
      if (Array.isArray(child)) fields[name] = child.map((one: Node) => this.place(one))
      else fields[name] = child === null ? null : this.place(child as Node)
    }
    for (const [name, value] of Object.entries(node))
      if (!computed.has(name) && !Object.hasOwn(fields, name)) fields[name] = this.#data(value)
    return fields
  }

  #bound({ key, type, value }: S.Bound): Data {
    return {
      type: this.#type(type),
      value: value === null ? null : encoded(type, value),
      ...(key === S.boundKey(type) ? {} : { key })
    }
  }

  #type(type: AnyType): unknown {
    const name = this.#names.of.get(type.key)
    if (name !== undefined) return { $name: name }
    return made(type.key) === null
      ? refuse(
          `serialise: a type of one's own, ${type.sql._tag}, that no column of the catalog has`
        )
      : { $type: type.key }
  }

  #data(value: unknown): unknown {
    if (typeof value === "function") return refuse("serialise: the statement holds a function")
    if (typeof value === "bigint") return { $bigint: String(value) }
    if (typeof value !== "object" || value === null) return value
    if (isType(value)) return this.#type(value)
    const name = this.#names.of.get(value)
    if (name !== undefined) return { $name: name }
    if (isNode(value) || isSource(value)) return { $at: this.place(value) }
    if (Array.isArray(value)) return value.map((one) => this.#data(one))
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null)
      return refuse("serialise: the statement holds a class that no entity of the catalog has")
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, this.#data(one)] as const)
    )
  }
}

const encoded = (type: AnyType, value: unknown): unknown =>
  (type.codec.json.encode as (one: unknown) => unknown)(value)

const version = 1

/**
 * A statement as text, for another process that has the same catalogue: a queue, a cache, a worker.
 *
 * **Shape** JSON: its nodes, each once; tables, columns, entities and types by their names in the
 * catalogue, values by the JSON codecs of their types.
 * **Laws** `revive(serialise(s, c), c)` is `s`: the same nodes, text and values on every dialect.
 * **Errors** `StatementError` for what no text can hold: a function, a type or class that is none
 * of the catalogue's; for a schema statement.
 * **Source** SQLAlchemy 2.0 `ext.serializer`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { revive, serialise } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const catalog = Catalog.make({ users })
 * const text = serialise(Query.from(users).where(users.c.id.eq(7)), catalog)
 * revive(text, catalog).node.binds[0]?.value // => 7
 * ```
 * @category conversions
 */
export const serialise = (statement: { readonly node: StatementNode }, catalog: Tables): string => {
  const { node } = statement
  if (isDdl(node)) return refuse("serialise: a schema statement is made of its catalog anew")
  const writing = new Writing(namesOf(catalog))
  for (const source of node.ctes) writing.place(source)
  const root = writing.place(node)
  return JSON.stringify({ version, root, items: writing.items })
}

/** Makes again what was written, each part of those before it. */
class Reading {
  readonly #made: Array<unknown> = []
  readonly #names: Names
  constructor(names: Names) {
    this.#names = names
  }

  all(items: ReadonlyArray<Data>): ReadonlyArray<unknown> {
    for (const item of items)
      this.#made.push("$source" in item ? this.#source(item) : this.#node(item))
    return this.#made
  }

  #at(place: unknown): unknown {
    return this.#made[place as number] ?? refuse("revive: this is no serialised statement")
  }

  #source({ $source, query, ...rest }: Data): unknown {
    return Object.freeze({ _tag: $source, ...rest, query: this.#at(query) })
  }

  #named(name: unknown): unknown {
    const value = this.#names.by.get(JSON.stringify(name))
    return value === undefined
      ? refuse(`revive: the catalog has no ${(name as ReadonlyArray<unknown>).join(" ")}`)
      : value
  }

  #data(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value
    if (Array.isArray(value)) return value.map((one) => this.#data(one))
    const data = value as Data
    if ("$name" in data) return this.#named(data["$name"])
    if ("$type" in data)
      return made(String(data["$type"])) ?? refuse("revive: a type that is not known")
    if ("$at" in data) return this.#at(data["$at"])
    if ("$bigint" in data) return BigInt(String(data["$bigint"]))
    return Object.fromEntries(Object.entries(data).map(([key, one]) => [key, this.#data(one)]))
  }

  #node(item: Data): unknown {
    const tag = item["$node"] as Node["_tag"]
    const fields: ReadonlyArray<string> =
      childFields[tag] ?? refuse("revive: this is no serialised statement")
    const kids: Record<string, unknown> = {}
    const own: Record<string, unknown> = { _tag: tag, key: "", binds: [], ctes: [] }
    for (const [name, value] of Object.entries(item)) {
      if (name === "$node") continue
      if (!fields.includes(name)) own[name] = this.#data(value)
      else if (Array.isArray(value)) kids[name] = value.map((one) => this.#at(one))
      else kids[name] = value === null ? null : this.#at(value)
    }
    return leaf(own) ?? rebuilt({ ...own, ...kids } as never, kids)
  }
}

const decoded = (type: AnyType, value: unknown): unknown =>
  value === null ? null : (type.codec.json.decode as (one: unknown) => unknown)(value)

/** A node that stands over no other, from its fields; null for one that does. */
const leaf = (own: Data): unknown => {
  const type = own["type"] as AnyType
  const path = own["path"] as ReadonlyArray<string>
  const alias = own["alias"] as string
  const source = own["source"] as never
  switch (own["_tag"] as Node["_tag"]) {
    case "Ref":
      return S.ref(alias, source, path, type)
    case "Presence":
      return S.presence(alias, source, path, type)
    case "Bound":
      return S.bound(
        decoded(type, own["value"]),
        type,
        own["key"] === "" ? undefined : (own["key"] as string)
      )
    case "BoundList":
      return S.boundList(
        (own["values"] as ReadonlyArray<unknown>).map((value) => decoded(type, value)),
        type
      )
    case "Named":
      return S.named(own["name"] as string, type)
    case "Generated":
      return S.generated(own["generator"] as Generator, type)
    case "Constant":
      return S.constant(own["value"] as boolean | number | null, type)
    case "Default":
      return S.byDefault(own["column"] as ColumnNode | null, type)
    case "Unit":
      return R.unit
    case "Table":
      return R.table(source, alias, own["only"] as boolean)
    case "Derived":
      return R.derived(source, alias)
    case "Cte":
      return R.cte(source, alias)
    default:
      return null
  }
}

/**
 * The statement a text of `serialise` says.
 *
 * **Errors** `StatementError` for a text that is none, and for a table, column, entity or type that
 * the catalogue lacks, by its name.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { revive, serialise } from "athanor/compile"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const catalog = Catalog.make({ users })
 * const text = serialise(Query.from(users).select(users.c.name), catalog)
 * const program = Database.create(catalog).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).values({ name: "Ann" }))),
 *   Effect.andThen(Database.all(revive<string>(text, catalog))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Ann"]
 * ```
 * @category conversions
 */
export const revive = <Row>(
  text: string,
  catalog: Tables
): Statement<Row> & { readonly node: Exclude<Node, S.Scalar> } => {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return refuse("revive: this is no serialised statement")
  }
  const { items, root, version: of } = Object(read) as Data
  if (of !== version || !Array.isArray(items))
    return refuse("revive: this is no serialised statement")
  const made = new Reading(namesOf(catalog)).all(items as ReadonlyArray<Data>)
  const node = made[root as number] as Exclude<Node, S.Scalar> | undefined
  return Object.freeze({ node: node ?? refuse("revive: this is no serialised statement") })
}
