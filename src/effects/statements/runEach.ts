import * as Effect from "effect/Effect"
import type { Command } from "../../algebra/Command.ts"
import type { StatementNode } from "../../algebra/Statement.ts"
import { withJsonText } from "../../algebra/types/jsonText.ts"
import { manySets, type Together } from "../../compile/manySets.ts"
import { bind, type Named } from "./bind.ts"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Engine } from "../Engine.ts"
import { type EngineKey, execution } from "../Execution.ts"
import { ofSet, outsideTransaction } from "../Failure.ts"
import { onCommand } from "./onCommand.ts"
import { transactionIn } from "../transactions/Transaction.ts"

/**
 * Runs a command once for each set of parameters: all of them or none.
 *
 * **Shape** every set is looked at before anything is sent. What can be said as one statement is;
 * where that is refused, the sets are run one by one, which finds the one that was meant.
 */
export const runEach = (
  service: EngineKey,
  node: StatementNode,
  sets: ReadonlyArray<Named>
): Effect.Effect<number, DatabaseError> =>
  onCommand(service, node, notEach, (engine, { binds, compiled }, fiber) => {
    for (const [at, set] of sets.entries()) {
      const bound = bind(compiled, binds, set, fiber)
      if (!Array.isArray(bound)) return Effect.fail(ofSet(bound as DatabaseError, at))
    }
    if (sets.length === 0) return Effect.succeed(0)
    const one = (set: Named, at: number): Effect.Effect<number, DatabaseError> =>
      Effect.mapError(run(service, node, set), (error) => ofSet(error, at))
    const isInside = fiber.getRef(engine.current) !== null
    const inTurn = sum(engine, Effect.forEach(sets, one))
    const { capabilities, json } = engine
    const said = () => manySets(node as Command, sets, capabilities)
    const together = sets.length === 1 ? null : json === null ? said() : withJsonText(json, said)
    const all =
      together === null
        ? inTurn
        : Effect.catchIf(inOne(service, engine, together, isInside), isOfOneSet, () => inTurn)
    return isInside ? all : Effect.mapError(all, outsideTransaction)
  })

const notEach = "runEach: only a command is run once for each set of parameters"

const run = (
  service: EngineKey,
  node: StatementNode,
  set: Named | undefined
): Effect.Effect<number, DatabaseError> =>
  execution(service, node, set, "run") as Effect.Effect<number, DatabaseError>

const sum = (
  engine: Engine,
  counts: Effect.Effect<ReadonlyArray<number>, DatabaseError>
): Effect.Effect<number, DatabaseError> =>
  Effect.map(transactionIn(engine, counts, {}), (all) =>
    all.reduce((left, right) => left + right, 0)
  )

/** One statement outside a transaction is one by itself. */
const inOne = (
  service: EngineKey,
  engine: Engine,
  together: ReadonlyArray<Together>,
  isInside: boolean
): Effect.Effect<number, DatabaseError> =>
  together.length === 1 && !isInside
    ? run(service, together[0]!.node, undefined)
    : sum(
        engine,
        Effect.forEach(together, ({ node }) => run(service, node, undefined))
      )

/** What the rows or values of one set caused, or how many there are. */
const isOfOneSet = ({ _tag }: DatabaseError): boolean =>
  _tag.endsWith("Violation") ||
  _tag === "ValueOutOfRange" ||
  _tag === "InvalidText" ||
  _tag === "Unsupported" ||
  _tag === "TooManyParameters"
