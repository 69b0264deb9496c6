/** What jobs and workers say in JSON, as part of a line for people. */
import { Predicate } from "effect"
import type { Skills } from "../domain/matching/Constraint.ts"
import type { JsonValue } from "../domain/Json.ts"

/** An error: what it says of itself, or all of it as JSON; nothing if there is none. */
export const describeError = (error: JsonValue): string => {
  if (Predicate.hasProperty(error, "message") && typeof error.message === "string") return error.message
  return typeof error === "string" ? error : error === null ? "" : JSON.stringify(error)
}

/** Skills, as `gpu=["cuda"] region=eu`. */
export const describeSkills = (skills: Skills): string =>
  Object.entries(skills)
    .map(([skill, value]) => `${skill}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ")
