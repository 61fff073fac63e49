import * as DateTime from "effect/DateTime"

/** What Drizzle gives and takes on every database alike. */

interface PersonRow {
  readonly createdAt: Date
}

/** A moment is a `Date` there. */
export const asPeople = <Row extends PersonRow>(rows: ReadonlyArray<Row>) =>
  rows.map((row) => ({ ...row, createdAt: DateTime.makeUnsafe(row.createdAt) }))

interface Label {
  readonly id: number
  readonly name: string
}
interface Author {
  readonly articles: ReadonlyArray<{ readonly links: ReadonlyArray<{ readonly label: Label }> }>
}

/** Labels are behind the rows of their link table there. */
export const asGraph = (authors: ReadonlyArray<Author>) =>
  authors.map((author) => ({
    ...author,
    articles: author.articles.map(({ links, ...article }) => ({
      ...article,
      labels: links.map(({ label }) => label)
    }))
  }))

export const freshOrder = (at: number) => ({
  name: `fresh ${at}`,
  state: "new",
  total: at
})

export const linesOf = ({ id }: { readonly id: number }) => [
  { orderId: id, name: "first", count: 1 },
  { orderId: id, name: "second", count: 2 }
]
