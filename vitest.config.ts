import { defineConfig } from "vitest/config"

const all = "test/**/*.test.ts"
/** The tests that need a PostgreSQL, which takes seconds to start and is not there for any other test. */
const onPostgres = ["test/stores/Postgres*.test.ts", "test/server/postgres/*.test.ts"]

/** The tests of what was built, as processes of their own. They want the machine for themselves. */
const endToEnd = ["test/end-to-end/*.test.ts"]

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "tests", include: [all], exclude: [...onPostgres, ...endToEnd] } },
      {
        extends: true,
        test: { name: "postgres", include: onPostgres, globalSetup: ["test/support/postgresServer.ts"] }
      },
      {
        extends: true,
        test: {
          name: "end-to-end",
          include: endToEnd,
          globalSetup: ["test/support/dataDirTemplate.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 }
        }
      }
    ]
  }
})
