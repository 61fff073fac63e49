/** Names in groups, of which there are fewer the more is known to speak of several of them. */
export interface Groups {
  /** All these are of one group; names that nobody asked about may lead from one to another. */
  readonly connect: (names: ReadonlyArray<string>) => void
  readonly isWhole: () => boolean
  readonly lists: () => ReadonlyArray<ReadonlyArray<string>>
}

/** Each name a group of its own, until what connects them is told. */
export const groupsOfEach = (names: ReadonlyArray<string>): Groups => {
  const places = new Map<string, number>()
  /** The place of another of its group, or its own, which then stands for the group. */
  const leads: Array<number> = []
  /** Whether a group has one of the names, told of the one that stands for it. */
  const asked: Array<boolean> = []
  const placeOf = (name: string, isAsked: boolean): number => {
    let place = places.get(name)
    if (place === undefined) {
      places.set(name, (place = leads.length))
      leads.push(place)
      asked.push(isAsked)
    }
    return place
  }
  for (const name of names) placeOf(name, true)
  let left = leads.length
  const groupOf = (place: number): number => {
    let at = place
    // Asked again it is half as far, however long the chain was.
    while (leads[at] !== at) at = leads[at] = leads[leads[at]!]!
    return at
  }
  const connect: Groups["connect"] = (some) => {
    for (let i = 1; i < some.length; i++) {
      const one = groupOf(placeOf(some[0]!, false))
      const other = groupOf(placeOf(some[i]!, false))
      if (one === other) continue
      if (asked[one]! && asked[other]!) left--
      asked[one] ||= asked[other]!
      leads[other] = one
    }
  }
  const lists: Groups["lists"] = () => {
    const found = new Map<number, Array<string>>()
    for (const name of names) {
      const group = groupOf(placeOf(name, true))
      const list = found.get(group)
      if (list === undefined) found.set(group, [name])
      else list.push(name)
    }
    return [...found.values()]
  }
  return { connect, isWhole: () => left === 1, lists }
}
