/** The lines by which a machine has proved that it may work, in words. Alone, as each line has its own sentence for each end. */
import type { TFunction } from 'i18next'
import type { CheckLine } from '../../shared/fleet.ts'
import { bytesText, secondsText, tookText } from '../ui/quantities.ts'

/** Nothing is seen in no time at all. */
const leastMs = 100

export function checkText({ check, state, facts }: CheckLine, t: TFunction): string {
  const text = (name: string) => String(facts[name] ?? '')
  const path = text('path')
  const reason = text('reason')
  const isFine = state === 'fine'
  switch (check) {
    case 'clock':
      return t(isFine ? 'machines.check.clock' : 'machines.check.clockOff', {
        seconds: secondsText(Number(facts['apartMs'] ?? 0)),
      })
    case 'storage':
      return t('machines.check.storage', { path })
    case 'canary':
      if (isFine) return t('machines.check.canary', { heads: text('heads') })
      if (facts['because'] === 'no-head') return t('machines.check.canaryNoHead', { path })
      return t(facts['because'] === 'canary-missing' ? 'machines.check.canaryMissing' : 'machines.check.canaryOther', {
        path,
        head: text('head'),
      })
    case 'write':
      if (isFine) return t('machines.check.write', { time: tookText(Math.max(leastMs, Number(facts['seenMs'] ?? 0))) })
      return facts['because'] === 'not-seen'
        ? t('machines.check.writeUnseen', { path })
        : t('machines.check.writeRefused', { path, reason })
    case 'names':
      if (state === 'trouble')
        return facts['because'] === 'not-exclusive'
          ? t('machines.check.namesShared', { path })
          : t('machines.check.namesRefused', { path, reason })
      return isFine ? t('machines.check.names') : t('machines.check.namesRemark', { remarks: remarksText(text('remarks'), t) })
    case 'space':
      if (state === 'trouble') return t('machines.check.spaceUnknown', { path, reason })
      return t(isFine ? 'machines.check.space' : 'machines.check.spaceLow', {
        path,
        bytes: bytesText(Number(facts['bytes'] ?? 0)),
      })
    case 'ffmpeg':
      return isFine
        ? t('machines.check.ffmpeg', { version: text('version').replace(/^ffmpeg version /i, '') })
        : t('machines.check.ffmpegMissing')
  }
}

const remarks = ['links', 'colon', 'case', 'composed'] as const

/** What the storage cannot do, by words that blanks part. */
function remarksText(words: string, t: TFunction): string {
  return words
    .split(' ')
    .map((word) => {
      const known = remarks.find((each) => each === word)
      return known === undefined ? word : t(`machines.remark.${known}`)
    })
    .join(', ')
}
