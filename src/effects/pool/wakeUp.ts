const due: Array<() => void> = []
let isRunning = false

/**
 * Wakes a fiber, or runs whatever else lets another's code in: one after another, in the order
 * given.
 *
 * **Laws** no step runs inside another: a thousand fibers of which each wakes the next stand side
 * by side, not on one another's stack. SQLite answers before it returns, so they would.
 */
export const wakeUp = (step: () => void): void => {
  due.push(step)
  if (isRunning) return
  isRunning = true
  try {
    for (let next = due.shift(); next !== undefined; next = due.shift()) next()
  } finally {
    isRunning = false
  }
}
