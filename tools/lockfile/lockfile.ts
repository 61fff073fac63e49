import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../source/source.ts"

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, Locked>>
  readonly [field: string]: unknown
}

export const path = join(root, "package-lock.json")

export const readLockfile = (): Lockfile => JSON.parse(readFileSync(path, "utf8")) as Lockfile

/**
 * The lockfile as `npm ci` needs it on every machine. npm leaves out three things:
 *
 * - Binaries for other platforms that were not to be had where it ran. `npm ci` calls the
 *   lockfile incomplete without them; their versions are pinned by whoever depends on them.
 * - `gypfile: false` of a package that ships its binaries. Without it `npm ci` compiles them
 *   again, which needs Python and a C++ compiler.
 * - Nothing about where packages came from: addresses are for each machine to know.
 */
export const completed = (lockfile: Lockfile): Lockfile => {
  const packages = new Map<string, Locked>()
  for (const [place, { resolved: _, ...locked }] of Object.entries(lockfile.packages)) {
    packages.set(place, shipsBinaries(place) ? { ...locked, gypfile: false } : locked)
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      const inside = `${place}/node_modules/${name}`
      const shared = `node_modules/${name}`
      if (inside in lockfile.packages || shared in lockfile.packages) continue
      packages.set(shared, { version, dev: true, optional: true, ...platform(name) })
    }
  }
  const [rest, own] = [[...packages].filter(([place]) => place !== ""), packages.get("")!]
  rest.sort(([left], [right]) => (left < right ? -1 : 1))
  return { ...lockfile, packages: { "": own, ...Object.fromEntries(rest) } }
}

const shipsBinaries = (place: string): boolean => {
  const manifest = join(root, place, "package.json")
  if (place === "" || !existsSync(manifest)) return false
  const { gypfile } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly gypfile?: boolean }
  return gypfile === false
}

/** `@oxlint/binding-linux-arm64-musl` says where it runs. */
const platform = (name: string): Readonly<Record<string, ReadonlyArray<string>>> => {
  const [os = "", cpu = "", libc = ""] = name.replace(/^.*\/(binding-)?/, "").split("-")
  const system = { os: [os], cpu: [cpu] }
  if (os !== "linux" || libc === "") return system
  return { ...system, libc: [libc.startsWith("musl") ? "musl" : "glibc"] }
}
