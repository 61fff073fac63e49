import { expect, test } from "vitest"
import { completed, type Lockfile, readLockfile } from "../../tools/lockfile/lockfile.ts"

test("the lockfile is complete: otherwise run `npm run lockfile`", () => {
  const lockfile = readLockfile()
  expect(completed(lockfile)).toEqual(lockfile)
})

test("what npm leaves out is put in, and where packages came from is left out", () => {
  const name = "@tool/binding-linux-arm64-musl"
  const lockfile: Lockfile = {
    packages: {
      "": { version: "1.0.0" },
      "node_modules/tool": { optionalDependencies: { [name]: "2.0.0" }, resolved: "somewhere" },
      "node_modules/better-sqlite3": { version: "13.2.0" }
    }
  }
  const { packages } = completed(lockfile)
  expect(packages["node_modules/tool"]).not.toHaveProperty("resolved")
  expect(packages["node_modules/better-sqlite3"]).toHaveProperty("gypfile", false)
  const added = packages[`node_modules/${name}`]
  expect(added).toMatchObject({ version: "2.0.0", os: ["linux"], cpu: ["arm64"], libc: ["musl"] })
})
