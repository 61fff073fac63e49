import { describe, expect, test } from "vitest"
import { nextSize } from "../../src/effects/statements/fetchSizes.ts"

describe("how many rows a stream fetches next", () => {
  const rows = (count: number, row: ReadonlyArray<unknown>) =>
    Array.from({ length: count }, () => row)

  test("more of short ones, as few as ever of long ones, never more than a megabyte adds", () => {
    expect(nextSize([])).toBe(500)
    expect(nextSize(rows(500, [1, "short", null]))).toBe(2000)
    expect(nextSize(rows(500, ["x".repeat(100_000)]))).toBe(500)
    expect(nextSize(rows(500, [new Uint8Array(100_000)]))).toBe(500)
    expect(nextSize(rows(500, ["x".repeat(1000)]))).toBe(1048)
    expect(nextSize([...rows(499, [1]), ["x".repeat(5000)]].toReversed())).toBe(500)
  })
})
