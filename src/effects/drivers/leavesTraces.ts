/**
 * Whether a text may leave something behind in the session that the next borrower would see.
 *
 * **Shape** settings, attached files, temporary tables, held cursors, advisory locks, listening,
 * prepared texts: by the word a statement begins with or the function it calls. One hidden in a
 * function of the server's is not seen: `pool.invalidate` or a connection of its own is for those.
 */
export const leavesTraces = (text: string): boolean =>
  byWord.test(text) || byFunction.test(text) || byPragma.test(text)

const byWord = new RegExp(
  String.raw`(?:^|;)\s*(?:set(?!\s+(?:local|transaction|constraints)\b)|reset|listen|load|` +
    String.raw`prepare(?!\s+transaction\b)|discard|use|lock\s+tables|attach|detach|` +
    String.raw`declare\b[^;]*\bwith\s+hold|` +
    String.raw`create\s+(?:(?:local|global|or\s+replace)\s+)?temp(?:orary)?)\b`,
  "i"
)

const byFunction = new RegExp(
  String.raw`\b(?:set_config|pg_(?:try_)?advisory_lock(?:_shared)?|get_lock)\s*\(|` +
    String.raw`@(?!athanor_)\w+\s*:=|\bpg_temp\s*\.|` +
    String.raw`(?<!\b(?:insert|merge)\s)\binto\s+temp(?:orary)?\s`,
  "i"
)

/** One that is given a value, save one that ends with its transaction; its name alone asks. */
const byPragma = /(?:^|;)\s*pragma\s+(?!defer_foreign_keys\b)[\w.]+\s*[=(]/i
