/** Why a data directory cannot be used, each as an error that says what to do. */
import * as Schema from "effect/Schema"
import { describeCause } from "./describeCause.ts"

export class DataDirectoryInUse extends Schema.TaggedError<DataDirectoryInUse>()("DataDirectoryInUse", {
  dataDir: Schema.String,
  holder: Schema.String
}) {
  override get message(): string {
    return (
      `the data directory ${this.dataDir} is in use by ${this.holder}: ` +
      `stop it, or give this server another --data-dir`
    )
  }
}

export class DataDirectoryNotADirectory extends Schema.TaggedError<DataDirectoryNotADirectory>()(
  "DataDirectoryNotADirectory",
  { dataDir: Schema.String }
) {
  override get message(): string {
    return `the data directory ${this.dataDir} is a file, or a part of its path is: give a directory as --data-dir`
  }
}

export class DataDirectoryNotWritable extends Schema.TaggedError<DataDirectoryNotWritable>()(
  "DataDirectoryNotWritable",
  { dataDir: Schema.String, detail: Schema.String }
) {
  override get message(): string {
    return (
      `the data directory ${this.dataDir} cannot be written (${this.detail}): ` +
      `give this user the right to write there, or give this server another --data-dir`
    )
  }
}

export class DataDirectoryFull extends Schema.TaggedError<DataDirectoryFull>()("DataDirectoryFull", {
  dataDir: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return `no space is left on the disk of the data directory ${this.dataDir} (${this.detail}): free some and start again`
  }
}

export class DataDirectoryForeign extends Schema.TaggedError<DataDirectoryForeign>()("DataDirectoryForeign", {
  dataDir: Schema.String,
  found: Schema.String
}) {
  override get message(): string {
    return (
      `the data directory ${this.dataDir} holds something else (${this.found}): ` +
      `give an empty directory or one that lazyboss made`
    )
  }
}

export class DataDirectoryOtherVersion extends Schema.TaggedError<DataDirectoryOtherVersion>()(
  "DataDirectoryOtherVersion",
  { dataDir: Schema.String, found: Schema.String, supported: Schema.String }
) {
  override get message(): string {
    return (
      `the data directory ${this.dataDir} was made by PostgreSQL ${this.found}, ` +
      `this lazyboss has PostgreSQL ${this.supported}: use the lazyboss that made it`
    )
  }
}

export class DataDirectoryCorrupt extends Schema.TaggedError<DataDirectoryCorrupt>()("DataDirectoryCorrupt", {
  dataDir: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return (
      `the database in the data directory ${this.dataDir} does not start (${this.detail}): ` +
      `keep a copy of the directory, and restore a backup or give this server another --data-dir`
    )
  }
}

export type DataDirectoryError =
  | DataDirectoryInUse
  | DataDirectoryNotADirectory
  | DataDirectoryNotWritable
  | DataDirectoryFull
  | DataDirectoryForeign
  | DataDirectoryOtherVersion
  | DataDirectoryCorrupt

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : ""

/** The error a person can act on, for a failed operation on the directory's files. */
export const fromFileError =
  (dataDir: string) =>
  (cause: unknown): DataDirectoryError => {
    switch (codeOf(cause)) {
      case "ENOTDIR":
      case "EEXIST":
        return new DataDirectoryNotADirectory({ dataDir })
      case "ENOSPC":
      case "EDQUOT":
        return new DataDirectoryFull({ dataDir, detail: describeCause(cause) })
      default:
        return new DataDirectoryNotWritable({ dataDir, detail: describeCause(cause) })
    }
  }

/** PostgreSQL and PGlite say why they do not start in text only. */
export const fromStartFailure = (
  dataDir: string,
  detail: string
): DataDirectoryFull | DataDirectoryCorrupt =>
  /no space left on device|disk quota exceeded|ENOSPC|EDQUOT/i.test(detail)
    ? new DataDirectoryFull({ dataDir, detail })
    : new DataDirectoryCorrupt({ dataDir, detail })
