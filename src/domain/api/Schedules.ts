/** Jobs that are created by the clock. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { ScheduleBusy, ScheduleNotFound } from "../Errors.ts"
import { Name } from "../Identifiers.ts"
import { Job } from "../jobs/Job.ts"
import { NewSchedule, Schedule } from "../schedules/Schedule.ts"
import { answerHeaders } from "./answerHeaders.ts"
import { PageLimit } from "./Conventions.ts"
import { Authentication } from "./Authentication.ts"

/** A page of schedules, by name. `next` is the cursor of the next page, null on the last. */
const SchedulePage = Schema.Struct({
  items: Schema.Array(Schedule),
  next: Schema.NullOr(Schema.String)
})

const params = { name: Name }

export class SchedulesApi extends HttpApiGroup.make("schedules")
  .add(
    HttpApiEndpoint.get("list", "/schedules", {
      query: { limit: Schema.optionalKey(PageLimit), cursor: Schema.optionalKey(Name) },
      success: SchedulePage
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List schedules by name",
        description: "100 a page unless `limit` says otherwise."
      })
    ),
    HttpApiEndpoint.get("get", "/schedules/:name", {
      params,
      success: Schedule,
      error: ScheduleNotFound
    }).annotateMerge(
      OpenApi.annotations({
        summary: "A schedule, its next five ticks, its last tick and its last job",
        description:
          "A paused schedule has no next ticks. `lastTick` is the last that was seen to, whether it got a job or not; " +
          "`lastJob` may have been created by hand. A name with a slash in it is written with %2F."
      })
    ),
    HttpApiEndpoint.put("put", "/schedules/:name", {
      params,
      payload: NewSchedule,
      success: [Schedule, Schedule.pipe(HttpApiSchema.status(201))]
    }).annotateMerge(
      OpenApi.annotations({
        transform: answerHeaders({ 201: ["Location"] }),
        summary: "Create a schedule, or replace all that it says",
        description:
          "`cron` is minute, hour, day, month and weekday, with seconds before them if wanted, on the clock of `timeZone` (UTC " +
          "unless said otherwise). A time that daylight saving skips fires once, right after the gap; one that it repeats fires " +
          "the first time only. `job` is what POST /jobs takes, without runAt and delay. `overlap` says what becomes of a " +
          "tick while earlier jobs of the schedule are unfinished: `allow` (the default) creates its job all the same, " +
          "`skip` creates none, `replace` cancels the earlier ones. `catchUp` says which ticks get a job that no server fired " +
          "within a minute: `none` (the default), the `last`, or `all`, one after another. Ticks in a pause are not caught up. " +
          "Answers 201 if the schedule is new."
      })
    ),
    HttpApiEndpoint.delete("remove", "/schedules/:name", {
      params,
      success: HttpApiSchema.NoContent,
      error: ScheduleNotFound
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Delete a schedule",
        description: "Its jobs stay; those that are unfinished go on."
      })
    ),
    HttpApiEndpoint.post("run", "/schedules/:name/run", {
      params,
      success: Job.pipe(HttpApiSchema.status(201)),
      error: [ScheduleNotFound, ScheduleBusy]
    }).annotateMerge(
      OpenApi.annotations({
        transform: answerHeaders({ 201: ["Location"] }),
        summary: "Create a job of the schedule now",
        description:
          "Beside the ticks, which come as before, and in a pause too. While an earlier job is unfinished `overlap` holds: " +
          "`skip` answers 409, and `replace` cancels the earlier ones."
      })
    )
  )
  .middleware(Authentication)
  .annotateMerge(
    OpenApi.annotations({ title: "Schedules", description: "Jobs that are created by the clock." })
  ) {}
