/** Points in time as the API writes them. */
import { DateTime, Schema, SchemaTransformation } from "effect"

// The parser behind takes a 30th of February for the 2nd of March.
const isOnCalendar = (text: string): boolean => {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number)
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return day >= 1 && day <= (lengths[month - 1] ?? 0)
}

const isWritable = (time: DateTime.Utc): boolean => /^\d{4}-/.test(DateTime.formatIso(time))

/** RFC 3339, any offset accepted, returned in UTC with milliseconds. */
export const Timestamp = Schema.String.check(
  Schema.isPattern(
    /^\d{4}-\d\d-\d\d[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/,
    {
      message: "must be a time as in RFC 3339, for example 2030-01-31T12:00:00Z"
    }
  ).abort(),
  Schema.makeFilter((text) => isOnCalendar(text) || "must be a day that the calendar has")
).pipe(
  Schema.decodeTo(
    // In another offset it may be a year that cannot be written like this.
    Schema.DateTimeUtc.check(
      Schema.makeFilter((time) => isWritable(time) || "must be in the years 0 to 9999 of UTC")
    ),
    SchemaTransformation.dateTimeUtcFromString
  )
)
