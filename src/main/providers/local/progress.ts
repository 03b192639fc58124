/** FFmpeg's reports of progress (`-progress`): lines of `key=value`, each report ended by `progress=`. */

export interface Progress {
  /** Time of the output reached so far. */
  readonly outMs: number | null
  readonly frames: number
  readonly bytes: number
}

/** Takes bytes as they come, in any pieces; calls `each` at the end of each report. */
export function readProgress(each: (progress: Progress) => void): (chunk: Buffer) => void {
  let rest = ''
  let fields: Record<string, string> = {}
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [key = '', value = ''] = line.split('=', 2).map((part) => part.trim())
      if (key !== 'progress') {
        fields[key] = value
        continue
      }
      each({
        outMs: number(fields.out_time_us, 1000),
        frames: number(fields.frame, 1) ?? 0,
        bytes: number(fields.total_size, 1) ?? 0,
      })
      fields = {}
    }
  }
}

/** Null for `N/A`, which FFmpeg says before the first packet; a first packet may also lie a little before the start. */
function number(text: string | undefined, unit: number): number | null {
  const value = Number(text)
  return text === undefined || Number.isNaN(value) ? null : Math.max(0, value / unit)
}
