/** Where is written what the tool has to say. */
export interface Output {
  readonly say: (line: string) => void
  /** Says what is wrong with what was asked for. */
  readonly complain: (line: string) => void
  /** Shows how far it is, until something else is said: for who watches. */
  readonly show: (line: string) => void
}

const eraseLine = "\r\u001b[K"

export const ofProcess = ({ stderr, stdout }: Pick<NodeJS.Process, "stderr" | "stdout">): Output => {
  let isShown = false
  const erase = () => {
    if (isShown) stdout.write(eraseLine)
    isShown = false
  }
  return {
    say: (line) => {
      erase()
      stdout.write(`${line}\n`)
    },
    complain: (line) => {
      erase()
      stderr.write(`${line}\n`)
    },
    show: (line) => {
      if (!stdout.isTTY) return
      stdout.write(`${eraseLine}${line}`)
      isShown = true
    }
  }
}
