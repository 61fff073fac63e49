import { inspect, isDeepStrictEqual } from "node:util"
import ts from "typescript-5.9"
import { lineOf, nodesOf, parse } from "../source/source.ts"

/** A line `expression // => value`: what it shows is compared with what it says. */
export interface Observation {
  readonly line: number
  readonly expected: string
}

/** The program, each observed expression handed to `athanorObserve`. */
export const withObservations = (
  text: string
): { readonly text: string; readonly observations: ReadonlyArray<Observation> } => {
  const tree = parse("block.ts", text)
  const edits: Array<{ readonly start: number; readonly end: number; readonly text: string }> = []
  const observations = observationsOf(text)
  for (const observation of observations) {
    const statement = statementEndingOn(tree, observation.line)
    if (statement === undefined) continue
    const [expression, isWhole] = observed(statement)
    const call = observeCall(expression.getText(tree), observation)
    const [start, end] = isWhole
      ? [expression.getStart(tree), expression.getEnd()]
      : [statement.getEnd(), statement.getEnd()]
    edits.push({ start, end, text: isWhole ? call : `;${call}` })
  }
  edits.sort((left, right) => right.start - left.start)
  const edited = edits.reduce(
    (all, edit) => all.slice(0, edit.start) + edit.text + all.slice(edit.end),
    text
  )
  return { text: edited, observations }
}

/** What is said is compared as a value if it is an expression, and as text in any case. */
const observeCall = (shown: string, { expected, line }: Observation): string => {
  const isExpression = syntaxHolds(`(${expected})`)
  const value = isExpression ? `() => (${expected})` : "undefined"
  return `globalThis.athanorObserve((${shown}), ${value}, ${JSON.stringify(expected)}, ${line})`
}

const syntaxHolds = (text: string): boolean => {
  const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true })
  return diagnostics === undefined || diagnostics.length === 0
}

/** `// =>` at the end of a line; comment lines after it, indented further, belong to it. */
const observationsOf = (text: string): ReadonlyArray<Observation> => {
  const lines = text.split("\n")
  return lines.flatMap((line, index) => {
    const first = /\/\/ => ?(.*)$/.exec(line)?.[1]
    if (first === undefined) return []
    const more: Array<string> = []
    for (let next = index + 1; /^\s*\/\/ {2,}\S/.test(lines[next] ?? ""); next += 1) {
      more.push(lines[next]!.trim().slice(2).trim())
    }
    return [{ line: index + 1, expected: [first, ...more].join("\n").trim() }]
  })
}

type Observable = ts.ExpressionStatement | ts.VariableStatement

const statementEndingOn = (tree: ts.SourceFile, line: number): Observable | undefined => {
  for (const node of nodesOf(tree)) {
    const observable = ts.isExpressionStatement(node) || ts.isVariableStatement(node)
    const ends = lineOf(tree, node.getEnd()) === line
    const inner = ends && observable && !containsStatementEndingOn(tree, node, line)
    if (inner) return node
  }
  return undefined
}

/** `Effect.runSync(Effect.gen(function* () { ... }))` ends where an inner statement may end too. */
const containsStatementEndingOn = (tree: ts.SourceFile, node: ts.Node, line: number): boolean =>
  [...nodesOf(node)].some(
    (inner) =>
      inner !== node &&
      (ts.isExpressionStatement(inner) || ts.isVariableStatement(inner)) &&
      lineOf(tree, inner.getEnd()) === line
  )

/** What a statement shows: its value, the value it names, or what it writes to the console. */
const observed = (statement: Observable): readonly [expression: ts.Node, isWhole: boolean] => {
  if (ts.isVariableStatement(statement)) {
    return [statement.declarationList.declarations.at(-1)!.name, false]
  }
  const { expression } = statement
  const isLog =
    ts.isCallExpression(expression) &&
    expression.expression.getText() === "console.log" &&
    expression.arguments.length === 1
  return isLog ? [expression.arguments[0]!, false] : [expression, true]
}

/** Equal as a value, or as Node prints it; a string also as it stands. */
export const agrees = (
  actual: unknown,
  expected: (() => unknown) | undefined,
  text: string
): boolean => {
  if (expected !== undefined) {
    try {
      if (isDeepStrictEqual(actual, expected())) return true
    } catch {
      // not an expression after all: `Some(1)` parses, and Some is nobody's name
    }
  }
  return squeezed(shown(actual)) === squeezed(text) || squeezed(String(actual)) === squeezed(text)
}

export const shown = (value: unknown): string =>
  inspect(value, { depth: 20, sorted: false, breakLength: 100, maxArrayLength: 200 })

const squeezed = (text: string): string => text.replaceAll(/\s+/g, " ").trim()
