import { type DialectName, dialectNames } from "../../src/algebra/Dialect.ts"

/** One checkable statement about a feature, and the databases on which it must hold. */
export interface Facet {
  readonly id: string
  readonly on: ReadonlyArray<DialectName>
  /** Says nothing about a server, so one test can prove it for every database. */
  readonly pure: boolean
  readonly says: string
}

export interface Feature {
  readonly id: string
  readonly name: string
  readonly facets: ReadonlyArray<Facet>
}

export interface Section {
  readonly id: string
  readonly title: string
  readonly features: ReadonlyArray<Feature>
}

/** A facet, or a whole feature, that one database cannot give and answers with `Unsupported`. */
export interface ListedRefusal {
  /** A facet's id, or a feature's for all its facets. */
  readonly of: string
  readonly on: DialectName
  readonly capability: string
  readonly reason: string
  /** The page of the server's manual that shows it. */
  readonly manual: string
  /** Refused only by servers older than this version. The cell counts the newest server. */
  readonly before?: string
}

export interface Scorebook {
  /** Databases on which statements are printed and compared, while no server runs them. */
  readonly printedOnly: ReadonlyArray<DialectName>
  readonly sections: ReadonlyArray<Section>
  readonly refusals: ReadonlyArray<ListedRefusal>
}

/** `all` holds the tests that prove a pure facet for every database at once. */
export type Target = DialectName | "all"
export type Proofs = { readonly [T in Target]?: ReadonlyArray<string> }
/** Facet id to database to the names of the passed tests. */
export type Proven = Readonly<Record<string, Proofs>>

export const targets: ReadonlyArray<Target> = ["all", ...dialectNames]

export const featuresOf = (book: Scorebook): ReadonlyArray<Feature> =>
  book.sections.flatMap((section) => section.features)

export const facetsById = (book: Scorebook): ReadonlyMap<string, Facet> =>
  new Map(
    featuresOf(book)
      .flatMap((feature) => feature.facets)
      .map((facet) => [facet.id, facet])
  )

/** The feature a facet belongs to: `F52.3` to `F52`. A feature's id stays itself. */
export const featureIdOf = (id: string): string => id.split(".")[0] ?? id

/** Whether the newest server of this database refuses the facet. */
export const isRefused = (book: Scorebook, facet: Facet, database: DialectName): boolean =>
  book.refusals.some(
    (refusal) =>
      refusal.on === database &&
      refusal.before === undefined &&
      (refusal.of === facet.id || refusal.of === featureIdOf(facet.id))
  )

/** A facet is proven on a database by a test that ran there, or by one that stands for all. */
export const testsFor = (
  proven: Proven,
  facet: Facet,
  database: DialectName
): ReadonlyArray<string> => [
  ...(proven[facet.id]?.[database] ?? []),
  ...(proven[facet.id]?.all ?? [])
]
