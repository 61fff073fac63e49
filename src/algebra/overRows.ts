import { bindsOfAll, ctesOfAll, keysOfAll, nothing, quoted } from "./carried.ts"
import type { AnyType } from "./Type.ts"
import type {
  Aggregate,
  AggregateName,
  Direction,
  Grouping,
  Scalar,
  Window,
  WindowCall,
  WindowName
} from "./nodes.ts"

/** Constructors of the expressions over several rows: aggregates and windows. */

const freeze = Object.freeze

/** What an aggregate may have beside its arguments. */
export type Modifiers = Pick<Aggregate, "filter" | "order" | "directions">

const unmodified: Modifiers = freeze({ filter: null, order: nothing, directions: nothing })

export const directionsKey = (directions: ReadonlyArray<Direction>): string => {
  let key = ""
  for (let at = 0; at < directions.length; at++) {
    const { direction, nulls } = directions[at]!
    key += `${at === 0 ? "" : ","}${direction}-${nulls}`
  }
  return key
}

const modifiersKey = ({ directions, filter, order }: Modifiers): string =>
  (order.length === 0 ? "" : `^${keysOfAll(order)}${directionsKey(directions)}`) +
  (filter === null ? "" : `?${filter.key}`)

export const aggregate = (
  name: AggregateName,
  args: ReadonlyArray<Scalar>,
  distinct: boolean,
  type: AnyType,
  modifiers: Modifiers = unmodified
): Aggregate => {
  const { directions, filter, order } = modifiers
  const kids = [...args, ...(filter === null ? [] : [filter]), ...order]
  return freeze({
    _tag: "Aggregate",
    name,
    args: freeze(args),
    distinct,
    filter,
    order: freeze(order),
    directions: freeze(directions),
    type,
    key: `@${name}${distinct ? "!" : ""}${type.key}(${keysOfAll(args)}${modifiersKey(modifiers)})`,
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  })
}

export const grouping = (self: Scalar, type: AnyType): Grouping =>
  freeze({
    _tag: "Grouping",
    self,
    type,
    key: `grouping(${self.key})`,
    binds: self.binds,
    ctes: self.ctes
  })

export const windowCall = (
  name: WindowName,
  args: ReadonlyArray<Scalar>,
  type: AnyType
): WindowCall =>
  freeze({
    _tag: "WindowCall",
    name,
    args: freeze(args),
    type,
    key: `#${name}${type.key}(${keysOfAll(args)})`,
    binds: bindsOfAll(args),
    ctes: ctesOfAll(args)
  })

/** The rows a window function sees. */
export type Over = Pick<Window, "partition" | "order" | "directions" | "frame" | "offsets" | "name">

/** Equal for windows over the same rows, their values apart. */
export const overKey = ({ directions, frame, name, offsets, order, partition }: Over): string =>
  `${name === null ? "" : quoted(name)}|${keysOfAll(partition)}|${keysOfAll(order)}` +
  directionsKey(directions) +
  (frame === null
    ? ""
    : `|${frame.unit} ${frame.start} ${frame.end} ${frame.exclude} ${keysOfAll(offsets)}`)

export const window = (self: Window["self"], over: Over): Window => {
  const { directions, frame, name, offsets, order, partition } = over
  const kids = [self, ...partition, ...order, ...offsets]
  return freeze({
    _tag: "Window",
    self,
    partition: freeze(partition),
    order: freeze(order),
    directions: freeze(directions),
    frame: freeze(frame),
    offsets: freeze(offsets),
    name,
    type: self.type,
    key: `over(${self.key}${overKey(over)})`,
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  })
}
