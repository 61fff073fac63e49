import { posix } from "node:path"
import ts from "typescript-5.9"
import { lineOf, type Sources, type Violation } from "../source/source.ts"

interface Declared {
  readonly file: string
  readonly name: string
  /** Overloads, or a value and a type of one name: a comment on any of them will do. */
  readonly nodes: ReadonlyArray<ts.Node>
}

/** What is exported from the entries, wherever it is declared, must have a summary. */
export const checkSurface = (
  sources: Sources,
  entries: ReadonlyArray<string>
): { readonly violations: ReadonlyArray<Violation>; readonly count: number } => {
  const surface = new Map<string, Declared>()
  for (const entry of entries) {
    for (const one of declaredBy(entry, sources, new Set()))
      surface.set(`${one.file}#${one.name}`, one)
  }
  const violations = [...surface.values()]
    .filter(({ nodes }) => !nodes.some(hasSummary))
    .map(({ file, name, nodes }) => ({
      file,
      line: lineOf(sources.get(file)!, nodes[0]!),
      rule: "summary",
      message: `\`${name}\` is public and has no summary`
    }))
  return { violations, count: surface.size }
}

const hasSummary = (node: ts.Node): boolean => {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  return comments.some(({ comment }) => (ts.getTextOfJSDocComment(comment) ?? "").trim() !== "")
}

/** Every declaration a file exports, through whatever it passes on. */
const declaredBy = (file: string, sources: Sources, seen: Set<string>): ReadonlyArray<Declared> => {
  const tree = sources.get(file)
  if (tree === undefined || seen.has(file)) return []
  seen.add(file)
  return tree.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return passedOn(file, tree, statement, sources, seen)
    return isExported(statement) ? local(file, tree, namesOf(statement)) : []
  })
}

const passedOn = (
  file: string,
  tree: ts.SourceFile,
  statement: ts.ExportDeclaration,
  sources: Sources,
  seen: Set<string>
): ReadonlyArray<Declared> => {
  const { exportClause, moduleSpecifier } = statement
  const named =
    exportClause !== undefined && ts.isNamedExports(exportClause) ? exportClause : undefined
  const names = named?.elements.map((one) => (one.propertyName ?? one.name).text)
  if (moduleSpecifier === undefined) {
    return (names ?? []).flatMap((name) => fromImportOrLocal(file, tree, name, sources))
  }
  const from = resolve(file, moduleSpecifier)
  if (names === undefined) return declaredBy(from, sources, seen)
  return names.flatMap((name) => find(from, name, sources))
}

const resolve = (file: string, specifier: ts.Expression): string =>
  posix.join(posix.dirname(file), (specifier as ts.StringLiteral).text)

const find = (file: string, name: string, sources: Sources): ReadonlyArray<Declared> =>
  declaredBy(file, sources, new Set()).filter((one) => one.name === name)

/** `import * as Query from "./Query.ts"; export { Query }` shows all of Query.ts. */
const fromImportOrLocal = (
  file: string,
  tree: ts.SourceFile,
  name: string,
  sources: Sources
): ReadonlyArray<Declared> => {
  for (const statement of tree.statements) {
    if (!ts.isImportDeclaration(statement)) continue
    const bindings = statement.importClause?.namedBindings
    if (bindings === undefined) continue
    const from = resolve(file, statement.moduleSpecifier)
    if (ts.isNamespaceImport(bindings)) {
      if (bindings.name.text === name) return declaredBy(from, sources, new Set())
      continue
    }
    const element = bindings.elements.find((one) => one.name.text === name)
    if (element !== undefined)
      return find(from, (element.propertyName ?? element.name).text, sources)
  }
  return local(file, tree, [name])
}

const local = (
  file: string,
  tree: ts.SourceFile,
  names: ReadonlyArray<string>
): ReadonlyArray<Declared> =>
  names.map((name) => ({
    file,
    name,
    nodes: tree.statements.filter((statement) => namesOf(statement).includes(name))
  }))

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

const namesOf = (statement: ts.Statement): ReadonlyArray<string> => {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  }
  const { name } = statement as ts.Statement & { readonly name?: ts.Node }
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : []
}
