/** Begins a build: its folder is empty. */
import { rmSync } from "node:fs"

rmSync(new URL("../dist.next", import.meta.url), { recursive: true, force: true })
