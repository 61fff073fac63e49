/**
 * Whether a statement holds a query inside, or may: a word in a text or a name counts too.
 *
 * MariaDB 10.11 forgets what it has found out about a nested statement when it executes it again
 * without preparing it again: it finds no column of a derived table (`t.x IN (SELECT t.x …)`), and
 * takes the constants of a row that an outer join left out for there.
 */
export const isNested = (text: string): boolean => /.\bselect\b/is.test(text)
