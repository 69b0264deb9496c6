#!/usr/bin/env node
/** The program `lazyboss`: says how it uses memory, before anything takes any. */
import { setFlagsFromString } from "node:v8"

if (process.argv[2] === "top") {
  // The collector is to come more often, and not to take more memory instead. So often, it is not to wait for help either.
  setFlagsFromString("--semi-space-growth-factor=1")
  setFlagsFromString("--heap-growing-percent=40")
  setFlagsFromString("--no-parallel-scavenge")
  await import("./dashboard.ts")
} else {
  await import("./program.ts")
}
