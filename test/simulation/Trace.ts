/** What happened in a run, line by line: its hash is the proof that a run was the same, its counts say what was covered. */
import { createHash } from "node:crypto"

/** How many of the last lines are kept, to be shown when a run fails. */
const mostKept = 400

export class Trace {
  readonly #hash = createHash("sha256")
  readonly #elapsed: () => number
  readonly #write: ((line: string) => void) | null
  #last: Array<string> = []
  /** How often each thing happened, by its name. */
  readonly counts = new Map<string, number>()

  /** `write` gets every line as it comes, if somebody wants to see them all. */
  constructor(elapsed: () => number, write: ((line: string) => void) | null) {
    this.#elapsed = elapsed
    this.#write = write
  }

  say(text: string): void {
    const line = `${(this.#elapsed() / 1_000).toFixed(3)} ${text}`
    this.#last.push(line)
    if (this.#last.length === 2 * mostKept) this.#settle()
    this.#write?.(line)
  }

  /** Takes what is no longer kept into the hash. */
  #settle(): void {
    const over = this.#last.splice(0, this.#last.length - mostKept)
    if (over.length > 0) this.#hash.update(over.join("\n")).update("\n")
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
  }

  get last(): ReadonlyArray<string> {
    return this.#last.slice(-mostKept)
  }

  digest(): string {
    return this.#hash.copy().update(this.#last.join("\n")).digest("hex").slice(0, 16)
  }
}
