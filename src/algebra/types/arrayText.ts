import { refused } from "./make.ts"

const expected = "an array whose places count from 1"

const quotes = /["\\]/
const everyQuote = /["\\]/g

/** What a driver binds, as an element of an array between quotes or bare. */
const elementText = (value: unknown): string => {
  if (typeof value === "string")
    return quotes.test(value) ? `"${value.replace(everyQuote, "\\$&")}"` : `"${value}"`
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value)
  if (value instanceof Uint8Array)
    return `"\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}"`
  return elementText(String(value))
}

/**
 * A list as PostgreSQL's array text: `{1,"a \"b\"",NULL}`; a list inside is a dimension more.
 *
 * **Source** PostgreSQL manual 8.15.6, array input and output syntax.
 */
export const arrayText = (values: ReadonlyArray<unknown>): string => {
  let text = ""
  for (const value of values) {
    if (text !== "") text += ","
    if (value === null) text += "NULL"
    else text += Array.isArray(value) ? arrayText(value) : elementText(value)
  }
  return `{${text}}`
}

/** The texts of an array's elements, null for NULL; lists where it has more dimensions. */
export type ArrayTexts = ReadonlyArray<string | null | ArrayTexts>

const quote = 34
const backslash = 92
const comma = 44
const open = 123
const close = 125

/** Reads one array text; where it ends is where the next begins. */
class Reader {
  readonly #text: string
  #at = 0
  constructor(text: string) {
    this.#text = text
  }
  isDone(): boolean {
    return this.#at === this.#text.length
  }
  #code(): number {
    return this.#text.charCodeAt(this.#at)
  }
  array(): ArrayTexts {
    if (this.#code() !== open) return refused(expected)
    this.#at++
    const values: Array<ArrayTexts[number]> = []
    if (this.#code() === close) {
      this.#at++
      return values
    }
    for (;;) {
      values.push(this.#element())
      const next = this.#code()
      this.#at++
      if (next === close) return values
      if (next !== comma) return refused(expected)
    }
  }
  #element(): ArrayTexts[number] {
    if (this.#code() === open) return this.array()
    return this.#code() === quote ? this.#quoted() : this.#bare()
  }
  #bare(): string | null {
    const from = this.#at
    while (!this.isDone() && this.#code() !== comma && this.#code() !== close) this.#at++
    const text = this.#text.slice(from, this.#at)
    return text === "" ? refused(expected) : text === "NULL" ? null : text
  }
  #quoted(): string {
    let text = ""
    let from = ++this.#at
    for (;;) {
      if (this.isDone()) return refused(expected)
      const code = this.#code()
      if (code === backslash) {
        text += this.#text.slice(from, this.#at)
        from = this.#at + 1
        this.#at += 2
      } else if (code === quote) {
        text += this.#text.slice(from, this.#at)
        this.#at++
        return text
      } else this.#at++
    }
  }
}

/**
 * Reads PostgreSQL's array text. One whose places count from elsewhere says so before it and is
 * refused, for a list has no other first place.
 */
export const arrayTexts = (raw: unknown): ArrayTexts => {
  if (typeof raw !== "string") return refused(expected)
  const reader = new Reader(raw)
  const texts = reader.array()
  return reader.isDone() ? texts : refused(expected)
}
