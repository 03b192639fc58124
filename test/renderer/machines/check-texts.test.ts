import i18next from 'i18next'
import { describe, expect, it } from 'vitest'
import { checkText } from '../../../src/renderer/machines/check-texts.ts'
import type { CheckLine } from '../../../src/shared/fleet.ts'
import de from '../../../src/shared/text/de.json' with { type: 'json' }
import en from '../../../src/shared/text/en.json' with { type: 'json' }
import es from '../../../src/shared/text/es.json' with { type: 'json' }
import fr from '../../../src/shared/text/fr.json' with { type: 'json' }
import ja from '../../../src/shared/text/ja.json' with { type: 'json' }
import zh from '../../../src/shared/text/zh.json' with { type: 'json' }

const path = '/mnt/media'
const head = 'studio'

/** Each as a machine reports it. */
const lines: readonly CheckLine[] = [
  { check: 'clock', state: 'fine', facts: { apartMs: 200 } },
  { check: 'clock', state: 'remark', facts: { apartMs: -3400 } },
  { check: 'storage', state: 'fine', facts: { path, id: 'x' } },
  { check: 'canary', state: 'fine', facts: { path, heads: head } },
  { check: 'canary', state: 'trouble', facts: { path, because: 'no-head' } },
  { check: 'canary', state: 'trouble', facts: { path, because: 'canary-missing', head } },
  { check: 'canary', state: 'trouble', facts: { path, because: 'canary-other', head } },
  { check: 'write', state: 'fine', facts: { path, seenMs: 340 } },
  { check: 'write', state: 'trouble', facts: { path, because: 'not-seen' } },
  { check: 'write', state: 'trouble', facts: { path, reason: 'EACCES' } },
  { check: 'names', state: 'fine', facts: { path, remarks: '' } },
  { check: 'names', state: 'remark', facts: { path, remarks: 'links case newer' } },
  { check: 'names', state: 'trouble', facts: { path, because: 'not-exclusive' } },
  { check: 'names', state: 'trouble', facts: { path, reason: 'EPERM' } },
  { check: 'space', state: 'fine', facts: { path, bytes: 5e11 } },
  { check: 'space', state: 'remark', facts: { path, bytes: 2e8 } },
  { check: 'space', state: 'trouble', facts: { path, reason: 'EIO' } },
  { check: 'ffmpeg', state: 'fine', facts: { version: 'ffmpeg version 7.1' } },
  { check: 'ffmpeg', state: 'trouble', facts: {} },
]

async function said(lng: string, labels: object): Promise<readonly string[]> {
  const own = i18next.createInstance()
  const t = await own.init({ lng, resources: { [lng]: { translation: labels } }, interpolation: { escapeValue: false } })
  return lines.map((line) => checkText(line, t))
}

describe('the lines of a machine’s proof', () => {
  it('say what was found, where, and what the system said', async () => {
    expect(await said('en', en.labels)).toEqual([
      'The clock is right (+0.2 sec)',
      'The clock is off by -3.4 sec: dates of files will be, too',
      'Shared storage at /mnt/media',
      'It is the storage of studio',
      'No Beside that shares /mnt/media is running',
      '/mnt/media does not show what studio has put there: another folder, or a share that is not mounted',
      '/mnt/media shows something else than what studio has put there: a copy of the storage',
      'What it writes is seen by Beside after 0.3 sec',
      'What it writes to /mnt/media is not seen by Beside',
      'It cannot write to /mnt/media (EACCES)',
      'Links, renames, letters and case work',
      'Names on the storage: no hard links, case makes no difference, newer',
      '/mnt/media lets two machines make the same file',
      'Nothing can be renamed in /mnt/media (EPERM)',
      '500 GB are free',
      'Only 200 MB are free in /mnt/media',
      'It cannot tell how much is free in /mnt/media (EIO)',
      'FFmpeg 7.1',
      'FFmpeg is missing there: install it',
    ])
  })

  it.each(Object.entries({ de, es, fr, ja, zh }))(
    'differ from each other in %s, too, and leave no blank open',
    async (lng, { labels }) => {
      const texts = await said(lng, labels)
      expect(new Set(texts).size).toBe(lines.length)
      expect(texts.filter((text) => /[{}]|undefined|machines\./.test(text))).toEqual([])
    },
  )
})
