/** Projects as people read them. */
import { DateTime, Effect, Schema } from "effect"
import { Project, ProjectStanding, type ProjectStatus } from "../../domain/projects/Project.ts"
import { writeFields, writeJson, writeTable } from "../output/output.ts"
import { describeMoment } from "../output/spans.ts"
import type { Cell, Tone } from "../output/table.ts"

const encodeProject = Schema.encodeSync(Project)
const encodeStanding = Schema.encodeSync(ProjectStanding)

const tones: Readonly<Record<ProjectStatus, Tone>> = {
  open: "busy",
  closed: "busy",
  finished: "good",
  cancelled: "bad"
}

const statusCell = ({ status }: Pick<Project, "status">): Cell => ({ text: status, tone: tones[status] })

/** How many jobs are where, those of which there are none left out. */
export const describeCounts = ({ counts }: Pick<ProjectStanding, "counts">): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`)
    .join(", ") || "no jobs"

export const writeProjects = (projects: ReadonlyArray<Project>, asJson: boolean) =>
  asJson
    ? writeJson(projects.map((project) => encodeProject(project)))
    : Effect.flatMap(DateTime.now, (now) =>
        writeTable<Project>(
          [
            { title: "ID", cell: ({ id }) => id },
            { title: "NAME", cell: ({ name }) => name, mayShrink: true },
            { title: "STATUS", cell: statusCell },
            { title: "CREATED", cell: ({ createdAt }) => describeMoment(createdAt, now) },
            { title: "FINISHED", cell: ({ finishedAt }) => describeMoment(finishedAt, now) }
          ],
          projects,
          "there are no projects"
        )
      )

export const writeStanding = (project: ProjectStanding, asJson: boolean) =>
  asJson
    ? writeJson(encodeStanding(project))
    : Effect.flatMap(DateTime.now, (now) =>
        writeFields([
          ["id", project.id],
          ["name", project.name],
          ["status", statusCell(project)],
          ["progress", `${project.percent}%`],
          ["jobs", describeCounts(project)],
          ["metadata", project.metadata === null ? null : JSON.stringify(project.metadata)],
          ["created", describeMoment(project.createdAt, now)],
          ["created by", project.createdBy],
          ["finished", project.finishedAt === null ? null : describeMoment(project.finishedAt, now)],
          ["cancelled for", project.cancelRequest?.reason ?? null],
          ["cancelled by", project.cancelRequest?.by ?? null]
        ])
      )
