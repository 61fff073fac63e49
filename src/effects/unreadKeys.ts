import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

type Path = ReadonlyArray<string>

/** The keys with a value under a path, as one name each. */
const keysUnder = (
  provider: ConfigProvider.ConfigProvider,
  path: Path,
  name: string
): Effect.Effect<ReadonlyArray<string>, ConfigProvider.SourceError> =>
  Effect.flatMap(provider.load(path), (node) => {
    if (node === undefined) return Effect.succeed([])
    if (node._tag !== "Record") return Effect.succeed([name])
    const own = node.value === undefined ? [] : [name]
    const below = Effect.forEach(node.keys, (key) =>
      keysUnder(provider, [...path, key], `${name}_${key}`)
    )
    return Effect.map(below, (keys) => [...own, ...keys.flat()])
  })

/**
 * Tells of keys under a prefix that say nothing: `DATABASE_POOL_SZIE`. Others may share the prefix,
 * so that it is no error; and values are never told.
 *
 * **Shape** variables of the environment are found word by word, so that a prefix of two words is
 * looked up as one name and as its words.
 */
export const tellUnread = (prefix: string, known: ReadonlySet<string>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const provider = yield* ConfigProvider.ConfigProvider
    const paths = new Map([[prefix], prefix.split("_")].map((path) => [path.join("\u0000"), path]))
    // What cannot be read at all was told before.
    const found = yield* Effect.orElseSucceed(
      Effect.forEach(paths.values(), (path) => keysUnder(provider, path, prefix)),
      (): ReadonlyArray<ReadonlyArray<string>> => []
    )
    const unread = new Set(
      found.flat().filter((key) => key !== prefix && !known.has(key.slice(prefix.length + 1)))
    )
    if (unread.size === 0) return
    const names = [...unread].toSorted().join(", ")
    yield* Effect.logWarning(`athanor: no option of a database is read from ${names}`)
  })
