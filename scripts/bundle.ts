/**
 * Puts the process of the dashboard together with what it uses of its dependencies, in a few files: loading them whole costs
 * more memory than all that it shows. Their licenses are put beside them.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const root = fileURLToPath(new URL("..", import.meta.url))
const target = join(root, "dist.next/cli")

const inkOutput = fileURLToPath(new URL("output.js", import.meta.resolve("ink")))
const lineOutput = join(root, "src/tui/ink/LineOutput.ts")

const bundle = await rolldown({
  input: { dashboard: join(root, "src/cli/dashboard.ts") },
  platform: "node",
  plugins: [
    {
      name: "line-output",
      load: (id) => (id === inkOutput ? `export { default } from ${JSON.stringify(lineOutput)}` : null)
    }
  ],
  // What Ink loads of it for developers of dashboards is not installed.
  resolve: { alias: { "react-devtools-core": false } },
  // The development build of React takes twice as long and measures itself into memory that it never gives back.
  transform: { define: { "process.env.NODE_ENV": '"production"' } }
})
// One file for all would be the simplest, but parsing it takes 8 MB that are not given back.
const { output } = await bundle.write({
  dir: target,
  chunkFileNames: "dashboard/[name].js",
  minify: true
})
await bundle.close()
// It is that of the file which was replaced.
rmSync(join(target, "dashboard.js.map"), { force: true })

const packageOf = (module: string): ReadonlyArray<string> =>
  /^\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module.replaceAll("\\", "/"))?.slice(0, 1) ?? []

const licenseOf = (folder: string): string => {
  const { license, name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const files = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file))
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim())
  return [`${name} ${version}, ${license}`, ...texts].join("\n\n")
}

const modules = output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []))
if (!modules.includes(lineOutput)) throw new Error("Ink draws by itself: is its output in another file?")
const packages = [...new Set(modules.flatMap(packageOf))].toSorted()
writeFileSync(
  join(target, "dashboard/LICENSES.txt"),
  packages.map(licenseOf).join(`\n\n${"-".repeat(80)}\n\n`)
)
