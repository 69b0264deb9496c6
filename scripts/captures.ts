/**
 * Makes the pictures of `lazyboss top` in README.md and docs/top.md: runs `lazyboss demo`, looks at it in a terminal (tmux),
 * and writes what each view shows between the markers of its name. Build first.
 */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"

/** What is typed to come to each view, and its size. */
const views: ReadonlyArray<{
  readonly name: string
  readonly keys: ReadonlyArray<string>
  readonly columns?: number
  readonly rows?: number
}> = [
  { name: "overview", keys: ["1"] },
  { name: "types", keys: ["2"], rows: 16 },
  { name: "jobs", keys: ["3"], rows: 24 },
  { name: "job", keys: ["3", "/", ..."type=video.transcode", "Enter", "]", "]", "]", "Enter"], rows: 36 },
  { name: "workers", keys: ["4"], rows: 16 },
  { name: "worker", keys: ["4", "G", "Enter"], rows: 24 },
  { name: "projects", keys: ["5"], rows: 20 },
  { name: "events", keys: ["6"], rows: 24 },
  { name: "help", keys: ["3", "?"], rows: 48 },
  { name: "small", keys: ["1"], columns: 40, rows: 12 }
]
const usual = { columns: 110, rows: 32 }
/** Until so much has happened that there is something to see. */
const warmUp = 100_000

const root = fileURLToPath(new URL("..", import.meta.url))
const cli = join(root, "dist/cli/main.js")
const folder = mkdtempSync(join(tmpdir(), "lazyboss-captures-"))

const tmux = (...args: ReadonlyArray<string>): string =>
  execFileSync("tmux", ["-S", join(folder, "tmux"), "-f", "/dev/null", ...args], {
    encoding: "utf8",
    env: { ...process.env, LANG: "C.UTF-8", TZ: "UTC" }
  })

const press = async (...keys: ReadonlyArray<string>) => {
  for (const key of keys) {
    tmux("send-keys", key)
    await sleep(60)
  }
}

/** The screen, without the address, which is another one each time. */
const capture = (url: string): string =>
  tmux("capture-pane", "-p")
    .split("\n")
    .map((line) => line.replace(url, "http://127.0.0.1:8080").trimEnd())
    .join("\n")
    .trimEnd()

const startDemo = async () => {
  const demo = spawn(process.execPath, [cli, "demo", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] })
  let said = ""
  demo.stdout.setEncoding("utf8").on("data", (text) => (said += String(text)))
  while (!/http:\S+\d/.test(said)) {
    if (demo.exitCode !== null) throw new Error("the demonstration did not start")
    await sleep(200)
  }
  const [url = ""] = /http:\/\/[\d.:]+/.exec(said) ?? []
  return {
    url,
    stop: async () => {
      demo.kill("SIGINT")
      await once(demo, "exit")
    }
  }
}

const write = (file: string, pictures: ReadonlyMap<string, string>) => {
  const path = join(root, file)
  const text = readFileSync(path, "utf8").replace(
    /(<!-- picture: (\w+) -->)[^]*?(<!-- end of picture -->)/g,
    (whole, begin: string, name: string, end: string) => {
      const picture = pictures.get(name)
      return picture === undefined ? whole : `${begin}\n\n\`\`\`text\n${picture}\n\`\`\`\n\n${end}`
    }
  )
  writeFileSync(path, text)
}

const demo = await startDemo()
try {
  tmux("new-session", "-d", "-x", String(usual.columns), "-y", String(usual.rows), "exec sh -i")
  tmux("send-keys", "-l", `exec "${process.execPath}" "${cli}" top --url ${demo.url}`)
  await press("Enter")
  await sleep(warmUp)
  const pictures = new Map<string, string>()
  for (const { columns = usual.columns, keys, name, rows = usual.rows } of views) {
    tmux("resize-window", "-x", String(columns), "-y", String(rows))
    await press(...keys)
    await sleep(2_500)
    pictures.set(name, capture(demo.url))
    await press("Escape", "Escape", "Escape", "Escape")
  }
  for (const file of ["README.md", "docs/top.md"]) write(file, pictures)
} finally {
  await demo.stop()
  tmux("kill-server")
  rmSync(folder, { recursive: true })
}
