/** The metrics, as Prometheus reads them. */
import { assert, it } from "@effect/vitest"
import { call, expectProblem, expectStatus } from "../support/http.ts"
import { claim, create, createMany, finish, newName, report } from "../support/jobs.ts"
import { type Family, lint, parse } from "../support/prometheus.ts"
import { type Server, withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

const read = async (server: Server, accept = "*/*") => {
  const answer = expectStatus(await call(server, "GET", "/metrics", { headers: { accept } }), 200)
  assert.strictEqual(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8")
  return parse(answer.text)
}

const valueOf = (
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Record<string, string> = {}
) => {
  const all = [...families.values()].flatMap(({ metrics }) => metrics)
  return all.find(
    (metric) =>
      metric.name === name && Object.entries(labels).every(([key, value]) => metric.labels[key] === value)
  )?.value
}

withServer("metrics", (server) => {
  it("keep to the format and to the rules for names", async () => {
    await create(server, { type: newName("type") })
    const families = await read(server)
    lint(families)
    assert.sameMembers(
      [...families.values()].map(({ name, type }) => `${type} ${name}`),
      [
        "gauge lazyboss_jobs",
        "counter lazyboss_jobs_created_total",
        "counter lazyboss_jobs_finished_total",
        "counter lazyboss_attempts_total",
        "counter lazyboss_leases_lost_total",
        "histogram lazyboss_job_wait_seconds",
        "histogram lazyboss_job_run_seconds",
        "gauge lazyboss_vacancies",
        "gauge lazyboss_streams",
        "histogram lazyboss_group_commit_size",
        "histogram lazyboss_store_seconds",
        "gauge process_start_time_seconds",
        "counter process_cpu_seconds_total",
        "gauge process_resident_memory_bytes",
        "counter lazyboss_event_loop_busy_seconds_total"
      ]
    )
  })

  it("say what became of jobs and attempts", async () => {
    const type = newName("type")
    await createMany(server, [{ type }, { type }, { type }])
    await finish(server, await claim(server, "worker", { types: [type] }))
    await report(server, await claim(server, "worker", { types: [type] }), "error", { retryable: false })
    const held = await claim(server, "worker", { types: [type], lease: "50ms" })
    await eventually(async () => {
      const families = await read(server)
      const value = (name: string, labels = {}) => valueOf(families, `lazyboss_${name}`, { type, ...labels })
      assert.strictEqual(value("jobs", { status: "done" }), 1)
      assert.strictEqual(value("jobs", { status: "pending" }), 1)
      assert.strictEqual(value("jobs", { status: "processing" }), 0)
      assert.strictEqual(value("jobs_created_total"), 3)
      assert.strictEqual(value("jobs_finished_total", { status: "failed" }), 1)
      assert.strictEqual(value("attempts_total", { outcome: "done" }), 1)
      assert.strictEqual(value("attempts_total", { outcome: "failed" }), 1)
      assert.strictEqual(value("attempts_total", { outcome: "lost" }), 1)
      assert.strictEqual(value("job_wait_seconds_count"), 3)
      assert.strictEqual(value("job_run_seconds_count"), 3)
      assert.isAtLeast(value("job_run_seconds_sum") ?? 0, 0.05)
      assert.isAtLeast(valueOf(families, "lazyboss_leases_lost_total") ?? 0, 1)
      const inserts = { operation: "JobRepo.insert" }
      assert.isAtLeast(valueOf(families, "lazyboss_group_commit_size_count", inserts) ?? 0, 1)
      assert.isAbove(valueOf(families, "lazyboss_store_seconds_sum", inserts) ?? 0, 0)
      assert.isAbove(valueOf(families, "process_resident_memory_bytes") ?? 0, 1_000_000)
    })
    assert.strictEqual(held.type, type)
  })

  it.each([
    "*/*",
    "text/plain",
    "text/plain;version=0.0.4",
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.3"
  ])("are given to who accepts %s", async (accept) => {
    lint(await read(server, accept))
  })

  it("are given in no other form", async () => {
    const answer = await call(server, "GET", "/metrics", { headers: { accept: "application/json" } })
    expectProblem(answer, 406, "not-acceptable")
  })
})
