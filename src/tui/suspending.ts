/** Stopping as Ctrl-Z does elsewhere: the terminal belongs to the shell until it lets the program go on. */
import type { SuspendTerminal } from "ink"

// Stopped with all of its process group, as npx and its like are to stop, too. What stands after it is done when the program
// goes on; where no shell waits, the system does not stop it at all.
const stop = (): Promise<void> => {
  process.kill(0, "SIGTSTP")
  return new Promise((resolve) => setImmediate(resolve))
}

/** Gives the terminal back as it was found, and draws all anew afterwards. */
export const stopUntilContinued = (suspendTerminal: SuspendTerminal): Promise<void> => suspendTerminal(stop)
