import type { Codec, RowCodec } from "../Codec.ts"
import * as Interval from "../values/Interval.ts"
import { makeCodec, refused } from "./make.ts"

const expected = "an Interval"

const nowhere: RowCodec<Interval.Interval> = {
  decode: () => refused("nothing: there are no intervals"),
  encode: () => refused("nothing: there are no intervals")
}

const checked = (value: unknown): Interval.Interval =>
  Interval.isInterval(value) ? value : refused(expected)

/** Intervals in the server's own style, in ISO 8601 in JSON. */
export const intervalCodec: Codec<Interval.Interval> = makeCodec({
  sqlite: nowhere,
  postgres: {
    decode: (raw) => (typeof raw === "string" ? Interval.ofServer(raw) : refused(expected)),
    encode: (value) => Interval.toServer(checked(value))
  },
  mysql: nowhere,
  json: {
    // A list made by the server has them in its own style.
    decode: (raw) =>
      typeof raw !== "string"
        ? refused(expected)
        : raw.startsWith("P")
          ? Interval.parse(raw)
          : Interval.ofServer(raw),
    encode: (value) => checked(value).toString()
  }
})
