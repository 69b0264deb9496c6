/** `lazyboss project`: sets of jobs. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { ProjectId, ProjectName } from "../../domain/Identifiers.ts"
import { argument, optionalText, reason, switchedOn } from "../input.ts"
import { connection, json, limit } from "../server/connection.ts"

const load = Effect.promise(() => import("./projectActions.ts"))

const id = argument("id", ProjectId, "The project's id")

const create = Command.make(
  "create",
  {
    ...connection,
    name: argument("name", ProjectName, "What the project is called"),
    metadata: optionalText("metadata", "What people want to know of it, as JSON"),
    jobs: optionalText("jobs", 'Its first jobs, as JSON: [{"type": "thumbnail"}, …]'),
    closed: switchedOn("closed", "Let it take no other jobs"),
    json
  },
  (given) => Effect.flatMap(load, ({ create }) => create(given))
).pipe(
  Command.withDescription("Create a project, and write its id to standard output"),
  Command.withExamples([
    { command: `PROJECT=$(lazyboss project create "holiday photos")`, description: "Create a project" },
    { command: "lazyboss job create thumbnail --project $PROJECT", description: "Add a job to it" }
  ])
)

const list = Command.make("list", { ...connection, limit, json }, (given) =>
  Effect.flatMap(load, ({ list }) => list(given))
).pipe(Command.withDescription("List projects, newest first"))

const get = Command.make("get", { ...connection, id, json }, (given) =>
  Effect.flatMap(load, ({ get }) => get(given))
).pipe(Command.withDescription("Show a project and how it stands with its jobs"))

const follow = Command.make("follow", { ...connection, id, json }, (given) =>
  Effect.flatMap(load, ({ follow }) => follow(given))
).pipe(
  Command.withDescription("Tell how a project goes, until it is finished; with --json all events, one a line")
)

const close = Command.make("close", { ...connection, id, json }, (given) =>
  Effect.flatMap(load, ({ close }) => close(given))
).pipe(Command.withDescription("Let a project take no more jobs"))

const cancel = Command.make("cancel", { ...connection, id, reason, json }, (given) =>
  Effect.flatMap(load, ({ cancel }) => cancel(given))
).pipe(Command.withDescription("Cancel a project with all its jobs"))

export const project = Command.make("project").pipe(
  Command.withDescription("Follow, close and cancel sets of jobs"),
  Command.withSubcommands([list, get, create, follow, close, cancel])
)
