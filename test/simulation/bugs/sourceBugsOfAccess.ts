/** Bugs in what is whose. */
import type { SourceBug } from "./SourceBug.ts"

export const sourceBugsOfAccess: ReadonlyArray<SourceBug> = [
  {
    name: "jobs on which anybody decides",
    why: "one team cancels the jobs of another",
    foundBy: ["intruders are refused"],
    firstSeed: 1,
    file: "domain/jobs/Deciding.ts",
    edits: [["if (mayDecideOn(caller, job)) return job", "if (job !== null) return job"]]
  },
  {
    name: "projects on which anybody decides",
    why: "one team closes the projects of another",
    foundBy: ["intruders are refused"],
    firstSeed: 1,
    file: "domain/projects/Projects.ts",
    edits: [["if (mayDecideOn(caller, project)) return project", "if (project !== null) return project"]]
  },
  {
    name: "a key of one caller that is taken for that of another",
    why: "a client is given the jobs of another, and its own are not created",
    foundBy: ["intruders are refused"],
    firstSeed: 1,
    file: "domain/jobs/Submitting.ts",
    edits: [['`${ownerOf(caller) ?? ""} ${key}`', "key"]]
  },
  {
    name: "another body with a key that was used, which is taken for a repetition",
    why: "jobs are acknowledged that nobody created",
    foundBy: ["intruders are refused"],
    firstSeed: 1,
    file: "domain/jobs/Submitting.ts",
    edits: [["if (result.fingerprint !== identification?.fingerprint) {", "if (identification === null) {"]]
  }
]
