import type { Codec, RowCodec } from "../Codec.ts"
import * as LocalDate from "../values/LocalDate.ts"
import * as LocalTime from "../values/LocalTime.ts"
import { makeCodec, refused } from "./make.ts"
import { fractionText, timeText } from "./temporalText.ts"

const expectedDate = "a LocalDate in years 0001 to 9999"

const date: RowCodec<LocalDate.LocalDate> = {
  decode: (raw) => (typeof raw === "string" ? LocalDate.parse(raw) : refused(expectedDate)),
  encode: (value) => (LocalDate.isLocalDate(value) ? value.toString() : refused(expectedDate))
}

/** Calendar days, `YYYY-MM-DD` everywhere. */
export const localDateCodec: Codec<LocalDate.LocalDate> = makeCodec({
  sqlite: date,
  postgres: date,
  mysql: date,
  json: date
})

/** Times of day, `HH:MM:SS` and the type's digits of a second everywhere. */
export const localTimeCodec = (precision: number): Codec<LocalTime.LocalTime> => {
  const expected = `a LocalTime with at most ${precision} digits of a second`
  const unit = 10 ** (6 - precision)
  const checked = (value: LocalTime.LocalTime): LocalTime.LocalTime =>
    value.microsecond % unit === 0 ? value : refused(expected)
  const form: RowCodec<LocalTime.LocalTime> = {
    decode: (raw) => (typeof raw === "string" ? checked(LocalTime.parse(raw)) : refused(expected)),
    encode: (value) => {
      if (!LocalTime.isLocalTime(value)) return refused(expected)
      const { hour, minute, second, microsecond } = checked(value)
      const whole = timeText(hour * 3600 + minute * 60 + second)
      return whole + fractionText(microsecond / unit, precision)
    }
  }
  return makeCodec({ sqlite: form, postgres: form, mysql: form, json: form })
}
