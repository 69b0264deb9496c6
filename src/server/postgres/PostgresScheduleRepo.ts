/** Schedules in PostgreSQL. */
import { Effect, Layer } from "effect"
import { ScheduleRepo } from "../../domain/schedules/ScheduleRepo.ts"
import { TheDatabase } from "./Database.ts"
import { orUnavailable } from "./errors.ts"
import * as JobGroups from "./JobGroups.ts"
import { fireSchedules } from "./queries/fireSchedules.ts"
import { changeSchedule, listSchedules, removeSchedule } from "./queries/schedules.ts"
import { dueSchedules, findSchedule } from "./queries/scheduleStates.ts"

export const layer = Layer.effect(
  ScheduleRepo,
  Effect.map(TheDatabase, (database) => {
    const groups = JobGroups.make(database)
    return ScheduleRepo.of({
      change: (name, by, change) => orUnavailable(changeSchedule(database, name, by, change)),
      remove: (name) => orUnavailable(removeSchedule(database, name)),
      find: (name) => orUnavailable(findSchedule(database, name)),
      list: (after, limit) => orUnavailable(listSchedules(database, after, limit)),
      due: (limit, unknownZones) => orUnavailable(dueSchedules(database, limit, unknownZones)),
      fire: (batch) => orUnavailable(fireSchedules(database, groups, batch))
    })
  })
)
