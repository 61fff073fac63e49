/**
 * At most `limit` values by text, the longest unused leaving first.
 *
 * **Shape** a hit costs a look-up and an assignment. When full, a quarter leaves at once.
 */
export class Recent<A> {
  readonly limit: number
  readonly drop: (value: A) => void
  private readonly entries = new Map<string, { readonly value: A; tick: number }>()
  private tick = 0
  private lastText: string | null = null
  private lastValue: A | null = null

  constructor(limit: number, drop: (value: A) => void) {
    this.limit = limit
    this.drop = drop
  }

  get(text: string): A | undefined {
    if (text === this.lastText) return this.lastValue!
    const entry = this.entries.get(text)
    if (entry === undefined) return undefined
    entry.tick = ++this.tick
    this.lastText = text
    this.lastValue = entry.value
    return entry.value
  }

  set(text: string, value: A): void {
    if (this.entries.size >= this.limit) this.evict()
    this.entries.set(text, { value, tick: ++this.tick })
  }

  delete(text: string): void {
    this.entries.delete(text)
    if (this.lastText === text) this.lastText = null
  }

  clear(): void {
    for (const [text, entry] of this.entries) {
      this.delete(text)
      this.drop(entry.value)
    }
  }

  private evict(): void {
    const oldest = [...this.entries].sort((a, b) => a[1].tick - b[1].tick)
    for (const [text, entry] of oldest.slice(0, Math.max(1, this.limit >> 2))) {
      this.delete(text)
      this.drop(entry.value)
    }
  }
}
