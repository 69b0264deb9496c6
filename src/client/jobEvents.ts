/** What the stream of a job tells. */
import { Option, Schema } from "effect"
import type { Sse } from "effect/encoding"
import { Job } from "../domain/jobs/Job.ts"

/** A job tells all that ever happened to whoever has seen this. */
export const beforeAnything = "0.0"

const readJob = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.toCodecJson(Job)))

/** The job as it is, if the event tells that. It comes without a name, which reads like the name of a worker's own message. */
export const jobIn = (id: string, { data, event }: Sse.Event): Job | null =>
  event === "message" ? Option.getOrNull(Option.filter(readJob(data), (job) => job.id === id)) : null
