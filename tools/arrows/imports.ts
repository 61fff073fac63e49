import ts from "typescript-5.9"
import { lineOf, nodesOf } from "../source/source.ts"

/** One module named by another, in whatever form. */
export interface Import {
  readonly specifier: string
  readonly line: number
  readonly form: "import" | "export" | "import type()" | "import()" | "require" | "augmentation"
  /** Erased before the program runs. It is an arrow all the same. */
  readonly typeOnly: boolean
  /** What is taken by name; undefined when the whole module is. */
  readonly names: ReadonlyArray<string> | undefined
}

/** Every form in which a file can depend on another, type-only forms included. */
export const importsOf = (tree: ts.SourceFile): ReadonlyArray<Import> => {
  const found: Array<Import> = []
  for (const node of nodesOf(tree)) {
    const read = readImport(node)
    if (read !== undefined) found.push({ line: lineOf(tree, node), ...read })
  }
  return found
}

type Read = Omit<Import, "line">

const readImport = (node: ts.Node): Read | undefined => {
  if (ts.isImportDeclaration(node)) return readDeclaration(node)
  if (ts.isExportDeclaration(node)) return readReexport(node)
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const name = node.qualifier?.getText().split(".")[0]
    const names = name === undefined ? undefined : [name]
    return whole(node.argument.literal, "import type()", true, names)
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return whole(node.moduleReference.expression, "require", node.isTypeOnly)
  }
  if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) {
    return whole(node.name, "augmentation", true)
  }
  return ts.isCallExpression(node) ? readCall(node) : undefined
}

const readCall = (node: ts.CallExpression): Read | undefined => {
  const { expression } = node
  if (expression.kind === ts.SyntaxKind.ImportKeyword) {
    return whole(node.arguments[0], "import()", false)
  }
  const require = ts.isIdentifier(expression) && expression.text === "require"
  return require ? whole(node.arguments[0], "require", false) : undefined
}

const readDeclaration = (node: ts.ImportDeclaration): Read => {
  const clause = node.importClause
  const bindings = clause?.namedBindings
  const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings : undefined
  const typeOnly =
    clause?.isTypeOnly === true ||
    (named !== undefined && clause?.name === undefined && everyType(named.elements))
  return whole(node.moduleSpecifier, "import", typeOnly, namesOf(named?.elements))
}

const readReexport = (node: ts.ExportDeclaration): Read | undefined => {
  if (node.moduleSpecifier === undefined) return undefined
  const { exportClause } = node
  const named =
    exportClause !== undefined && ts.isNamedExports(exportClause) ? exportClause : undefined
  const typeOnly = node.isTypeOnly || (named !== undefined && everyType(named.elements))
  return whole(node.moduleSpecifier, "export", typeOnly, namesOf(named?.elements))
}

type Specifiers = ReadonlyArray<ts.ImportSpecifier | ts.ExportSpecifier>

const everyType = (elements: Specifiers): boolean =>
  elements.length > 0 && elements.every(({ isTypeOnly }) => isTypeOnly)

const namesOf = (elements: Specifiers | undefined): ReadonlyArray<string> | undefined =>
  elements?.map((element) => (element.propertyName ?? element.name).text)

/** A specifier that is not a literal is reported as `?`: it can be checked by nobody. */
const whole = (
  specifier: ts.Node | undefined,
  form: Import["form"],
  typeOnly: boolean,
  names?: ReadonlyArray<string>
): Read => {
  const text = specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : "?"
  return { specifier: text, form, typeOnly, names }
}
