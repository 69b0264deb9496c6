import { defineConfig } from "vitest/config"

const all = "test/**/*.test.ts"
/** The contract, which every store must keep: these run once on each. */
const contract = "test/http/*.test.ts"
/** The part of it that no store has to do with, which need not run on the slowest of them. */
const ofHttpAlone = ["test/http/{conventions,rawSockets,service}.test.ts"]
/** The tests that need a PostgreSQL, which takes seconds to start and is not there for any other test. */
const onPostgres = ["test/stores/{Postgres*,Differential}.test.ts", "test/server/postgres/*.test.ts"]
/** The tests of the embedded database. */
const onEmbedded = ["test/stores/Embedded*.test.ts", "test/server/postgres/embedded/*.test.ts"]
/** The tests of what was built, as processes of their own. They want the machine for themselves. */
const endToEnd = ["test/end-to-end/*.test.ts", "test/torture/*.test.ts"]

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // As in the program, see `src/cli/runProgram.ts`.
    setupFiles: ["effect/schema/SchemaJITCompiler/enable"],
    projects: [
      {
        extends: true,
        test: {
          name: "tests",
          include: [all],
          exclude: [...onPostgres, ...onEmbedded, ...endToEnd],
          provide: { store: "memory" },
          isolate: false
        }
      },
      {
        extends: true,
        test: {
          name: "postgres",
          include: [contract, ...onPostgres],
          globalSetup: ["test/support/postgresServer.ts"],
          provide: { store: "PostgreSQL" },
          isolate: false
        }
      },
      {
        extends: true,
        test: {
          name: "embedded",
          include: [contract, ...onEmbedded],
          exclude: ofHttpAlone,
          globalSetup: ["test/support/dataDirTemplate.ts"],
          provide: { store: "embedded" },
          isolate: false
        }
      },
      {
        extends: true,
        test: {
          name: "end-to-end",
          include: endToEnd,
          globalSetup: ["test/support/dataDirTemplate.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 }
        }
      }
    ]
  }
})
