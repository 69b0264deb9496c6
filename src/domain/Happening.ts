/** What can happen to a job, as those who change it tell. Why and by whom is told by the job itself. */
export type Happening =
  /** It was created. */
  | "created"
  /** Its time has come, and it is pending now. */
  | "promoted"
  /** It was given to a worker. */
  | "assigned"
  /** Its live attempt ended, which may have ended the job. */
  | "ended"
  /** It was cancelled, or its worker is asked to stop. */
  | "cancelled"
  /** It was made pending again by hand. */
  | "retried"
  /** It was not finished in time. */
  | "expired"
