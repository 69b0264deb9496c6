/** Which part of an answer is asked for (RFC 9110, section 14). */

/** Both ends belong to it. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The one range of bytes that a `Range` header asks for, of `size` bytes. Undefined for what is answered with the whole:
 * no header, another unit, several ranges, or none that makes sense.
 */
export const parseRange = (
  header: string | undefined,
  size: number
): ByteRange | "unsatisfiable" | undefined => {
  const [, first, last, suffix] =
    /^bytes=\s*(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))\s*$/i.exec(header ?? "") ?? []
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size)
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 }
  }
  if (first === undefined) return undefined
  const start = Number(first)
  const end = last === undefined ? Infinity : Number(last)
  if (end < start) return undefined
  return start >= size ? "unsatisfiable" : { start, end: Math.min(end, size - 1) }
}
