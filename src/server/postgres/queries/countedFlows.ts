/** How the statements that move jobs write down how many they moved. */

const counted = (by: string, moves: string) => `
  counted as (
    insert into job_flow_delta (${by}, before, after, count)
    select ${by}, before, after, count(*)
    from (${moves}) as move
    where before <> after
    group by ${by}, before, after
  )`

/**
 * Part of each statement that creates, moves or deletes jobs: leaves in `job_flow_delta` how many it took from which status
 * to which. `moves` selects a row for each job, with its `type` and the status `before` and `after`, `''` for none; what
 * stays in its status may be among them. This is for claims, of which projects keep no count (see `0009_projects`).
 */
export const countedFlows = (moves: string) => counted("type", moves)

/** The same, where `moves` also selects the `project` of each job, which keeps count of its own. */
export const countedProjectFlows = (moves: string) => counted("type, project", moves)
