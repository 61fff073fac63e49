import * as fc from "fast-check"
import { describe, test } from "vitest"
import { inOrder, linkedIn, type Links, linksOf, positionsOf } from "../../src/mapping/links.ts"
import { caught, upheld } from "./support/law.ts"

/** L35: links as one list of positions are a map of lists. */

interface Case {
  /** Whom each link belongs to. */
  readonly marks: ReadonlyArray<number>
  readonly positions: ReadonlyArray<number>
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.array(fc.tuple(fc.nat(5), fc.nat(9)), { maxLength: 30 }), fc.boolean())
  // Rows of servers mostly come by what they belong to.
  .map(([links, isByMark]) => (isByMark ? links.toSorted(([one], [other]) => one - other) : links))
  .map((links) => ({
    marks: links.map(([mark]) => mark),
    positions: links.map(([, position]) => position)
  }))

const linked = ({ marks, positions }: Case): Links => linksOf(marks, Int32Array.from(positions))

const values = Array.from({ length: 10 }, (_, at) => `value ${at}`)

const holds =
  (made: (one: Case) => Links, order: (positions: ReadonlyArray<number>) => unknown) =>
  (one: Case): boolean => {
    const links = made(one)
    return [0, 1, 2, 3, 4, 5, undefined].every((mark) => {
      const own = one.positions.filter((_, at) => one.marks[at] === mark)
      const wanted = JSON.stringify(order(own))
      const found = linkedIn(links, values, mark).map((value) => values.indexOf(value))
      return JSON.stringify(found) === wanted && JSON.stringify(positionsOf(links, mark)) === wanted
    })
  }

const sorted = (positions: ReadonlyArray<number>) => positions.toSorted((a, b) => a - b)

describe("L35 listed links", () => {
  test("are a map of lists in the order they came in", () => {
    upheld(
      cases,
      holds(linked, (own) => own)
    )
  })

  test("are in the order of what they lead to where that is asked for", () => {
    upheld(
      cases,
      holds((one) => inOrder(linked(one), (position) => position), sorted)
    )
  })

  test("twin: runs are taken for sorted", () => {
    caught("not sorted", cases, holds(linked, sorted), [{ marks: [1, 2, 1], positions: [3, 0, 4] }])
  })
})
