import ts from "typescript-5.9"
import { lineOf, nodesOf } from "../source/source.ts"

/** A program found in a page or in a doc comment. */
export interface Block {
  readonly file: string
  /** The lines of `text`, each with the line of `file` it came from. */
  readonly lines: ReadonlyArray<{ readonly text: string; readonly at: number }>
  /** ```` ```ts no-run ````: type-checked and left at that. */
  readonly runs: boolean
}

/**
 * The fenced `ts` blocks of a page. ```` ```ts continued ```` has all that went before it in
 * scope, back to the last block that stands alone.
 */
export const blocksOfPage = (file: string, text: string): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  const lines = text.split("\n")
  for (let index = 0; index < lines.length; index += 1) {
    const fence = /^(\s*)```ts\b(.*)$/.exec(lines[index]!)
    if (fence === null) continue
    const [, margin = "", words = ""] = fence
    const inside: Array<Block["lines"][number]> = []
    for (index += 1; index < lines.length && lines[index]!.trim() !== "```"; index += 1) {
      inside.push({ text: withoutMargin(lines[index]!, margin.length), at: index + 1 })
    }
    const before = /\bcontinued\b/.test(words) ? (blocks.at(-1)?.lines ?? []) : []
    blocks.push({ file, lines: [...before, ...inside], runs: !/\bno-run\b/.test(words) })
  }
  return blocks
}

const withoutMargin = (line: string, width: number): string =>
  line.slice(0, width).trim() === "" ? line.slice(width) : line

/** The `@example` programs in the doc comments of a source file, fenced or bare. */
export const blocksOfSource = (file: string, tree: ts.SourceFile): ReadonlyArray<Block> => {
  const comments = new Map<number, ts.JSDoc>()
  for (const node of nodesOf(tree)) {
    for (const comment of ts.getJSDocCommentsAndTags(node)) {
      if (ts.isJSDoc(comment)) comments.set(comment.pos, comment)
    }
  }
  return [...comments.values()].flatMap((comment) => blocksOfComment(file, tree, comment))
}

const blocksOfComment = (
  file: string,
  tree: ts.SourceFile,
  comment: ts.JSDoc
): ReadonlyArray<Block> => {
  const first = lineOf(tree, comment.pos)
  const lines = tree.text
    .slice(comment.pos, comment.end)
    .split("\n")
    .map((text, index) => ({
      text: text.replace(/^\s*\/?\*{1,2}\/? ?/, "").replace(/\s*\*\/$/, ""),
      at: first + index
    }))
  const examples: Array<Array<Block["lines"][number]>> = []
  let inside: Array<Block["lines"][number]> | undefined
  for (const line of lines) {
    if (/^@example\b/.test(line.text)) {
      inside = []
      examples.push(inside)
    } else if (/^@\w/.test(line.text)) inside = undefined
    else inside?.push(line)
  }
  return examples.flatMap((example) => unfenced(file, example))
}

const unfenced = (file: string, lines: Block["lines"]): ReadonlyArray<Block> => {
  const padded = Array.from({ length: lines[0]?.at ?? 1 }, () => "").slice(1)
  const text = [...padded, ...lines.map((line) => line.text)].join("\n")
  if (text.includes("```")) return blocksOfPage(file, text)
  return text.trim() === "" ? [] : [{ file, lines, runs: true }]
}

export const textOf = (block: Block): string => block.lines.map(({ text }) => text).join("\n")
