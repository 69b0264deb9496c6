/** The command line with all its commands. Each loads what it runs when it is run. */
import { Command } from "effect/cli"
import { obey, root } from "./commandLine.ts"
import { demo } from "./demo/demo.ts"
import { job } from "./job/job.ts"
import { policy } from "./policy/policy.ts"
import { project } from "./project/project.ts"
import { schedule } from "./schedule/schedule.ts"
import { serve } from "./serve.ts"
import { jobType } from "./type/type.ts"
import { work } from "./programs/work.ts"
import { worker } from "./worker/worker.ts"
import { token } from "./token.ts"
import { top } from "./top.ts"

/** Does what the words given to this program say. */
export const lazyboss = root.pipe(
  Command.withSubcommands([serve, top, work, job, worker, jobType, policy, schedule, project, token, demo]),
  obey
)
