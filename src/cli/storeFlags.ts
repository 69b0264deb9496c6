/** Which store to use, as the command line is told. */
import { Config, Schema } from "effect"
import { Flag } from "effect/cli"

export const Text = Schema.NonEmptyString

/** Where the embedded PostgreSQL keeps its files if nothing is said. */
export const defaultDataDir = ".lazyboss"

export const databaseUrl = Flag.Redacted("database-url").pipe(
  Flag.withDescription("The PostgreSQL to use, instead of the embedded one (DATABASE_URL)"),
  Flag.withFallbackConfig(Config.Redacted("DATABASE_URL")),
  Flag.optional
)

export const dataDir = Flag.String("data-dir").pipe(
  Flag.withDescription("Where the embedded PostgreSQL keeps its files (LAZYBOSS_DATA_DIR)"),
  Flag.withSchema(Text),
  Flag.withFallbackConfig(Config.schema(Text, "LAZYBOSS_DATA_DIR"))
)
