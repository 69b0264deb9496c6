/** Says in words why the embedded PostgreSQL failed. */
import * as Predicate from "effect/Predicate"

/** The error numbers of Emscripten's file systems that a person can do something about. */
const fileSystemErrors: Readonly<Record<number, string>> = {
  2: "permission denied",
  19: "disk quota exceeded",
  29: "input/output error",
  51: "no space left on device",
  63: "operation not permitted",
  69: "read-only file system"
}

/** What was thrown, in words: Emscripten throws objects that only hold a number. */
export const describeCause = (cause: unknown): string => {
  if (Predicate.hasProperty(cause, "errno") && typeof cause.errno === "number" && !("code" in cause)) {
    return fileSystemErrors[cause.errno] ?? `file system error ${cause.errno}`
  }
  return cause instanceof Error ? cause.message : String(cause)
}
