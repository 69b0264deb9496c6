/** Points in time as the API writes them. */
import { Schema, SchemaTransformation } from "effect"

/** RFC 3339, any offset accepted, returned in UTC with milliseconds. */
export const Timestamp = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/, {
    message: "must be a time as in RFC 3339, for example 2030-01-31T12:00:00Z"
  })
).pipe(Schema.decodeTo(Schema.DateTimeUtc, SchemaTransformation.dateTimeUtcFromString))
