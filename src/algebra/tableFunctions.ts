import { elementOf } from "./types/array.ts"
import { listType } from "./arrayElement.ts"
import { columnsOf } from "./derived.ts"
import { type CalledName, calledNames } from "./calledName.ts"
import { isExpr, lift } from "./Expression.ts"
import { FromId, type FromNode } from "./From.ts"
import { checkName } from "./schema/naming.ts"
import * as R from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { Derived, OpenOf } from "./Select.ts"
import type { DerivedSource } from "./Source.ts"
import { type RawOptions, tablesOf } from "./sql.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, Type, ValueOf } from "./Type.ts"
import * as T from "./types.ts"
import type { RequiredOf, Value } from "./Value.ts"

/**
 * The rows of a function, which become a source by a name.
 *
 * **Shape** `Row` is a record of its columns; `R` what its arguments speak of: then only a lateral
 * join takes it, as it takes a correlated query.
 *
 * @category models
 */
export interface FunctionRows<Row, R> {
  /** With the place of each row, from 1, under `ordinality`. */
  readonly withOrdinality: () => FunctionRows<Row & { readonly ordinality: number }, R>
  /** The rows as a source under an alias. */
  readonly as: <const N extends string>(alias: N) => Derived<N, Row, OpenOf<R>>
}

type Columns = Readonly<Record<string, AnyType>>
type RowOf<C> =
  C extends Type<infer A>
    ? { readonly value: A | null }
    : { readonly [K in keyof C]: ValueOf<C[K]> | null } & {}
type Whole = number | Value<number | bigint | null, unknown>

const cell = (index: number): RowShape => Object.freeze({ _tag: "Cell", index })

const record = (keys: ReadonlyArray<string>): RowShape =>
  Object.freeze({
    _tag: "Record",
    keys: Object.freeze(keys),
    parts: Object.freeze(keys.map((_, index) => cell(index))),
    presence: null,
    prototype: null
  })

const ordinality = "ordinality"

/** What the server's function gives, its place the last. */
const rowOf = (columns: Columns): R.ValuesRow =>
  Object.freeze({
    fields: Object.freeze(
      [...Object.values(columns), T.count].map((type) => S.constant(null, type))
    ),
    shape: record([...Object.keys(columns), ordinality])
  })

/** A column of the rows as an expression over what the function gives. */
type Read = (column: (name: string) => Scalar) => Scalar

const rows = <Row, Needs>(
  query: R.TableFunction,
  reads: Readonly<Record<string, Read>>
): FunctionRows<Row, Needs> => {
  const { fields, shape } = query.row
  const given = shape._tag === "Record" ? shape.keys : []
  return Object.freeze<FunctionRows<Row, Needs>>({
    withOrdinality: () => rows(query, { ...reads, [ordinality]: (column) => column(ordinality) }),
    as: (alias) => {
      checkName(alias, "alias")
      const source: DerivedSource = Object.freeze({ _tag: "DerivedSource", query })
      const column = (name: string): Scalar =>
        S.ref(alias, source, [name], fields[given.indexOf(name)]!.type)
      const from: FromNode<typeof alias, Row> = Object.freeze({
        alias,
        source,
        relation: R.derived(source, alias),
        fields: Object.freeze(Object.values(reads).map((read) => read(column))),
        shape: record(Object.keys(reads))
      })
      return Object.freeze({ [FromId]: from, c: columnsOf(from) as never })
    }
  })
}

/** Each column is what the function gives. */
const asGiven = (keys: ReadonlyArray<string>): Readonly<Record<string, Read>> =>
  Object.fromEntries(keys.map((key): [string, Read] => [key, (column) => column(key)]))

const isType = (columns: AnyType | Columns): columns is AnyType =>
  "codec" in columns && "sql" in columns

const whole = (value: Whole, asked: string): Scalar => {
  const node = isExpr(value) ? value.node : lift(value, T.count, asked)
  const { _tag } = node.type.sql
  const counts = _tag === "Smallint" || _tag === "Integer" || _tag === "Bigint"
  const plain = node._tag !== "Bound" || Number.isSafeInteger(node.value)
  return counts && plain ? node : refuse(`${asked}: it counts whole numbers`)
}

/**
 * Whole numbers from one to another, in steps: `generate_series`.
 *
 * **Shape** one row a number, under `value`. None where an end is NULL, or where the steps lead
 * away from the end. Where the server has no series the places of a list are counted.
 * **Errors** `StatementError` for a step that is zero or no whole number; an error of the server
 * for more numbers than it has room for: 8 million on MariaDB, as its packets are.
 * **SQL** postgres: generate_series(a, b, s) · sqlite: json_each(…) · mysql, mariadb: JSON_TABLE(…)
 * **Source** PostgreSQL manual, "Set Returning Functions"; SQLAlchemy 2.0 `table_valued`.
 *
 * @example
 * ```ts
 * import { Database, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const odd = Query.series(1, 6, 2).as("odd")
 * const program = Database.all(Query.from(odd).select(odd.c.value))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [1, 3, 5]
 * ```
 * @category constructors
 */
export const series = <const A extends Whole, const B extends Whole>(
  start: A,
  stop: B,
  step = 1
): FunctionRows<{ readonly value: number }, RequiredOf<A | B>> => {
  if (!Number.isSafeInteger(step) || step === 0) return refuse(`series: ${step} is no step`)
  const args = [whole(start, "series"), whole(stop, "series"), S.constant(step, T.count)]
  return rows(R.tableFunction("series", args, rowOf({ value: T.count })), asGiven(["value"]))
}

const documentOf = ({ node }: Value<unknown, unknown>, asked: string): Scalar =>
  node.type.sql._tag === "Json" ? node : refuse(`${asked}: ${node.type.sql._tag} is no document`)

const isJson = ({ sql }: AnyType): boolean => sql._tag === "Json"

/** A document as a value of a type: as itself, or as the one value of SQL it is. */
const valueAs = (document: Scalar, type: AnyType): Scalar => S.call("jsonAs", [document], type)

/**
 * The elements of a list in a document, a row each, with typed columns.
 *
 * **Shape** of a type: each element under `value`; of a record of types: what each element has
 * under those keys. NULL where it is of another kind, as `Fn.jsonAs` has it; a type of documents
 * takes any kind. What is no list has no elements.
 * **Errors** `StatementError` for what is no document; `Unsupported` for the elements of a drawn
 * value; as `Fn.jsonAs`.
 * **SQL** postgres: jsonb_array_elements(x) · sqlite: json_each(x) · mysql, mariadb: JSON_TABLE(…)
 * **Source** SQL:2016 part 6, JSON_TABLE; SQLAlchemy 2.0 `func.json_each(x).table_valued()`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const people = Expr.value([{ name: "Ann", age: 41 }, { name: "Bob" }], Type.json(Schema.Unknown))
 * const person = Query.elements(people, { name: Type.text, age: Type.integer }).as("person")
 * const program = Database.all(Query.from(person).orderBy(person.c.name.desc()))
 * const found = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * found // => [{ name: "Bob", age: null }, { name: "Ann", age: 41 }]
 * ```
 * @category constructors
 */
export const elements = <A, Needs, const C extends AnyType | Columns>(
  document: Value<A, Needs>,
  columns: C
): FunctionRows<RowOf<C>, Needs> => {
  const self = documentOf(document, "elements")
  const type = isType(columns) && isJson(columns) ? columns : self.type
  const query = R.tableFunction("elements", [self], rowOf({ value: type }))
  if (isType(columns))
    return rows(query, {
      value: (column) => (isJson(columns) ? column("value") : valueAs(column("value"), columns))
    })
  const keys = Object.keys(columns)
  if (keys.length === 0) return refuse("elements: there are no columns")
  const read = (key: string): Read => {
    const to = columns[key]!
    return (column) =>
      isJson(to)
        ? S.jsonAt(column("value"), [key], to)
        : valueAs(S.jsonAt(column("value"), [key], type), to)
  }
  return rows(query, Object.fromEntries(keys.map((key) => [key, read(key)])))
}

/**
 * What an object in a document has under its keys, a row each.
 *
 * **Shape** the key as text under `key`, what stands there under `value`, typed as `elements` types
 * it. What is no object has no keys. The rows are in no promised order.
 * **Errors** as `elements`.
 * **SQL** postgres: jsonb_each(x) · sqlite: json_each(x) · mysql, mariadb: JSON_TABLE(…)
 * **Source** PostgreSQL manual, "JSON Functions"; SQLAlchemy 2.0 `table_valued`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const stars = Expr.value({ ann: 5, bob: 2 }, Type.json(Schema.Unknown))
 * const given = Query.entries(stars, Type.integer).as("given")
 * const program = Database.all(Query.from(given).where(given.c.value.gt(3)).select(given.c.key))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["ann"]
 * ```
 * @category constructors
 */
export const entries = <A, Needs, B>(
  document: Value<A, Needs>,
  type: Type<B>
): FunctionRows<{ readonly key: string; readonly value: B | null }, Needs> => {
  const self = documentOf(document, "entries")
  const given = rowOf({ key: T.text, value: isJson(type) ? type : self.type })
  return rows(R.tableFunction("entries", [self], given), {
    key: (column) => column("key"),
    value: (column) => (isJson(type) ? column("value") : valueAs(column("value"), type))
  })
}

type Elements<A> = A extends ReadonlyArray<infer E> ? E : never

/**
 * The elements of an array, a row each, under `value`: `unnest`.
 *
 * **Shape** NULL has no elements. PostgreSQL has arrays.
 * **Errors** `StatementError` for what is no array, or one of arrays; `Unsupported` (`arrays`)
 * elsewhere.
 * **Source** SQL:2016 part 2, 7.6 collection derived table; SQLAlchemy 2.0 `column_valued`.
 *
 * @example
 * ```ts
 * import { Expr, Query, Type } from "athanor"
 * import { compile } from "athanor/compile"
 * const tag = Query.unnest(Expr.value(["a", "b"], Type.array(Type.text))).as("tag")
 * const said = compile(Query.from(tag).select({ tag: tag.c.value }), "postgres")
 * const text = "text" in said ? said.text.slice(0, 53) : ""
 * text // => 'SELECT tag."value" AS tag FROM unnest($1::text[]) AS '
 * ```
 * @category constructors
 */
export const unnest = <A extends ReadonlyArray<unknown> | null, Needs>(
  array: Value<A, Needs>
): FunctionRows<{ readonly value: Elements<A> }, Needs> => {
  const { node } = array
  const of = elementOf(listType(node.type, "unnest"))
  if (of === null || of.sql._tag === "Array") return refuse("unnest: an array of arrays")
  return rows(R.tableFunction("unnest", [node], rowOf({ value: of })), asGiven(["value"]))
}

/** What is known of a function of tables. */
export interface CallOptions extends RawOptions {
  /** The function gives records of no type of its own: their columns are said, `AS t (id int)`. */
  readonly declare?: boolean
}

const ordinary = /^[a-zA-Z_][a-zA-Z0-9_]{0,29}$/

/**
 * The rows of a function of tables that the library does not know, by its name.
 *
 * **Shape** of a type: one value a row, under `value`; of a record of types: columns by the names
 * the function gives them, or with `declare` those said here. Each may be NULL. The name is one for
 * all dialects, or a record; it may name a schema. Under a policy it says what tables it reads.
 * **Errors** `StatementError` for a name that is none, and a column called `ordinality`;
 * `Unsupported` (`tableFunctions`) on MySQL and MariaDB and where the name is not said, or none,
 * (`recordFunctions`) for `declare` and (`withOrdinality`) for the place of a row off PostgreSQL.
 * **Source** SQLAlchemy 2.0 `FunctionElement.table_valued`, `column_valued`, `render_derived`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const column = { name: Type.text, type: Type.text }
 * const types = Query.call("pragma_table_info", column, [Expr.value("t", Type.text)]).as("info")
 * const program = Database.all(Query.from(types).select(types.c.name))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => []
 * ```
 * @category constructors
 */
export const call = <
  const C extends AnyType | Columns,
  const P extends ReadonlyArray<Value<any, any>>
>(
  name: CalledName,
  columns: C,
  args: P,
  options: CallOptions = {}
): FunctionRows<RowOf<C>, RequiredOf<P[number]>> => {
  const bare = isType(columns)
  const given: Columns = bare ? { value: columns } : columns
  const keys = Object.keys(given)
  if (keys.length === 0) return refuse("call: there are no columns")
  for (const key of keys)
    if (!ordinary.test(key) || key === ordinality)
      refuse(`call: "${key}" is no name of a column on every dialect`)
  if (options.declare === true && bare) return refuse("call: declare asks for columns by name")
  const nodes = args.map((arg) =>
    isExpr(arg) ? arg.node : refuse("call: an argument is not an expression")
  )
  const called: R.CalledTable = Object.freeze({
    names: calledNames(name),
    declares: options.declare === true,
    bare,
    tables: tablesOf(options)
  })
  return rows(R.tableFunction("called", nodes, rowOf(given), called), asGiven(keys))
}
