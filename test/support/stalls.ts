const tick_ms = 5

/**
 * How long this program was itself too late, from the call on: what is left of a delay was not the
 * machine's fault. A timer's own coarseness is not counted.
 */
export const stalls = () => {
  let last = performance.now()
  let lost = 0
  const late = (): number => {
    const beyond = performance.now() - last - tick_ms
    return beyond > tick_ms ? beyond : 0
  }
  const timer = setInterval(() => {
    lost += late()
    last = performance.now()
  }, tick_ms)
  const stop = (): number => {
    clearInterval(timer)
    return lost + late()
  }
  return { stop }
}

/** How long something took, beyond what this program was itself too late. */
export const timed = async <A>(
  work: () => Promise<A>
): Promise<{ readonly value: A; readonly took_ms: number }> => {
  const { stop } = stalls()
  const startedAt = performance.now()
  const value = await work()
  const took_ms = performance.now() - startedAt
  return { value, took_ms: took_ms - stop() }
}
