const words = /^\s*row\s+(start|end)\s*$/i

/**
 * Which end of its time in the system MariaDB computes a row's column as: `ROW START`, `ROW END`;
 * null for what is computed from columns.
 */
export const rowTime = (expression: string): "start" | "end" | null => {
  const found = words.exec(expression)
  return found === null ? null : found[1]!.toLowerCase() === "start" ? "start" : "end"
}
