import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Alteration } from "../algebra/schema/Alter.ts"
import type { Catalog } from "../algebra/schema/Catalog.ts"
import { firstRow } from "../algebra/firstRow.ts"
import * as Query from "../algebra/Query.ts"
import type { Select } from "../algebra/Select.ts"
import { isDdl, type StatementNode } from "../algebra/Statement.ts"
import { isCommand } from "../compile/phases/place.ts"
import { atMostOne } from "./statements/atMostOne.ts"
import type { Named } from "./statements/bind.ts"
import { borrowIn } from "./pool/borrow.ts"
import { placed } from "./pool/BorrowPlace.ts"
import { alter } from "./alterSchema.ts"
import { create, type CreateOptions, drop, type DropOptions } from "./schemaVerbs.ts"
import { description } from "./observability/Description.ts"
import { type Engine, onKnown, withOptions } from "./Engine.ts"
import { type EngineKey, execution, executionOf } from "./Execution.ts"
import type { Mode } from "./statements/answer.ts"
import { underPolicies, withoutPolicy } from "./policies.ts"
import { script } from "./statements/script.ts"
import { runEach } from "./statements/runEach.ts"
import { runOne } from "./statements/runOne.ts"
import { checkOptions } from "./Options.ts"
import { statementTable, type StreamOptions } from "./statements/StatementOptions.ts"
import { streamRows } from "./statements/streamRows.ts"
import { explained } from "./observability/Explain.ts"
import { listenIn, type ListenOptions, notifyIn } from "./Listen.ts"
import { makeTransactionVerbs } from "./transactions/makeTransactionVerbs.ts"
import { hasObject, type SchemaObject, schemasOf } from "./reflection/exists.ts"
import { reflect, type ReflectOptions } from "./reflection/reflect.ts"
import type { Reads, Verbs } from "./Verbs.ts"

interface AnyStatement {
  readonly node: StatementNode
}
type AnySelect = Select<unknown, never, string>

const verb = (service: EngineKey, mode: Mode) => {
  const asked = (statement: AnyStatement, named?: Named) =>
    placed(executionOf(service, statement, named, mode), asked)
  return asked
}

/** A query that cannot be seen to give one row at most is asked for one: the others stay there. */
const first = (service: EngineKey) => {
  const known = new WeakMap<StatementNode, StatementNode>()
  const cut = (node: StatementNode): StatementNode => {
    if (isDdl(node) || isCommand(node)) return node
    let made = known.get(node)
    if (made === undefined) known.set(node, (made = atMostOne(node) ? node : firstRow(node)))
    return made
  }
  const asked = (statement: AnyStatement, named?: Named) =>
    placed(execution(service, cut(statement.node), named, "first"), asked)
  return asked
}

/** The verbs that read, on the database a service holds. */
export const makeReads = <Self>(service: EngineKey): Reads<Self> => {
  return {
    all: verb(service, "all"),
    one: verb(service, "one"),
    oneOrNone: verb(service, "oneOrNone"),
    first: first(service),
    stream: (statement: AnyStatement, named?: Named) => streamRows(service, statement.node, named),
    count: (query: AnySelect, named?: Named) =>
      execution(service, counting(query).node, named, "one"),
    exists: (query: AnySelect, named?: Named) =>
      execution(service, asking(query).node, named, "one"),
    describe: (statement: AnyStatement) => description(service, statement.node),
    reflect: (options: ReflectOptions = {}) => reflect(service, options),
    has: (object: SchemaObject) => hasObject(service, object),
    schemas: schemasOf(service),
    explain: (statement: AnyStatement, named?: Named) =>
      explained(service, statement.node, named, "plan"),
    explainAnalyze: (statement: AnyStatement, named?: Named) =>
      explained(service, statement.node, named, "run"),
    ...makeTransactionVerbs<Self>(service),
    borrow: onKnown(service, (engine) => borrowIn(service, engine)),
    server: Effect.flatMap(engineOf(service), ({ first }) => first.known),
    policed: viewed(service, underPolicies),
    unpoliced: viewed(service, withoutPolicy),
    with: (options: StreamOptions, work: Effect.Effect<unknown> | Stream.Stream<unknown>) => {
      checkOptions(options, statementTable)
      return Stream.isStream(work)
        ? streamWith(service, options, work)
        : viewed(service, withOptions)(options, work)
    }
  } as unknown as Reads<Self>
}

/** All verbs, on the database a service holds. */
export const makeVerbs = <Self>(service: EngineKey): Verbs<Self> => {
  const writes = {
    run: verb(service, "run"),
    runEach: (statement: AnyStatement, sets: ReadonlyArray<Named>) =>
      runEach(service, statement.node, sets),
    runOne: (statement: AnyStatement, named?: Named) => runOne(service, statement.node, named),
    create: (catalog: Catalog, options: CreateOptions = {}) => create(service, catalog, options),
    drop: (catalog: Catalog, options: DropOptions = {}) => drop(service, catalog, options),
    alter: (...alterations: ReadonlyArray<Alteration>) => alter(service, alterations),
    script: (text: string) => script(service, text),
    listen: (channel: string, options: ListenOptions = {}) =>
      Stream.unwrap(
        onKnown(service, (engine) => Effect.succeed(listenIn(engine, channel, options)))
      ),
    notify: (channel: string, payload = "") =>
      onKnown(service, (engine) => notifyIn(engine, channel, payload))
  }
  return { ...makeReads<Self>(service), ...writes } as unknown as Verbs<Self>
}

/** One wrapped query per query: a reused one is compiled once. */
const remembered = <A extends object>(make: (query: AnySelect) => A): ((query: AnySelect) => A) => {
  const known = new WeakMap<object, A>()
  return (query) => {
    let made = known.get(query)
    if (made === undefined) known.set(query, (made = make(query)))
    return made
  }
}

const counting = remembered((query) => Query.total(query))
const asking = remembered((query) => Query.select(query.exists()))

const engineOf = (service: EngineKey): Effect.Effect<Engine> =>
  service as unknown as Effect.Effect<Engine>

/** Runs an effect on another view of the same database. */
const viewed =
  <Choice>(service: EngineKey, view: (engine: Engine, choice: Choice) => Engine) =>
  <A, E, R>(choice: Choice, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(engineOf(service), (engine) =>
      Effect.provideService(effect, service, view(engine, choice))
    )

const streamWith = (
  service: EngineKey,
  options: StreamOptions,
  stream: Stream.Stream<unknown>
): Stream.Stream<unknown> =>
  Stream.unwrap(
    Effect.map(engineOf(service), (engine) =>
      Stream.provideService(stream, service, withOptions(engine, options))
    )
  )
