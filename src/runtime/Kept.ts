/**
 * A map as a value, at the price of a plain one.
 *
 * **Shape** what is written changes the newest value in place, so only that one may
 * be asked, unless one is `kept`. Then what is written later goes into a layer above it, and layers
 * are folded into those above that have grown to half their size: layers, and copies of one entry,
 * are as many as the logarithm of entries.
 * **Laws** a kept value stays equal to a plain map of the same writes.
 */
export class Kept<K, V extends object> {
  /** Null: there is nothing under this id, whatever the layers below say. */
  readonly #own = new Map<K, V | null>()
  #below: Kept<K, V> | null
  #isKept = false
  /** Whether nulls may be among its own. */
  #hidesSome = false

  constructor(below: Kept<K, V> | null = null) {
    this.#below = below
  }

  get(id: K): V | undefined {
    const found = this.#own.get(id)
    if (found !== undefined) return found ?? undefined
    return this.#below === null ? undefined : this.#below.get(id)
  }

  has(id: K): boolean {
    return this.get(id) !== undefined
  }

  /** With this under an id; null where nothing is to be there. */
  with(id: K, value: V | null): Kept<K, V> {
    const top = this.#isKept ? new Kept(this.#own.size === 0 ? this.#below : this) : this
    if (value === null && top.#below === null) top.#own.delete(id)
    else {
      top.#own.set(id, value)
      top.#hidesSome ||= value === null
    }
    return top
  }

  /** From now on this value stays as it is. */
  kept(): this {
    if (this.#isKept) return this
    this.#isKept = true
    let below = this.#below
    while (below !== null && below.#own.size <= 2 * this.#own.size) {
      for (const [id, value] of below.#own) if (!this.#own.has(id)) this.#own.set(id, value)
      this.#hidesSome ||= below.#hidesSome
      below = below.#below
    }
    this.#below = below
    if (below === null && this.#hidesSome) {
      for (const [id, value] of this.#own) if (value === null) this.#own.delete(id)
      this.#hidesSome = false
    }
    return this
  }

  isEmpty(): boolean {
    if (this.#below === null && !this.#hidesSome) return this.#own.size === 0
    return this[Symbol.iterator]().next().done === true
  }

  values(): Iterable<V> {
    // One layer without nulls is the plain map it is kept in.
    if (this.#below === null && !this.#hidesSome) return this.#own.values() as Iterable<V>
    return Array.from(this, ([, value]) => value)
  }

  *[Symbol.iterator](): Generator<readonly [K, V], undefined> {
    const above: Array<Kept<K, V>> = []
    for (const layer of this.#layers()) {
      for (const [id, value] of layer.#own)
        if (value !== null && !above.some((other) => other.#own.has(id))) yield [id, value]
      above.push(layer)
    }
  }

  #layers(): ReadonlyArray<Kept<K, V>> {
    if (this.#below === null) return [this]
    return [this, ...this.#below.#layers()]
  }
}
