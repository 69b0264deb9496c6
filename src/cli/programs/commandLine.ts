/** The two halves of `lazyboss work TYPE… -- COMMAND ARGS…`. */

/** What is asked for; null where the halves cannot be told apart, or one is missing. */
export const splitWords = (
  words: ReadonlyArray<string>,
  commandLine: ReadonlyArray<string>
): {
  readonly types: ReadonlyArray<string>
  readonly command: string
  readonly args: ReadonlyArray<string>
} | null => {
  const dashes = commandLine.indexOf("--")
  if (dashes === -1) return null
  const [command, ...args] = commandLine.slice(dashes + 1)
  const types = words.slice(0, words.length - args.length - 1)
  return command === undefined || types.length === 0 ? null : { types, command, args }
}
