/** What events tell beside what was kept already: when an attempt came to life, who asked for a cancellation and why. */
import { statements } from "./statements.ts"

/** A request is `{ by, reason }`, as `json` for the same reasons as all other. A retry keeps the one that it undid. */
export const events = statements([
  "alter table attempt add column first_sign_at timestamptz",
  "alter table job add column cancel_request json",
  "alter table job_retry add column cancel_request json"
])
