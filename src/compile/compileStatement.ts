import type { Command, Insert } from "../algebra/Command.ts"
import type { Capabilities, DialectName, Refusal } from "../algebra/Dialect.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import { isDdl, type StatementNode } from "../algebra/Statement.ts"
import { nothing } from "../algebra/carried.ts"
import { statementBinds } from "../algebra/statementKey.ts"
import type { AnyType } from "../algebra/Type.ts"
import { touched } from "./audit.ts"
import { capabilities as capabilitiesOf } from "./capabilities.ts"
import type { Agreement, Compiled, RowKey, TextWithin } from "./Compiled.ts"
import { compiledStatement } from "./CompiledStatement.ts"
import { compileDdl } from "./schema/ddl.ts"
import { countingOf } from "./counting.ts"
import type { Dialect } from "./Dialect.ts"
import { wordsOf } from "./dialects.ts"
import { bind } from "./phases/bind.ts"
import { complexity } from "./phases/complexity.ts"
import { emulate } from "./phases/emulate.ts"
import { normalise } from "./phases/normalise.ts"
import { isCommand, place } from "./phases/place.ts"
import { policy } from "./phases/policy.ts"
import type { Policy } from "../algebra/Policy.ts"
import { warningsOf } from "./lint.ts"
import { render, type Rendered } from "./phases/render.ts"
import { compiledIn, type Schemas, textIn } from "./schemas.ts"
import { verify } from "./phases/verify.ts"
import { type Context, makeContext, type Program, treesOf } from "./Program.ts"
import type { Placed } from "./Placed.ts"
import { saidWhole } from "./saidWhole.ts"
import { textColumns, textsByName } from "./textColumns.ts"
import { facts, survey } from "./survey.ts"
import { kindsOf } from "./facts.ts"

/**
 * How a statement is compiled.
 *
 * @category models
 */
export interface CompileOptions {
  /** Words of one's own; else those of the server's dialect. */
  readonly words?: Dialect
  readonly policies?: ReadonlyArray<Policy>
  /** Schemas tables are in by those they were written with, as the option of a statement says. */
  readonly schemas?: Schemas
  /** One clause a line, for logs and docs. */
  readonly pretty?: boolean
  /** Checks every phase's result: for tests. */
  readonly verify?: boolean
}

/**
 * A statement as one dialect says it, or what its server cannot do.
 *
 * **Laws** L26: a pure function of the statement's key and the capabilities; L27: native, or
 * emulated and equal to the meaning, or a refusal.
 * **Errors** throws `StatementError` for a statement that means nothing.
 */
export const compileStatement = (
  node: StatementNode,
  capabilities: Capabilities,
  options: CompileOptions = {}
): Compiled | Refusal => {
  return compileAgreeing(node, capabilities, options).said
}

/** The same with the values that must agree or differ for what is said, a refusal too. */
export const compileAgreeing = (
  node: StatementNode,
  capabilities: Capabilities,
  options: CompileOptions
): { readonly said: Compiled | Refusal; readonly agree: ReadonlyArray<Agreement> } => {
  const context = makeContext(capabilities, isDdl(node) ? [] : statementBinds(node))
  const { agree } = context
  const compiled = isDdl(node)
    ? compileDdl(node, wordsOf(capabilities, options), context, options.pretty === true)
    : compileTree(node, context, options)
  const refused = context.refusal()
  if (refused !== null || options.schemas === undefined)
    return { said: refused ?? compiled!, agree }
  const words = wordsOf(capabilities, options)
  return { said: compiledIn(compiled!, options.schemas, words, capabilities), agree }
}

const compileTree = (
  root: Relation | Command,
  context: Context,
  options: CompileOptions
): Compiled | null => {
  const { capabilities } = context
  const numbered = bind(root)
  const program = normalise(policy(numbered, context, options.policies ?? []))
  complexity(program, context)
  // What is nested too deep for the server may be too deep for the recursive phases.
  if (context.refusal() !== null) return null
  const placed = placeProgram(program, context, options.verify === true)
  const rendered = fitting(placed, context, options)
  const { length: count } = rendered.slots
  const { maxParameters: limit } = capabilities
  if (count > limit)
    context.refuse("maxParameters", `a statement of ${count} parameters`, { count, limit })
  const { result } = placed
  const bigints = capabilities.dialect === "sqlite" && result !== null && result.types.some(isExact)
  const { reads, writes } = touched(program)
  const said = {
    dialect: capabilities.dialect,
    text: rendered.text,
    slots: fixed(rendered.slots),
    bigints,
    counting: countingOf(root, capabilities),
    kind: kindOf(program),
    reads,
    writes,
    names: namesIn(numbered),
    agree: fixed(context.agree),
    rowKey: rowKeyOf(placed, root, context, options),
    fixed: fixed(context.fixed),
    warnings: warningsOf(treesOf(numbered), "shape"),
    byHand: textColumns(root, placed.root),
    within: fixed(textsWithin(root, numbered, capabilities, options)),
    schemas: fixed(rendered.schemas)
  }
  return compiledStatement(said, result)
}

/** Each text by hand that goes by the names of its columns, said alone: of SQLite, see `within`. */
const textsWithin = (
  root: Relation | Command,
  numbered: Program,
  capabilities: Capabilities,
  options: CompileOptions
): ReadonlyArray<TextWithin> =>
  capabilities.dialect !== "sqlite" ||
  !treesOf(numbered).some((tree) => (facts(tree).kinds & byHand) !== 0)
    ? []
    : textsByName(root).flatMap((node) => {
        const said = compileStatement(node, capabilities, options)
        return said._tag === "Refusal" || said.byHand === null
          ? []
          : [{ text: said.text, declared: said.byHand }]
      })

const byHand = kindsOf(["CustomRelation"])

/** Its lists value by value where all of them have places, else each as one parameter. */
const fitting = (placed: Placed, context: Context, options: CompileOptions): Rendered => {
  const { capabilities, fixed } = context
  const words = wordsOf(capabilities, options)
  const isPretty = options.pretty === true
  const { length: known } = fixed
  const rendered = render(placed, words, context, isPretty)
  const { jsonTable, listParameter, maxParameters } = capabilities
  const isWhole = rendered.slots.length <= maxParameters
  if (isWhole || listParameter !== "expand" || !jsonTable) return rendered
  fixed.length = known
  const asJson = { ...capabilities, listParameter: "json" } as const
  return render(placed, words, { ...context, capabilities: asJson }, isPretty)
}

/** A list nobody changes any more; nearly all of them are empty. */
const fixed = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> =>
  list.length === 0 ? nothing : Object.freeze(list)

/** Said again without what it gives back, from the same placed tree: slots and agreement hold. */
const rowKeyOf = (
  placed: Placed,
  node: Relation | Command,
  context: Context,
  options: CompileOptions
): RowKey | null => {
  const { root } = placed
  if (context.capabilities.dialect !== "sqlite") return null
  if (root._tag !== "Insert" || node._tag !== "Insert") return null
  const column = soleKey(node)
  if (column === null) return null
  const silent: Placed = { ...placed, root: { ...root, returned: [] } }
  const words = wordsOf(context.capabilities, options)
  const { text } = render(silent, words, context, options.pretty === true)
  return Object.freeze({
    text,
    table: node.table.name,
    column,
    count: node.returned.length
  })
}

/** The name of a key of one whole number, where it is all that one added row gives back. */
const soleKey = ({ conflict, returned, rowCount, table }: Insert): string | null => {
  if (conflict !== null) return null
  const [key, ...others] = table.primaryKey
  if (key === undefined || others.length > 0 || rowCount !== 1 || table.schema !== null) return null
  const isKey = (field: Scalar): boolean =>
    field._tag === "Ref" &&
    field.source === table &&
    field.path.length === 1 &&
    field.path[0] === key &&
    isWhole(field.type)
  return returned.length > 0 && returned.every(isKey) ? table.byKey.get(key)!.name : null
}

const isWhole = ({ sql }: AnyType): boolean =>
  sql._tag === "Integer" || sql._tag === "Bigint" || sql._tag === "Smallint"

const placeProgram = (program: Program, context: Context, verified: boolean): Placed => {
  const placed = place(emulate(program, context), context)
  if (verified) verify(placed)
  return placed
}

const named = kindsOf(["Named"])
/** The names of a statement's parameters, in the order they are met. */
const namesIn = (program: Program): ReadonlyArray<string> => {
  let names: Set<string> | null = null
  for (const tree of treesOf(program)) {
    if ((facts(tree).kinds & named) === 0) continue
    names ??= new Set()
    for (const node of survey(tree)) if (node._tag === "Named") names.add(node.name)
  }
  return names === null ? nothing : Object.freeze([...names])
}

const isExact = (type: AnyType): boolean =>
  type.sql._tag === "Bigint" || type.sql._tag === "Numeric"

const kinds = { Insert: "insert", Update: "update", Delete: "delete", Merge: "merge" } as const
/** A query of which a part writes is no query to whoever only reads. */
const kindOf = (program: Program): Compiled["kind"] => {
  for (const tree of treesOf(program)) if (isCommand(tree)) return kinds[tree._tag]
  return "query"
}

/**
 * The text of a statement without a database: for logs, docs and other people's drivers.
 *
 * **Shape** `dialect` is a name, for the version athanor is tested with, or a server's
 * capabilities. Gives a `Refusal` where the server cannot say it; values are no part of what it
 * gives.
 * **Errors** throws `StatementError` for a statement that means nothing.
 * **Source** SQLAlchemy 2.0 "How do I render SQL expressions as strings".
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { compile } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const said = compile(Query.insert(users).values({ name: "Ann" }).returning(), "mysql")
 * "capability" in said && said.capability // => "insertReturning"
 * ```
 * @category conversions
 */
export const compile = (
  statement: { readonly node: StatementNode },
  dialect: DialectName | Capabilities,
  options: CompileOptions = {}
): Compiled | Refusal =>
  compileStatement(
    statement.node,
    typeof dialect === "string" ? capabilitiesOf(dialect) : dialect,
    options
  )

/**
 * A statement's text with its values written in: for people, never for running.
 *
 * **Shape** no `Compiled`, so nothing runs it by mistake. Values are written as literals of the
 * dialect, by its one function for them; named parameters and what is drawn when it runs stay
 * placeholders.
 *
 * @category models
 */
export interface Readable {
  readonly _tag: "Readable"
  readonly dialect: DialectName
  readonly text: string
}

/**
 * The text of a statement with its values written in, for logs and bug reports.
 *
 * **Shape** says secrets too, where they are values. Gives a `Refusal` as `compile`, and for a
 * value no literal stands for.
 * **Errors** throws `StatementError` for a statement that means nothing.
 * **Source** SQLAlchemy 2.0 `literal_binds`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { readable } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const said = readable(Query.from(users).where(users.c.name.eq("O'Hara")), "sqlite")
 * const text = "text" in said ? said.text : said.construct
 * text // => "SELECT users.id, users.name FROM users WHERE users.name = 'O''Hara'"
 * ```
 * @category conversions
 */
export const readable = (
  statement: { readonly node: StatementNode },
  dialect: DialectName | Capabilities,
  options: CompileOptions = {}
): Readable | Refusal => {
  const capabilities = typeof dialect === "string" ? capabilitiesOf(dialect) : dialect
  const { node } = statement
  const context = makeContext(capabilities, isDdl(node) ? [] : statementBinds(node))
  const own = wordsOf(capabilities, options)
  const pretty = options.pretty === true
  const said = isDdl(node)
    ? compileDdl(node, own, context, pretty)
    : saidWhole(node, context, options)
  const refused = context.refusal()
  if (refused !== null) return refused
  const text = textIn(said.text, said.schemas, options.schemas ?? {}, own, capabilities)
  return Object.freeze<Readable>({ _tag: "Readable", dialect: capabilities.dialect, text })
}
