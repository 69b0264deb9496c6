/**
 * How PostgreSQL is to plan, as defaults of a session. All that is done often begins with few rows and finds the others by
 * an index, one by one. The planner does not know that: it plans when the tables are empty, sees no harm in reading them
 * whole, and keeps to that plan while they grow to millions of rows. And to plan these statements anew each time takes as
 * long as to run them.
 */
export const plannerSettings = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  jit: "off"
} as const

/** Lets the next statements of the transaction be planned for their own parameters, in any way. */
export const planFreely = `
  select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_bitmapscan', 'on', true)`
