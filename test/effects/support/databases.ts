import { afterAll, beforeAll } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Database } from "../../../src/effects/Database.ts"
import type { OpenSettings } from "../../../src/effects/open.ts"
import { type FreshDatabase, freshDatabase } from "../../support/databases.ts"
import { layerFor, type Name } from "./handmade.ts"

/** A database of the test file's own, opened anew by each test that provides the layer. */
export const useDatabase = (
  name: Name
): {
  readonly url: () => string
  readonly layer: (settings?: OpenSettings) => Layer.Layer<Database>
} => {
  let fresh: FreshDatabase | null = null
  beforeAll(async () => {
    fresh = name === "sqlite" ? null : await freshDatabase(name)
  })
  afterAll(() => fresh?.drop())
  const url = (): string => fresh?.url ?? ":memory:"
  return {
    url,
    layer: (settings) =>
      Layer.unwrap(Effect.sync(() => Layer.orDie(layerFor(name, url(), settings))))
  }
}
