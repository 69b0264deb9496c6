/** Looking for a program before it is needed. */
import { delimiter, join } from "node:path"
import { Effect, FileSystem } from "effect"

const executableByAnyone = 0o111

/** Whether there is such a program: by its path, or by its name in one of the folders of PATH. */
export const isThere = Effect.fnUntraced(function* (command: string, searchPath: string) {
  const files = yield* FileSystem.FileSystem
  const candidates = command.includes("/")
    ? [command]
    : searchPath.split(delimiter).map((folder) => join(folder, command))
  for (const candidate of candidates) {
    const canRun = yield* Effect.match(files.stat(candidate), {
      onSuccess: ({ mode, type }) => type === "File" && (mode & executableByAnyone) !== 0,
      onFailure: () => false
    })
    if (canRun) return true
  }
  return false
})
