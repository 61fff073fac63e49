/**
 * One function or several, in the order they are called; of `{ once }` the first call alone.
 *
 * **Shape** once for each database that is opened with it.
 *
 * @category models
 */
export type Listed<F> = F | { readonly once: F } | ReadonlyArray<F | { readonly once: F }>

type AnyFunction<Args extends ReadonlyArray<unknown>, A> = (...args: Args) => A

const isList = <F>(given: Listed<F>): given is ReadonlyArray<F | { readonly once: F }> =>
  Array.isArray(given)

/** The functions in their order; one that was called already gives what `later` gives. */
export const listed = <Args extends ReadonlyArray<unknown>, A>(
  given: Listed<AnyFunction<Args, A>> | undefined,
  later: AnyFunction<Args, A>
): ReadonlyArray<AnyFunction<Args, A>> => {
  if (given === undefined) return []
  return (isList(given) ? given : [given]).map((one) => {
    if (typeof one === "function") return one
    let next = one.once
    return (...args) => {
      const now = next
      next = later
      return now(...args)
    }
  })
}
