import { tableKeys } from "./schema/tableKeys.ts"
import { atUpdate, given } from "./assigned.ts"
import type * as C from "./Command.ts"
import { filterOf, isExpr } from "./Expression.ts"
import type { From } from "./From.ts"
import { FromId } from "./From.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { TableSource } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import * as T from "./types.ts"
import type { Value } from "./Value.ts"

type Make = (more: C.InsertMore) => unknown

/** An insert that waits to be told what to do with a row that is there. */
export class Conflicting {
  readonly #table: TableSource
  readonly #target: ReadonlyArray<string>
  readonly #partial: Scalar | null
  readonly #make: Make
  constructor(
    table: TableSource,
    target: ReadonlyArray<string>,
    partial: Scalar | null,
    make: Make
  ) {
    this.#table = table
    this.#target = target
    this.#partial = partial
    this.#make = make
  }
  where(predicate: Value<unknown, unknown>) {
    const first = this.#partial === null
    const filter = literal(filterOf(predicate, first, "onConflict"))
    const both = first ? filter : S.and([this.#partial, filter], T.boolean)
    return new Conflicting(this.#table, this.#target, both, this.#make)
  }
  doNothing() {
    return this.#make({ conflict: this.#with([]) })
  }
  doUpdate(changes: Readonly<Record<string, unknown>>) {
    const table = this.#table
    const { columns, values } = atUpdate(table, table.name, given(table, changes))
    return this.#make({ conflict: this.#with(columns), changes: values })
  }
  #with(columns: ReadonlyArray<string>): C.Conflict {
    const target = this.#target
    const partial = this.#partial
    // Whether a key of that condition is there only the database knows.
    if (target.length > 0 && partial === null) checkKey(this.#table, target)
    return { target, partial, columns }
  }
}

/** A partial index is found by the text of its condition, so its values are part of the text. */
const literal = (predicate: Scalar): Scalar => {
  for (const { value } of predicate.binds)
    if (typeof value === "object" && value !== null)
      return refuse("onConflict: the condition of an index holds a value that is no plain one")
  return predicate
}

const checkKey = (table: TableSource, target: ReadonlyArray<string>): void => {
  const found = tableKeys(table).some(
    ({ columns }) =>
      columns.length === target.length && columns.every((key) => target.includes(key))
  )
  if (!found) refuse(`onConflict: ${target.join(", ")} is no key of "${table.name}"`)
}

/** The columns of a key: given themselves, or by the name of its constraint. */
export const targetOf = (
  table: TableSource,
  from: From<string, unknown>,
  parts: ReadonlyArray<unknown>
): ReadonlyArray<string> => {
  const [name] = parts
  if (typeof name === "string") {
    const key = tableKeys(table).find((one) => one.name === name && one.columns.length > 0)
    return key?.columns ?? refuse(`onConflict: "${table.name}" has no key named "${name}"`)
  }
  return parts.map((part) => {
    const node = isExpr(part) ? part.node : null
    return node?._tag === "Ref" && node.source === from[FromId].source && node.path.length === 1
      ? node.path[0]!
      : refuse(`onConflict: only plain columns of "${table.name}" are a key`)
  })
}
