/** The server as a process that can be killed and started again on the same port and the same store. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url))

/** A port that nobody listens on. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no free port")
  return address.port
}

export interface ServerProcess {
  readonly url: string
  /** Starts it, and tells after how many milliseconds it was ready. */
  readonly start: () => Promise<number>
  /** Ends it at once, as a power cut would end the process. */
  readonly kill: () => Promise<void>
}

/** `store` are the arguments that choose the store. */
export const serverProcess = (port: number, store: ReadonlyArray<string>): ServerProcess => {
  let child: ChildProcess | undefined
  return {
    url: `http://127.0.0.1:${port}`,
    start: async () => {
      const begun = performance.now()
      const started = spawn(process.execPath, [program, "serve", "--port", String(port), ...store], {
        stdio: ["ignore", "pipe", "pipe"]
      })
      child = started
      let errors = ""
      started.stderr.on("data", (text) => (errors += String(text)))
      const line: unknown = await Promise.race([
        once(started.stdout, "data").then(([text]) => String(text)),
        once(started, "exit").then(() => undefined)
      ])
      if (line === undefined) throw new Error(`the server did not start: ${errors.slice(-2_000)}`)
      return performance.now() - begun
    },
    kill: async () => {
      if (child === undefined) return
      const exited = once(child, "exit")
      child.kill("SIGKILL")
      await exited
      child = undefined
    }
  }
}
