import ts from "typescript-5.9"
import { lineOf, nodesOf } from "../source/source.ts"

/** The lines that hold a token: comments and blank lines are free. */
export const codeLines = (tree: ts.SourceFile): ReadonlySet<number> => {
  const lines = new Set<number>()
  for (const node of nodesOf(tree)) {
    if (node === tree || ts.isJSDoc(node)) continue
    if (node.getChildCount(tree) > 0 && !ts.isTemplateExpression(node)) {
      lines.add(lineOf(tree, node.getEnd() - 1)) // closing brackets are no nodes of their own
    }
    lines.add(lineOf(tree, node))
  }
  return lines
}

/** A function and its lines of code, those of functions inside it not counted. */
export interface FunctionLines {
  readonly node: ts.Node
  readonly ownLines: number
}

export const functionsOf = (
  tree: ts.SourceFile,
  lines: ReadonlySet<number>
): ReadonlyArray<FunctionLines> => {
  const functions = [...nodesOf(tree)].filter(isFunctionWithBody)
  return functions.map((node) => {
    const inner = functions.filter((other) => other !== node && isInside(other, node))
    const own = span(tree, node).filter(
      (line) => lines.has(line) && !inner.some((other) => isBodyLine(tree, other, line))
    )
    return { node, ownLines: own.length }
  })
}

const isFunctionWithBody = (node: ts.Node): boolean =>
  ts.isFunctionLike(node) && "body" in node && node.body !== undefined

const isInside = (node: ts.Node, outer: ts.Node): boolean =>
  node.pos >= outer.pos && node.end <= outer.end

const span = (tree: ts.SourceFile, node: ts.Node): ReadonlyArray<number> => {
  const first = lineOf(tree, node)
  const last = lineOf(tree, node.getEnd() - 1)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

const isBodyLine = (tree: ts.SourceFile, node: ts.Node, line: number): boolean =>
  line > lineOf(tree, node) && line <= lineOf(tree, node.getEnd() - 1)
