/** Values next to what a type can hold, and what it has to refuse, by the type's key. */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Instant from "../../src/algebra/values/Instant.ts"
import * as LocalDate from "../../src/algebra/values/LocalDate.ts"
import * as LocalTime from "../../src/algebra/values/LocalTime.ts"

interface Edges {
  readonly kept: ReadonlyArray<unknown>
  readonly refused: ReadonlyArray<unknown>
}

const big = BigDecimal.fromStringUnsafe
const utc = (text: string) => DateTime.makeUnsafe(text)
const megabyte = "é".repeat(2 ** 19)

/** Both sides of changes of the clock in Berlin, New York, Lord Howe and Apia. */
export const shifts: ReadonlyArray<string> = [
  "2024-03-31T00:59:59.999Z",
  "2024-03-31T01:00:00Z",
  "2024-10-27T00:30:00Z",
  "2024-10-27T01:30:00Z",
  "2024-03-10T06:59:59.999Z",
  "2024-03-10T07:00:00Z",
  "2024-11-03T05:30:00Z",
  "2024-11-03T06:30:00Z",
  "2024-04-06T15:00:00Z",
  "2024-10-05T15:30:00Z",
  "2011-12-30T09:59:59.999Z",
  "2011-12-30T10:00:00Z"
]

const times = [
  "0001-01-01T00:00:00Z",
  "1000-01-01T00:00:00Z",
  "1582-10-10T00:00:00Z",
  "1900-02-28T23:59:59.999Z",
  "1969-12-31T23:59:59.999Z",
  "2000-02-29T00:00:00Z",
  ...shifts,
  "9999-12-31T23:59:59.999Z"
]

const days = ["0001-01-01", "0099-12-31", "1582-10-10", "1900-02-28", "2000-02-29", "9999-12-31"]

export const typeEdges: Readonly<Record<string, Edges>> = {
  smallint: { kept: [-32_768, -32_767, 32_766, 32_767], refused: [-32_769, 32_768, 0.5, 1n] },
  integer: {
    kept: [-(2 ** 31), -(2 ** 31) + 1, 2 ** 31 - 2, 2 ** 31 - 1, -0],
    refused: [-(2 ** 31) - 1, 2 ** 31, NaN, "1"]
  },
  bigint: {
    kept: [-1n, 0n, 1n]
      .flatMap((near) => [2n ** 53n + near, -(2n ** 53n) + near])
      .concat([-(2n ** 63n), -(2n ** 63n) + 1n, 2n ** 63n - 2n, 2n ** 63n - 1n]),
    refused: [2n ** 63n, -(2n ** 63n) - 1n, 1]
  },
  double: {
    kept: [
      // By a digit more here than on PostgreSQL, whose text of each is the same double.
      171297054323246780,
      16860197651201921000,
      139936521590064610,
      0,
      -0,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      Number.MIN_VALUE,
      -Number.MIN_VALUE,
      2.2250738585072014e-308,
      2.225073858507201e-308,
      2 ** 53 - 1,
      2 ** 53,
      2 ** 53 + 2,
      1 / 3,
      1e21,
      1e-7,
      Math.PI
    ],
    refused: [NaN, Infinity, -Infinity, "1", 1n]
  },
  "numeric(18,4)": {
    kept: ["99999999999999.9999", "-99999999999999.9999", "0.0001", "-0.0001", "0"].map(big),
    refused: [...["100000000000000", "0.00001"].map(big), 1, "1"]
  },
  "numeric(40,2)": {
    kept: [`${"9".repeat(38)}.99`, `-${"9".repeat(38)}.99`, "0.01", "9007199254740993"].map(big),
    refused: [`1${"0".repeat(38)}`, "0.001"].map(big)
  },
  "numeric(15,3):number": {
    kept: [999_999_999_999.999, -999_999_999_999.999, 0.001, -0],
    refused: [1e12, 0.0001, NaN, Infinity]
  },
  "varchar(30)": {
    kept: ["a ".padEnd(30), "日".repeat(30), "😀".repeat(30), "e\u0301"],
    refused: ["a".repeat(31), "😀".repeat(31), "\ud800", 1]
  },
  text: {
    kept: ["\n\r\t", "\ufffe\u{10ffff}", "a    ", " a", "Ａ", "'; --", "\\", megabyte],
    refused: ["\ud800", "a\udc00", 1]
  },
  boolean: { kept: [true, false], refused: [1, 0, "t"] },
  bytes: {
    kept: [
      new Uint8Array(),
      Uint8Array.from({ length: 256 }, (_, i) => i),
      new Uint8Array(2 ** 20).fill(7)
    ],
    refused: ["a", [1], new Uint16Array(1)]
  },
  uuid: {
    kept: ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    refused: ["a0eebc99", "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", 1]
  },
  date: { kept: days.map(LocalDate.parse), refused: ["2024-01-01", new Date(0)] },
  "time(6)": {
    kept: [LocalTime.make(0, 0), LocalTime.make(23, 59, 59, 999_999), LocalTime.make(2, 30)],
    refused: ["10:00", new Date(0)]
  },
  "timestamp(3)": {
    kept: times.map(utc),
    refused: [new Date(0), Instant.make(0n), "2024-01-01", utc("+010000-01-01T00:00:00Z")]
  },
  "timestamp(0):date": {
    kept: times.filter((text) => !text.includes(".")).map((text) => new Date(text)),
    refused: [new Date(1), new Date(NaN), utc("2024-01-01T00:00:00Z")]
  },
  "timestamp(6)": {
    kept: times
      .map(Instant.parse)
      .concat([Instant.parse("0001-01-01T00:00:00.000001Z"), Instant.make(-1n)]),
    refused: [new Date(0), utc("2024-01-01T00:00:00Z")]
  },
  'enum["draft","published","Draft"]': { kept: [], refused: ["DRAFT", "", "draft ", 1] }
}
