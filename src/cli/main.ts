#!/usr/bin/env node
/** The program `lazyboss`: says how it uses memory, before anything takes any. */
import { setFlagsFromString } from "node:v8"

// The dashboard runs all day beside what it watches. The collector is to come more often, and not to take more memory instead.
if (process.argv[2] === "top") {
  setFlagsFromString("--semi-space-growth-factor=1")
  setFlagsFromString("--heap-growing-percent=60")
}
await import("./program.ts")
