import { posix } from "node:path"
import ts from "typescript-5.9"
import { lineOf, nodesOf, type Sources, type Violation } from "../source/source.ts"
import { codeLines, functionsOf } from "./lines.ts"

const limit = { fileLines: 500, functionLines: 70, lineColumns: 100 } as const

const bannedWords = new Set(
  ["util", "helper", "common", "misc", "manager", "data", "info", "process", "handle"].flatMap(
    (word) => [word, `${word}s`]
  )
)

const pure = /^src\/(algebra|compile|mapping)\//

type Report = (at: ts.Node | number, rule: string, message: string) => void

/** What style asks of every file on its own. Arrows between files are another check. */
export const checkTidy = (sources: Sources): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  for (const [file, tree] of sources) {
    const say: Report = (at, rule, message) => {
      const line = typeof at === "number" ? at : lineOf(tree, at)
      found.push({ file, line, rule, message })
    }
    checkName(file, say)
    checkUnfinished(tree, say)
    if (!file.startsWith("test/types/")) checkLines(tree, say)
    if (file.endsWith(".test.ts")) checkTests(tree, say)
    if (!file.startsWith("src/")) continue
    checkExportedNames(tree, say)
    for (const node of nodesOf(tree)) {
      checkNode(tree, node, say)
      if (pure.test(file)) checkPure(node, say)
    }
  }
  return found
}

const checkName = (file: string, say: Report): void => {
  const word = banned(posix.basename(file).split(".")[0] ?? "")
  if (word !== undefined) say(1, "word", `\`${word}\` in a file name says nothing`)
}

/** `rowInfo`, `RowInfo` and `row-info` are all the words row and info. */
const banned = (name: string): string | undefined =>
  name
    .split(/(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+/)
    .find((word) => bannedWords.has(word.toLowerCase()))

const unfinished = /\b(TO[D]O|FIX[M]E)\b/

const checkUnfinished = (tree: ts.SourceFile, say: Report): void => {
  tree.text.split("\n").forEach((line, index) => {
    const word = unfinished.exec(line)?.[0]
    if (word !== undefined) say(index + 1, "unfinished", `${word}: finish it or open an issue`)
    if (/@ts-(ignore|nocheck)/.test(line)) say(index + 1, "ts-ignore", "the compiler is right")
  })
}

const checkLines = (tree: ts.SourceFile, say: Report): void => {
  const lines = codeLines(tree)
  if (lines.size > limit.fileLines) {
    say(1, "file-size", `${lines.size} lines of code, at most ${limit.fileLines}`)
  }
  for (const { node, ownLines } of functionsOf(tree, lines)) {
    if (ownLines > limit.functionLines) {
      say(node, "function-size", `${ownLines} lines of its own, at most ${limit.functionLines}`)
    }
  }
  tree.text.split("\n").forEach((line, index) => {
    if (line.length > limit.lineColumns && !/https?:\/\//.test(line)) {
      say(index + 1, "line-width", `${line.length} columns, at most ${limit.lineColumns}`)
    }
  })
}

const checkTests = (tree: ts.SourceFile, say: Report): void => {
  for (const node of nodesOf(tree)) {
    if (!ts.isPropertyAccessExpression(node)) continue
    const subject = node.expression.getText(tree).split(".")[0] ?? ""
    const isTest = ["test", "it", "describe"].includes(subject)
    if (isTest && ["skip", "only", "todo"].includes(node.name.text)) {
      say(node, "test", `.${node.name.text} leaves tests out`)
    }
  }
}

const checkExportedNames = (tree: ts.SourceFile, say: Report): void => {
  for (const statement of tree.statements) {
    for (const [name, node] of exportedNames(statement)) {
      const word = banned(name)
      if (word !== undefined) say(node, "word", `\`${name}\`: \`${word}\` says nothing`)
    }
  }
}

const exportedNames = (statement: ts.Statement): ReadonlyArray<readonly [string, ts.Node]> => {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause
    if (clause === undefined) return []
    if (ts.isNamespaceExport(clause)) return [[clause.name.text, clause]]
    return clause.elements.map((element) => [element.name.text, element])
  }
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
  if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return []
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((one) => [one.name.getText(), one])
  }
  const { name } = statement as ts.Statement & { readonly name?: ts.Identifier }
  return name === undefined ? [] : [[name.text, statement]]
}

const checkNode = (tree: ts.SourceFile, node: ts.Node, say: Report): void => {
  if (node.kind === ts.SyntaxKind.AnyKeyword && !isQuestion(node)) {
    if (ts.isTypeReferenceNode(node.parent)) say(node, "any-argument", "anything fits here")
    else say(node, "any", "the type says nothing here")
  }
  if (ts.isPropertyAccessExpression(node) && node.expression.getText(tree) === "console") {
    say(node, "console", "a library writes to nobody's console")
  }
}

/** `X extends Statement<infer Row, any>` asks a question: nothing is typed by its wildcard. */
const isQuestion = (node: ts.Node): boolean => {
  let child = node
  let parent = node.parent
  if (!ts.isTypeReferenceNode(parent)) return false
  while (ts.isTypeNode(parent) && !ts.isConditionalTypeNode(parent)) {
    child = parent
    parent = parent.parent
  }
  return ts.isConditionalTypeNode(parent)
    ? parent.extendsType === child
    : ts.isTypeParameterDeclaration(parent) && parent.constraint === child
}

const impure = new Set([
  "Date.now",
  "Math.random",
  "performance.now",
  "crypto.randomUUID",
  "crypto.getRandomValues"
])
const impureCalls = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "fetch"
])

/** No clock, no randomness, no I/O; two permitted throws: bad statements and bad cells. */
const checkPure = (node: ts.Node, say: Report): void => {
  if (ts.isThrowStatement(node)) {
    const thrown = node.expression.getText().replace(/^new\s+/, "")
    const permitted = /^(\w+\.)?([sS]tatementError|DecodeRefused)\b/.test(thrown)
    if (!permitted) say(node, "throw", "only a StatementError or a DecodeRefused is thrown here")
  }
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText()
    if (impure.has(text)) say(node, "pure", `${text} gives another value each time`)
    if (text.startsWith("process.")) say(node, "pure", `${text} reads the world`)
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && !node.arguments?.length) {
    say(node, "pure", "`new Date()` reads the clock")
  }
  if (ts.isCallExpression(node) && impureCalls.has(node.expression.getText())) {
    say(node, "pure", `${node.expression.getText()} acts on the world`)
  }
}
