/** So many are sooner searched in a list than put to a set or a map. */
export const few = 16
