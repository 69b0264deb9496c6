/** Which part of an answer is asked for (RFC 9110, section 14). */

/** From `start`, which counts from the end if it is negative, to before `end`, or to the end. */
export interface ByteRange {
  readonly start: number
  readonly end: number | null
}

// No log reaches that far.
const toPosition = (digits: string) => Math.min(Number(digits), 1e15)

/**
 * The one range of bytes that a `Range` header asks for. Undefined for what is answered with the whole: no header, another
 * unit, several ranges, or none that makes sense.
 */
export const parseRange = (header: string | undefined): ByteRange | undefined => {
  const [, first, last, suffix] = /^bytes=\s*(?:(\d+)-(\d+)?|-(\d+))\s*$/i.exec(header ?? "") ?? []
  // The last none are none after the end.
  if (suffix !== undefined) return { start: -toPosition(suffix) || Number.MAX_SAFE_INTEGER, end: null }
  if (first === undefined) return undefined
  const start = toPosition(first)
  const end = last === undefined ? null : toPosition(last) + 1
  return end !== null && end <= start ? undefined : { start, end }
}
