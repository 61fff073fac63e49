import { outside } from "./Value.ts"

type Step =
  | { readonly _tag: "Any" }
  | { readonly _tag: "One" }
  | { readonly _tag: "Char"; readonly char: string }

/**
 * Reads a pattern by code points. The escape character before anything but `%`, `_` and itself has
 * no meaning.
 */
const read = (pattern: string, escape: string): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  const chars = Array.from(pattern)
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!
    if (char === "%") steps.push({ _tag: "Any" })
    else if (char === "_") steps.push({ _tag: "One" })
    else if (char !== escape) steps.push({ _tag: "Char", char })
    else {
      const next = chars[++i]
      if (next !== "%" && next !== "_" && next !== escape)
        return outside("a pattern that escapes nothing")
      steps.push({ _tag: "Char", char: next })
    }
  }
  return steps
}

/** Whether all of `text` matches `pattern`. */
export const matches = (text: string, pattern: string, escape = "\\"): boolean => {
  const chars = Array.from(text)
  const steps = read(pattern, escape)
  // reach[i]: the steps so far match the first i characters.
  let reach: ReadonlyArray<boolean> = [true, ...chars.map(() => false)]
  for (const step of steps) {
    const next: Array<boolean> = []
    for (let i = 0; i <= chars.length; i++) {
      next.push(
        step._tag === "Any"
          ? reach[i]! || (i > 0 && next[i - 1]!)
          : i > 0 && reach[i - 1]! && (step._tag === "One" || step.char === chars[i - 1])
      )
    }
    reach = next
  }
  return reach[chars.length]!
}
