/** Words that name nothing in a module, and names a module has for something else. */
const taken = new Set(
  (
    "abstract arguments as async await boolean break case catch class const constructor continue " +
    "debugger declare default delete do else enum eval export exports extends false finally for " +
    "from function get global globalThis if implements import in infer Infinity instanceof " +
    "interface is keyof let module NaN namespace never new null number object of package private " +
    "protected public readonly require return set static string super switch symbol then this " +
    "throw true try type typeof undefined unique unknown var void while with yield any bigint " +
    "Object Promise Reflect Symbol"
  ).split(" ")
)

/**
 * Letters every compiler knows for such: Latin, Greek, Cyrillic, kana, ideographs, hangul. Later
 * editions of Unicode have more, and compilers follow them at their own pace.
 */
const letter =
  "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0391-\u03a1\u03a3-\u03ce" +
  "\u0400-\u0481\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3"
const identifier = new RegExp(`^[${letter}][${letter}0-9]*$`)
const foreign = new RegExp(`[^${letter}0-9]`, "gu")

const isIdentifier = (text: string): boolean => identifier.test(text)

/** The name with `_` for what no identifier holds. */
const simple = (name: string, reserved: ReadonlySet<string>): string => {
  const word = name.replaceAll(foreign, "_")
  return taken.has(word) || reserved.has(word) || !isIdentifier(word) ? `_${word}` : word
}

/** What `simple` takes for the same is told apart: the numbers of those characters. */
const exact = (name: string, reserved: ReadonlySet<string>): string => {
  const word = name.replaceAll(
    foreign,
    (character) => `$${character.codePointAt(0)!.toString(16)}$`
  )
  return taken.has(word) || reserved.has(word) || /^\d/.test(word) ? `$${word}` : word
}

/**
 * An identifier for each name.
 *
 * **Laws** two names never have one identifier; a name's own depends on those only that would read
 * the same.
 */
export const identifiersOf = (
  names: ReadonlyArray<string>,
  reserved: ReadonlySet<string>
): ReadonlyMap<string, string> => {
  const groups = Map.groupBy(names, (name) => simple(name, reserved))
  return new Map(
    names.map((name) => {
      const word = simple(name, reserved)
      return [name, groups.get(word)!.length === 1 ? word : exact(name, reserved)]
    })
  )
}

/** A name that is not taken: as asked, or with the first number that is free. */
export const distinct = (wanted: string, isTaken: (name: string) => boolean): string => {
  let name = wanted
  for (let number = 2; isTaken(name); number++) name = `${wanted}${number}`
  return name
}

/** The name of a class, which no two have. */
export const classNamed = (
  wanted: string,
  others: ReadonlySet<string>,
  reserved: ReadonlySet<string>
): string => distinct(simple(wanted, reserved), (one) => others.has(one))

/** The name as that of a member, which may be a word of the language. */
export const asMember = (name: string): string => {
  const word = name.replaceAll(foreign, "_")
  return isIdentifier(word) ? word : `_${word}`
}

/** Whether an object keeps a property of this name where it is put, as its own. */
const isKept = (name: string): boolean => name !== "__proto__" && !/^(?:0|[1-9]\d*)$/.test(name)

/** A column's key by its name: the same, but where objects take that for something else. */
export const columnKeysOf = (names: ReadonlyArray<string>): ReadonlyMap<string, string> => {
  const known = new Set(names)
  return new Map(
    names.map((name) => {
      let key = name
      while (!isKept(key) || (key !== name && known.has(key))) key = `$${key}`
      return [name, key]
    })
  )
}

/** How a property of an object is read. */
export const memberOf = (object: string, key: string, quote: (text: string) => string): string =>
  isIdentifier(key) ? `${object}.${key}` : `${object}[${quote(key)}]`

/** How a property stands in an object. */
export const keyIn = (key: string, quote: (text: string) => string): string =>
  isIdentifier(key) ? key : quote(key)
