/** How things are called: ids that lazyboss makes, and names that people choose. */
import { Schema } from "effect"

const Uuid = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, {
    message: "must be an id: a UUID in lower case"
  })
)

/** A job's id: a UUIDv7, so that ids sort in the order of creation. */
export const JobId = Uuid.pipe(Schema.brand("JobId"))
export type JobId = typeof JobId.Type

/** An attempt's id, a UUIDv7. Whoever holds it may report on the job, until the attempt is over: it is a fence. */
export const AttemptId = Uuid.pipe(Schema.brand("AttemptId"))
export type AttemptId = typeof AttemptId.Type

/** A project's id, a UUIDv7. */
export const ProjectId = Uuid.pipe(Schema.brand("ProjectId"))
export type ProjectId = typeof ProjectId.Type

/** The id of a bulk action, a UUIDv7. */
export const BulkActionId = Uuid.pipe(Schema.brand("BulkActionId"))
export type BulkActionId = typeof BulkActionId.Type

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/

/** What is said of a text that is no name. */
export const nameForm =
  "must be a name: a letter or digit, then up to 127 letters, digits or any of . _ : / @ -"

/** The name of a job type, a worker, a policy or a schedule. */
export const Name = Schema.String.check(Schema.isPattern(namePattern, { message: nameForm }))

/** A job type as a worker asks for it: a name, or the beginning of names followed by `*`. */
export const TypePattern = Schema.String.check(
  Schema.isPattern(/^(?:[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}|(?:[A-Za-z0-9][A-Za-z0-9._:/@-]{0,126})?\*)$/, {
    message: "must be a job type, which may end in * (as in video.*)"
  })
)

/** Whether `type` is what `pattern` asks for: the same name, or one that begins as a pattern ending in `*` does. */
export const matchesType = (pattern: string, type: string): boolean =>
  pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type

// PostgreSQL's text cannot hold U+0000, and a label with line breaks cannot be shown in a line.
// eslint-disable-next-line no-control-regex
const isPrintable = Schema.isPattern(/^[^\u0000-\u001f\u007f]*$/u, {
  message: "must not contain control characters"
})

const label = (maximum: number) =>
  Schema.String.check(
    Schema.isBetweenLength(1, maximum, { message: `must have 1 to ${maximum} characters` }),
    isPrintable,
    // Half of a surrogate pair would come back as another character.
    Schema.makeFilter((text) => text.isWellFormed() || "must be well-formed Unicode")
  )

/** A word that a job is marked with, to be found by it. At most 128 characters. */
export const Tag = label(128)

/** On whose behalf a job is done, such as a tenant's: kept with the job, so that jobs can be told apart by it. */
export const FairnessKey = label(255)

/** What a project is called. At most 255 characters. */
export const ProjectName = label(255)

/** Why somebody decided something, in a line for people. At most 500 characters. */
export const Reason = label(500)

/** What makes a repeated `POST /jobs` or `POST /projects` recognisable as the same one. At most 255 characters. */
export const IdempotencyKey = label(255)
