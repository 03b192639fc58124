/** What MusicGPT's calls back name. Its samples name the job by either of its two ids, or by both; they are not signed. */
import * as z from 'zod'
import type { CallsBack } from '../provider.ts'

const id = z.string().min(1).max(200).optional().catch(undefined)
const payload = z.object({ task_id: id, conversion_id: id })

export const callsBack: CallsBack = {
  idsIn: (body) => {
    const { task_id: task, conversion_id: conversion } = payload.safeParse(body).data ?? {}
    return { ...(task === undefined ? {} : { task }), ...(conversion === undefined ? {} : { conversion }) }
  },
}
