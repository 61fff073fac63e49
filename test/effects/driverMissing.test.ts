import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>
}

const { peerDependencies } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8")
) as Manifest

/** Runs where a package cannot be resolved, as if it were not installed. */
const without = (name: string, program: string): unknown =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        "--conditions=athanor-source",
        "--input-type=module",
        "--eval",
        `import { registerHooks } from "node:module"
         registerHooks({ resolve: (specifier, context, next) => {
           if (specifier === "${name}") throw new Error("Cannot find package")
           return next(specifier, context)
         } })
         ${program}`
      ],
      { encoding: "utf8" }
    )
  )

describe("a driver's package", () => {
  const layers = {
    "better-sqlite3": ["sqlite", "Sqlite", "{}"],
    pg: ["postgres", "Postgres", '{ database: "d", user: "u" }'],
    mysql2: ["mysql", "Mysql", '{ database: "d", user: "u" }']
  } as const

  test("that is missing is named, with the versions accepted [F2.5 @all]", () => {
    for (const [name, [entry, namespace, options]] of Object.entries(layers)) {
      const told = without(
        name,
        `const { Effect, Layer } = await import("effect")
         const { ${namespace} } = await import("athanor/${entry}")
         const build = Effect.scoped(Layer.build(${namespace}.layer(${options})))
         const error = await Effect.runPromise(Effect.flip(build))
         const { _tag, message, package: name, versions } = error
         console.log(JSON.stringify({ _tag, message, name, versions }))`
      ) as { readonly message: string }
      const versions = peerDependencies[name]!
      expect(told).toMatchObject({ _tag: "DriverMissing", name, versions })
      expect(told.message).toContain(name)
      expect(told.message).toContain(versions)
      expect(told.message).not.toContain("\n")
    }
  })
})
