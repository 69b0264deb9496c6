/** What Prometheus wants to know of any process, and how busy this one is. */
import { performance } from "node:perf_hooks"
import { memoryUsage, resourceUsage } from "node:process"
import { family } from "./Exposition.ts"

const microsPerSecond = 1e6
const millisPerSecond = 1e3

export const processMetrics = (): ReadonlyArray<ReadonlyArray<string>> => {
  const { systemCPUTime, userCPUTime } = resourceUsage()
  const one = (value: number) => [[{}, value]] as const
  return [
    family(
      "gauge",
      "process_start_time_seconds",
      "When the process began, in seconds since the epoch.",
      one(performance.timeOrigin / millisPerSecond)
    ),
    family(
      "counter",
      "process_cpu_seconds_total",
      "Time of processors that the process has used.",
      one((systemCPUTime + userCPUTime) / microsPerSecond)
    ),
    family(
      "gauge",
      "process_resident_memory_bytes",
      "Memory that the process has, all of its threads included.",
      one(memoryUsage.rss())
    ),
    family(
      "counter",
      "lazyboss_event_loop_busy_seconds_total",
      "Time in which the thread that answers requests had something to do. Its rate is 1 when there is no more to be had.",
      one(performance.eventLoopUtilization().active / millisPerSecond)
    )
  ]
}
