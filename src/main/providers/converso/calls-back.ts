/** What Converso's calls back name; they are not signed. */
import * as z from 'zod'
import type { CallsBack } from '../provider.ts'

const payload = z.object({ jobId: z.string().min(1).max(200) })

export const callsBack: CallsBack = {
  idsIn: (body) => {
    const read = payload.safeParse(body)
    return read.success ? { job: read.data.jobId } : {}
  },
}
