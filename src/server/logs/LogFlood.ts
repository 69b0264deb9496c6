/** Rate limit of the log: of lines with the same message, a limited number is written in a second, and the rest counted. */

/** The most lines of one kind that are written in a second. */
export const mostInSecond = 20
/** The most kinds that are told apart. All others count as one kind. */
export const mostKinds = 200

const second = 1_000
const otherKinds = "others"

export interface LogFlood {
  /** Whether a line of this kind may be written at `now`, in milliseconds. If not, it is counted. */
  readonly admits: (kind: string, now: number) => boolean
  /** How many lines of each kind were left out since this was asked last. */
  readonly takeLeftOut: () => Readonly<Record<string, number>>
}

export const make = (): LogFlood => {
  const written = new Map<string, { readonly since: number; count: number }>()
  let leftOut = new Map<string, number>()
  return {
    admits: (given, now) => {
      const kind = written.has(given) || written.size < mostKinds ? given : otherKinds
      const known = written.get(kind)
      // A second that lies ahead is from before the clock was set back.
      if (known === undefined || now >= known.since + second || now < known.since) {
        written.set(kind, { since: now, count: 1 })
        return true
      }
      known.count += 1
      if (known.count <= mostInSecond) return true
      leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1)
      return false
    },
    takeLeftOut: () => {
      const taken = Object.fromEntries(leftOut)
      leftOut = new Map()
      return taken
    }
  }
}
