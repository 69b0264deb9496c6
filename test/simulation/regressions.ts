/** Seeds that have found something, and what it was. */
export const regressions: ReadonlyArray<{ readonly seed: string; readonly what: string }> = []
