/** What a script can tell from the status with which `npm run simulate` ends. */
export const status = {
  well: 0,
  /** A run failed, or something never occurred in many of them. */
  failed: 1,
  /** The command line is not understood. */
  mistyped: 2,
  /** Whoever reads what is written has seen enough, as `head` does: nothing was judged. Shells say so of SIGPIPE. */
  unread: 141,
  /** By Ctrl-C. */
  stopped: 130
} as const
export type Status = (typeof status)[keyof typeof status]
