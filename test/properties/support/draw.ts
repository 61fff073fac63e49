import * as fc from "fast-check"

/**
 * Random choices as a tree, so that any generator written with `Draw` shrinks by structure.
 *
 * A generator asks for numbers and opens spans; the numbers it drew are recorded per span.
 * Shrinking edits that tree (empties a span, replaces it by a like-named span inside it, lowers a
 * number) and runs the generator again on it; missing numbers are 0, the simplest choice.
 */
export interface Draw {
  /** A natural number below `bound`; 0 is the simplest. */
  readonly below: (bound: number) => number
  /** A part that shrinks as a whole. */
  readonly span: <A>(label: string, part: () => A) => A
}

interface Choices {
  readonly label: string
  readonly numbers: Array<number>
  readonly parts: Array<Choices>
}

const empty = (label: string): Choices => ({ label, numbers: [], parts: [] })

const recorder = (
  number: (at: Choices | null, index: number, bound: number) => number,
  source: Choices | null
) => {
  const root = empty("root")
  let record = root
  let from = source
  let used = 0
  let index = 0
  const draw: Draw = {
    below: (bound) => {
      const value = bound <= 1 ? 0 : number(from, index++, bound)
      if (bound > 1) record.numbers.push(value)
      return value
    },
    span: (label, part) => {
      const saved = { record, from, used, index }
      const inner = empty(label)
      record.parts.push(inner)
      let next: Choices | null = null
      if (from !== null) {
        const at = from.parts.findIndex((one, i) => i >= used && one.label === label)
        if (at >= 0) {
          next = from.parts[at]!
          saved.used = at + 1
        }
      }
      record = inner
      from = next
      used = 0
      index = 0
      try {
        return part()
      } finally {
        ;({ record, from, used, index } = saved)
      }
    }
  }
  return { draw, root }
}

/** The generator's value for recorded choices, with the choices it really used. */
const replay = <A>(make: (draw: Draw) => A, choices: Choices): readonly [A, Choices] => {
  const { draw, root } = recorder(
    (at, i, bound) => Math.min(at?.numbers[i] ?? 0, bound - 1),
    choices
  )
  return [make(draw), root]
}

const sizeOf = (choices: Choices): readonly [count: number, sum: number] => {
  let count = choices.numbers.length
  let sum = choices.numbers.reduce((a, b) => a + b, 0)
  for (const part of choices.parts) {
    const [c, s] = sizeOf(part)
    count += c
    sum += s
  }
  return [count, sum]
}

const smaller = (a: Choices, b: Choices): boolean => {
  const [countA, sumA] = sizeOf(a)
  const [countB, sumB] = sizeOf(b)
  return countA < countB || (countA === countB && sumA < sumB)
}

const inside = function* (choices: Choices, label: string): Generator<Choices> {
  for (const part of choices.parts) {
    if (part.label === label) yield part
    else yield* inside(part, label)
  }
}

const without = <A>(list: ReadonlyArray<A>, i: number): Array<A> => list.filter((_, j) => j !== i)
const replaced = <A>(list: ReadonlyArray<A>, i: number, value: A): Array<A> =>
  list.map((one, j) => (j === i ? value : one))

/** Simpler trees, the boldest first. */
const edits = function* (choices: Choices): Generator<Choices> {
  const { label, numbers, parts } = choices
  for (const [i, part] of parts.entries()) {
    yield { label, numbers, parts: replaced(parts, i, empty(part.label)) }
    for (const nested of inside(part, part.label))
      yield { label, numbers, parts: replaced(parts, i, nested) }
  }
  // A list draws its length first: one element less.
  if (numbers[0] !== undefined && numbers[0] > 0) {
    const fewer = replaced(numbers, 0, numbers[0] - 1)
    for (let i = 0; i < parts.length; i++) yield { label, numbers: fewer, parts: without(parts, i) }
  }
  for (const [i, number] of numbers.entries()) {
    for (const less of new Set([0, number >> 1, number - 1])) {
      if (less >= 0 && less < number) yield { label, numbers: replaced(numbers, i, less), parts }
    }
  }
  for (const [i, part] of parts.entries()) {
    for (const edit of edits(part)) yield { label, numbers, parts: replaced(parts, i, edit) }
  }
}

/** A fast-check arbitrary from a generator written with `Draw`. */
class Drawn<A> extends fc.Arbitrary<A> {
  readonly #make: (draw: Draw) => A
  constructor(make: (draw: Draw) => A) {
    super()
    this.#make = make
  }
  override generate(random: fc.Random): fc.Value<A> {
    const { draw, root } = recorder((_, __, bound) => random.nextInt(0, bound - 1), null)
    return new fc.Value(this.#make(draw), root)
  }
  override canShrinkWithoutContext(_: unknown): _ is A {
    return false
  }
  override shrink(_: A, context: unknown): fc.Stream<fc.Value<A>> {
    return context === undefined ? fc.Stream.nil() : fc.stream(this.#simpler(context as Choices))
  }
  *#simpler(choices: Choices): IterableIterator<fc.Value<A>> {
    for (const edit of edits(choices)) {
      const [value, used] = replay(this.#make, edit)
      if (smaller(used, choices)) yield new fc.Value(value, used)
    }
  }
}

export const drawn = <A>(make: (draw: Draw) => A): fc.Arbitrary<A> => new Drawn(make)

/** One of the choices; the first is the simplest. */
export const pick = <A>(draw: Draw, choices: ReadonlyArray<A>): A =>
  choices[draw.below(choices.length)]!

/** A choice with its weight. */
export type Weighted<A> = readonly [weight: number, choice: A]

/** One of the choices by weight; the first is the simplest. */
export const weigh = <A>(draw: Draw, choices: ReadonlyArray<Weighted<A>>): A => {
  let at = draw.below(choices.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, choice] of choices) {
    if (at < weight) return choice
    at -= weight
  }
  return choices[0]![1]
}

/** TRUE once in `of` times. */
export const chance = (draw: Draw, of: number): boolean => draw.below(of) === of - 1

/** A list of `low` to `high` elements, each of which shrinks and can go. */
export const many = <A>(
  draw: Draw,
  label: string,
  low: number,
  high: number,
  element: (i: number) => A
): ReadonlyArray<A> =>
  draw.span(`${label}s`, () => {
    const length = low + draw.below(high - low + 1)
    return Array.from({ length }, (_, i) => draw.span(label, () => element(i)))
  })
