#!/usr/bin/env node
/** The program `lazyboss`: says how it uses memory, before anything takes any. */
import { setFlagsFromString } from "node:v8"

if (process.argv[2] === "top") {
  // The collector runs more often rather than take more memory, so often that starting helpers costs more than they save.
  setFlagsFromString("--semi-space-growth-factor=1")
  setFlagsFromString("--heap-growing-percent=40")
  setFlagsFromString("--no-parallel-scavenge")
  await import("./dashboard.ts")
} else {
  await import("./program.ts")
}
