/**
 * Part of each statement that creates, moves or deletes jobs: leaves in `job_flow_delta` how many it took from which status
 * to which. `moves` selects a row for each job, with its `type` and the status `before` and `after`, `''` for none; what
 * stays in its status may be among them.
 */
export const countedFlows = (moves: string) => `
  counted as (
    insert into job_flow_delta (type, before, after, count)
    select type, before, after, count(*)
    from (${moves}) as move
    where before <> after
    group by type, before, after
  )`
