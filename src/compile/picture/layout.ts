/** Where boxes stand: in layers from left to right, each after those it refers to. */
export interface Layout {
  readonly places: ReadonlyArray<Place>
  /** Where a line crosses the layers between its boxes, from side to side. */
  readonly bends: ReadonlyArray<ReadonlyArray<Crossing>>
  readonly width: number
  readonly height: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Place {
  readonly x: number
  readonly y: number
  readonly layer: number
}

export interface Crossing {
  readonly left: number
  readonly right: number
  readonly y: number
}

export interface Arrow {
  readonly from: number
  readonly to: number
}

const gap = { layers: 90, boxes: 28, bends: 12, edge: 24 } as const

/** What stands in a layer: a box, or a line on its way through. */
interface Item {
  readonly layer: number
  readonly height: number
  readonly box: number | null
  y: number
  /** Items of the layers beside that a line goes to. */
  readonly before: Array<Item>
  readonly after: Array<Item>
}

/** The longest way from a box along arrows that close no ring. */
const layersOf = (count: number, arrows: ReadonlyArray<Arrow>): ReadonlyArray<number> => {
  const targets = Map.groupBy(arrows, ({ from }) => from)
  const layers = new Map<number, number>()
  const entered = new Set<number>()
  const layerOf = (box: number): number => {
    const known = layers.get(box)
    if (known !== undefined) return known
    // A ring: the box that was come from is taken to stand first.
    if (entered.has(box)) return -1
    entered.add(box)
    const below = (targets.get(box) ?? []).map(({ to }) => (to === box ? -1 : layerOf(to)))
    const layer = Math.max(-1, ...below) + 1
    layers.set(box, layer)
    return layer
  }
  return Array.from({ length: count }, (_, box) => layerOf(box))
}

/** Items of each layer, and for each arrow those it goes through. */
const itemsOf = (
  sizes: ReadonlyArray<Size>,
  arrows: ReadonlyArray<Arrow>,
  layers: ReadonlyArray<number>
) => {
  const boxes = sizes.map(({ height }, box): Item => ({
    layer: layers[box]!,
    height,
    box,
    y: 0,
    before: [],
    after: []
  }))
  const passing: Array<Item> = []
  const ways = arrows.map(({ from, to }) => {
    const [low, high] = layers[from]! < layers[to]! ? [from, to] : [to, from]
    const way: Array<Item> = []
    let last = boxes[low]!
    for (let layer = layers[low]! + 1; layer <= layers[high]!; layer++) {
      const isLast = layer === layers[high]!
      const next: Item = isLast
        ? boxes[high]!
        : { layer, height: 0, box: null, y: 0, before: [], after: [] }
      if (!isLast) {
        passing.push(next)
        way.push(next)
      }
      last.after.push(next)
      next.before.push(last)
      last = next
    }
    return low === to ? way.toReversed() : way
  })
  const columns: Array<Array<Item>> = []
  for (const item of [...boxes, ...passing]) (columns[item.layer] ??= []).push(item)
  return { boxes, ways, columns }
}

const middle = ({ height, y }: Item): number => y + height / 2

const between = (a: Item, b: Item): number =>
  a.box === null && b.box === null ? gap.bends : gap.boxes

/** Puts a layer's items one below the other, each as near as can be to where it is drawn. */
const settle = (column: Array<Item>, side: "before" | "after"): void => {
  const wish = new Map(
    column.map((item) => {
      const beside = item[side]
      if (beside.length === 0) return [item, middle(item)]
      return [item, beside.reduce((sum, one) => sum + middle(one), 0) / beside.length]
    })
  )
  column.sort((a, b) => wish.get(a)! - wish.get(b)!)
  stack(column, wish)
}

/** Items that touch move together, so that their wishes are met on the whole. */
const stack = (column: ReadonlyArray<Item>, wish: ReadonlyMap<Item, number>): void => {
  interface Block {
    readonly items: Array<Item>
    readonly offsets: Array<number>
    top: number
    height: number
  }
  const blocks: Array<Block> = []
  const topOf = ({ items, offsets }: Block): number =>
    items.reduce((sum, item, at) => sum + wish.get(item)! - item.height / 2 - offsets[at]!, 0) /
    items.length
  for (const item of column) {
    let block: Block = { items: [item], offsets: [0], top: 0, height: item.height }
    block.top = topOf(block)
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      const space = between(last.items.at(-1)!, block.items[0]!)
      if (last.top + last.height + space <= block.top) break
      const shift = last.height + space
      last.items.push(...block.items)
      last.offsets.push(...block.offsets.map((offset) => offset + shift))
      last.height = shift + block.height
      last.top = topOf(last)
      block = last
      blocks.pop()
    }
    blocks.push(block)
  }
  for (const { items, offsets, top } of blocks)
    items.forEach((item, at) => (item.y = top + offsets[at]!))
}

/** Boxes without lines, in rows below the others. */
const placedBelow = (
  sizes: ReadonlyArray<Size>,
  alone: ReadonlyArray<number>,
  top: number,
  width: number
): ReadonlyMap<number, Place> => {
  const places = new Map<number, Place>()
  let [x, y, tallest] = [gap.edge, top, 0]
  for (const box of alone) {
    const size = sizes[box]!
    if (x > gap.edge && x + size.width > width) {
      x = gap.edge
      y += tallest + gap.boxes
      tallest = 0
    }
    places.set(box, { x, y, layer: 0 })
    x += size.width + gap.boxes
    tallest = Math.max(tallest, size.height)
  }
  return places
}

/**
 * Places for boxes of given sizes, those that arrows lead to on the left.
 *
 * **Laws** no two boxes overlap; the same input has the same layout.
 * **Source** Sugiyama, Tagawa, Toda 1981; the order within a layer by barycentres.
 */
export const layoutOf = (sizes: ReadonlyArray<Size>, arrows: ReadonlyArray<Arrow>): Layout => {
  const joined = new Set(arrows.flatMap(({ from, to }) => (from === to ? [] : [from, to])))
  const alone = sizes.map((_, box) => box).filter((box) => !joined.has(box))
  const linked = sizes.map((_, box) => box).filter((box) => joined.has(box))
  const numbers = new Map(linked.map((box, at) => [box, at]))
  const inner = arrows.map(({ from, to }) =>
    from === to ? null : { from: numbers.get(from)!, to: numbers.get(to)! }
  )
  const crossing = inner.filter((arrow) => arrow !== null)
  const { boxes, columns, ways } = itemsOf(
    linked.map((box) => sizes[box]!),
    crossing,
    layersOf(linked.length, crossing)
  )
  for (const column of columns) stack(column, new Map(column.map((item, at) => [item, at])))
  for (let round = 0; round < 12; round++) {
    for (const column of columns.slice(1)) settle(column, "before")
    for (const column of columns.slice(0, -1).toReversed()) settle(column, "after")
  }
  const all = columns.flat()
  const top = Math.min(0, ...all.map(({ y }) => y)) - gap.edge
  const bottom = Math.max(0, ...all.map(({ height, y }) => y + height)) - top
  const widths = columns.map((column) =>
    Math.max(0, ...column.map(({ box }) => (box === null ? 0 : sizes[linked[box]!]!.width)))
  )
  const starts = widths.map(
    (_, at) => gap.edge + widths.slice(0, at).reduce((sum, one) => sum + one + gap.layers, 0)
  )
  const right = Math.max(600, (starts.at(-1) ?? 0) + (widths.at(-1) ?? 0))
  const below = placedBelow(
    sizes,
    alone,
    linked.length === 0 ? gap.edge : bottom + gap.boxes,
    right
  )
  const places = sizes.map((_, box): Place => {
    const number = numbers.get(box)
    if (number === undefined) return below.get(box)!
    const item = boxes[number]!
    return { x: starts[item.layer]!, y: item.y - top, layer: item.layer }
  })
  let at = 0
  return {
    places,
    bends: inner.map((arrow) =>
      arrow === null
        ? []
        : ways[at++]!.map(({ layer, y }) => ({
            left: starts[layer]!,
            right: starts[layer]! + widths[layer]!,
            y: y - top
          }))
    ),
    width: Math.max(...places.map(({ x }, box) => x + sizes[box]!.width), 0) + gap.edge,
    height: Math.max(...places.map(({ y }, box) => y + sizes[box]!.height), 0) + gap.edge
  }
}
