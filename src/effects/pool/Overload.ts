/**
 * When a queue is too long for what is behind it: borrowers who have waited too long are refused,
 * so that those who come later are still served in time.
 *
 * @category models
 */
export interface OverloadSettings {
  /** A wait that is fine, in milliseconds. */
  readonly target_ms: number
  /** How long every wait must be longer than that, in milliseconds, before any is refused. */
  readonly interval_ms: number
}

/**
 * Controlled delay: looks at the shortest wait of each interval.
 *
 * **Shape** overloaded once no borrower of a whole interval waited less than the target; then who
 * has waited for more than twice the target is shed, until an interval has a shorter wait again.
 * **Laws** a burst shorter than an interval sheds nobody; without waiting nobody is shed.
 * **Source** Nichols and Jacobson, "Controlling Queue Delay"; DBConnection `queue_target`.
 */
export class Overload {
  readonly settings: OverloadSettings
  #intervalEnds: number
  #shortest_ms = Infinity
  #isSlow = false

  constructor(settings: OverloadSettings, now: number) {
    this.settings = settings
    this.#intervalEnds = now + settings.interval_ms
  }

  /** Whether the one who waited for so long is to be shed instead of served. */
  sheds(waited_ms: number, now: number): boolean {
    const { interval_ms, target_ms } = this.settings
    if (now >= this.#intervalEnds) {
      this.#isSlow = this.#shortest_ms > target_ms && this.#shortest_ms !== Infinity
      this.#shortest_ms = waited_ms
      this.#intervalEnds = now + interval_ms
    } else if (waited_ms < this.#shortest_ms) this.#shortest_ms = waited_ms
    return this.#isSlow && waited_ms > 2 * target_ms
  }
}
