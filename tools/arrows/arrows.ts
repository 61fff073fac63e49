import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, posix } from "node:path"
import ts from "typescript-5.9"
import { lineOf, type Sources, type Violation } from "../source/source.ts"
import { type Import, importsOf } from "./imports.ts"

/** The import table of the design, as read from house.json. */
export interface House {
  readonly rooms: Readonly<Record<string, ReadonlyArray<string>>>
  readonly pureRooms: ReadonlyArray<string>
  readonly entries: ReadonlyArray<string>
  readonly pureEffectModules: ReadonlyArray<string>
  readonly drivers: ReadonlyArray<string>
  readonly driverRooms: ReadonlyArray<string>
  /** `module` allowed in `file`. An unstable one names the only entry that may reach it. */
  readonly exceptions: ReadonlyArray<{
    readonly file: string
    readonly module: string
    readonly entry?: string
    readonly reason: string
  }>
  /** Files whose types may refer to each other in a ring; a ring of values is never allowed. */
  readonly typeRings: ReadonlyArray<{
    readonly files: ReadonlyArray<string>
    readonly reason: string
  }>
}

interface File {
  readonly path: string
  /** Undefined for an entry file. */
  readonly room: string | undefined
  readonly tree: ts.SourceFile
  readonly imports: ReadonlyArray<Import>
}

type Report = (line: number, rule: string, message: string) => void

/** Everything that breaks the import table, in the sources below src/. */
export const checkArrows = (sources: Sources, house: House): ReadonlyArray<Violation> => {
  const files = new Map<string, File>()
  for (const [path, tree] of sources) {
    const [, room, inside] = path.split("/")
    files.set(path, {
      path,
      tree,
      imports: importsOf(tree),
      room: inside === undefined ? undefined : room
    })
  }
  const found: Array<Violation> = []
  for (const file of files.values()) {
    const say: Report = (line, rule, message) =>
      void found.push({ file: file.path, line, rule, message })
    checkPlace(file, house, say)
    checkDefaultExports(file, say)
    for (const imported of file.imports) {
      if (imported.specifier.startsWith(".")) checkOwn(file, imported, files, house, say)
      else checkForeign(file, imported, house, say)
    }
  }
  found.push(...cycles(files, house), ...checkBehindEntries(files, house))
  return found
}

const checkPlace = (file: File, house: House, say: Report): void => {
  const name = posix.basename(file.path, ".ts")
  if (file.room === undefined) {
    if (!house.entries.includes(name)) say(1, "entry", "is not in the list of entries")
  } else if (!(file.room in house.rooms)) say(1, "room", `there is no room \`${file.room}\``)
  else if (name === "index") say(1, "barrel", "src/index.ts is the only index")
}

const checkDefaultExports = ({ tree }: File, say: Report): void => {
  for (const statement of tree.statements) {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
    const isDefault =
      ts.isExportAssignment(statement) ||
      modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) ||
      (ts.isExportDeclaration(statement) &&
        statement.exportClause !== undefined &&
        ts.isNamedExports(statement.exportClause) &&
        statement.exportClause.elements.some(({ name }) => name.text === "default"))
    if (isDefault) say(lineOf(tree, statement), "default-export", "export it by name")
  }
}

/** An arrow between our own files. */
const checkOwn = (
  file: File,
  imported: Import,
  files: ReadonlyMap<string, File>,
  house: House,
  say: Report
): void => {
  const path = target(file, imported)
  const to = files.get(path)
  if (to === undefined) return say(imported.line, "unresolved", `no file ${path} in src`)
  if (file.room === undefined) return
  if (to.room === undefined) return say(imported.line, "barrel", `${path} is an entry`)
  if (isBarrel(to)) return say(imported.line, "barrel", `${path} only passes exports on`)
  if (
    imported.form === "export" &&
    imported.names === undefined &&
    !isNamespaceExport(file, imported)
  ) {
    say(imported.line, "barrel", "`export *` belongs in an entry")
  }
  const allowed = house.rooms[file.room] ?? []
  if (to.room !== file.room && !allowed.includes(to.room)) {
    const may = allowed.length === 0 ? "nothing of ours" : allowed.join(", ")
    say(imported.line, "arrow", `${file.room} may import ${may}, not ${to.room} (${path})`)
  }
}

const target = (file: File, { specifier }: Import): string =>
  posix.join(posix.dirname(file.path), specifier)

const isNamespaceExport = ({ tree }: File, imported: Import): boolean =>
  tree.statements.some(
    (statement) =>
      ts.isExportDeclaration(statement) &&
      lineOf(tree, statement) === imported.line &&
      statement.exportClause !== undefined &&
      ts.isNamespaceExport(statement.exportClause)
  )

/** A file that says nothing itself is for entries to import, not for its neighbours. */
const isBarrel = ({ tree }: File): boolean =>
  tree.statements.length > 0 &&
  tree.statements.every(
    (statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined
  )

/** An arrow to a package or to Node. */
const checkForeign = (file: File, imported: Import, house: House, say: Report): void => {
  const { specifier, line } = imported
  const pure = file.room !== undefined && house.pureRooms.includes(file.room)
  for (const module of modulesOf(imported)) {
    if (house.exceptions.some((one) => one.file === file.path && one.module === module)) continue
    if (module === "effect/*") {
      say(line, "effect-barrel", "import the modules of effect by name")
    } else if (module.startsWith("effect/")) {
      if (isUnstable(module)) say(line, "unstable", `${module} is marked unstable`)
      else if (pure && !house.pureEffectModules.includes(module.slice("effect/".length))) {
        say(line, "pure", `${file.room} has no Effect runtime: ${module} is not a module of values`)
      }
    } else if (module.startsWith("node:")) {
      if (pure) say(line, "pure", `${file.room} knows nothing of Node: ${module}`)
    } else if (!house.drivers.includes(module)) {
      say(line, "package", `${specifier} is not a dependency of the library`)
    } else if (!house.driverRooms.includes(file.room ?? "")) {
      say(line, "driver", `${specifier} belongs in ${house.driverRooms.join(", ")}`)
    }
  }
}

/** `import { Option, Effect } from "effect"` is an import of effect/Option and effect/Effect. */
const modulesOf = ({ specifier, names }: Import): ReadonlyArray<string> => {
  if (specifier !== "effect") return [specifier]
  return names === undefined ? ["effect/*"] : names.map((name) => `effect/${name}`)
}

const effectFolder = dirname(createRequire(import.meta.url).resolve("effect/package.json"))
const stability = new Map<string, boolean>()

/** Effect says it in the header of each module's source. A folder's index has none: unstable. */
const isUnstable = (module: string): boolean => {
  const known = stability.get(module)
  if (known !== undefined) return known
  const path = join(effectFolder, "src", `${module.slice("effect/".length)}.ts`)
  const header = existsSync(path) ? (readFileSync(path, "utf8").split("*/")[0] ?? "") : ""
  const unstable = !/@stability\s+stable/.test(header)
  stability.set(module, unstable)
  return unstable
}

/** Files with an unstable contact are reached from their own entry and from no other. */
const checkBehindEntries = (
  files: ReadonlyMap<string, File>,
  house: House
): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  for (const { file, module, entry } of house.exceptions) {
    const say = (message: string) =>
      void found.push({ file, line: 1, rule: "exception", message: `${module}: ${message}` })
    const used = files.get(file)?.imports.flatMap(modulesOf).includes(module) === true
    if (!used) say("the exception is not used")
    else if (isUnstable(module) && entry === undefined) say("an unstable module needs an entry")
    if (entry === undefined) continue
    for (const path of files.keys()) {
      const isEntry = files.get(path)?.room === undefined && path !== `src/${entry}.ts`
      if (isEntry && reachable(path, files).has(file)) say(`${path} reaches it too`)
    }
  }
  return found
}

const reachable = (from: string, files: ReadonlyMap<string, File>): ReadonlySet<string> => {
  const seen = new Set<string>()
  const pending = [from]
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    pending.push(...ownTargets(files.get(path), files))
  }
  return seen
}

const ownTargets = (
  file: File | undefined,
  files: ReadonlyMap<string, File>,
  counts: (imported: Import) => boolean = () => true
): ReadonlyArray<string> =>
  (file?.imports ?? [])
    .filter((imported) => imported.specifier.startsWith(".") && counts(imported))
    .map((imported) => target(file!, imported))
    .filter((path) => files.has(path))

/** One shortest way round for each file that can reach itself, each ring told once. */
const cycles = (files: ReadonlyMap<string, File>, house: House): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  const told = new Set<string>()
  for (const start of [...files.keys()].sort()) {
    if (told.has(start)) continue
    const ring = wayBack(start, (path) => arrowsOf(files.get(path), files, house))
    if (ring === undefined) continue
    for (const path of ring) told.add(path)
    const message = [...ring, start].join(" -> ")
    found.push({ file: start, line: 1, rule: "cycle", message })
  }
  return found
}

/** Type-only arrows count, save those between the files of one listed ring. */
const arrowsOf = (
  file: File | undefined,
  files: ReadonlyMap<string, File>,
  house: House
): ReadonlyArray<string> =>
  ownTargets(file, files, (imported) => {
    const pair = [file!.path, target(file!, imported)]
    const listed = house.typeRings.some((ring) => pair.every((path) => ring.files.includes(path)))
    return !(listed && imported.typeOnly)
  })

const wayBack = (
  start: string,
  next: (path: string) => ReadonlyArray<string>
): ReadonlyArray<string> | undefined => {
  const ways: Array<ReadonlyArray<string>> = [[start]]
  const seen = new Set<string>()
  for (const way of ways) {
    for (const path of next(way.at(-1)!)) {
      if (path === start) return way
      if (seen.has(path)) continue
      seen.add(path)
      ways.push([...way, path])
    }
  }
  return undefined
}

/** The oracle must not lean on what it judges: it may know the names of nodes, as types. */
export const checkOracle = (sources: Sources): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  for (const [file, tree] of sources) {
    for (const { specifier, typeOnly, line } of importsOf(tree)) {
      const path = posix.join(posix.dirname(file), specifier)
      const ours =
        specifier.startsWith("athanor") || (specifier.startsWith(".") && path.startsWith("src/"))
      if (ours && !(typeOnly && path.startsWith("src/algebra/"))) {
        const message = `the oracle may import types of src/algebra only, not ${specifier}`
        found.push({ file, line, rule: "oracle", message })
      }
    }
  }
  return found
}
