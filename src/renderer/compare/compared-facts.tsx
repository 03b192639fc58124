/** What each of two compared files is, in one line: format, size, dimensions, codecs, and how much smaller the second is. Apart, as it is above every kind of view. */
import { useTranslation } from 'react-i18next'
import type { MediaFacts } from '../../shared/media.ts'
import { mediaLines } from '../../shared/media-lines.ts'
import { outcomeTexts } from '../app/outcomes.ts'
import { bytesText, changeText, countText, lengthText } from '../ui/quantities.ts'
import css from './comparison.module.css'
import type { ComparedPair } from './compared.ts'

interface ComparedFactsProps extends ComparedPair {
  readonly facts: readonly [MediaFacts | undefined, MediaFacts | undefined]
}

export function ComparedFacts({ before, after, facts }: ComparedFactsProps) {
  const { t } = useTranslation()
  const [first, second] = facts
  const both = first !== undefined && second !== undefined && first.bytes > 0
  // A stretch that is tried says nothing by being smaller than the whole.
  const change = both && after.file.of !== 'trial' ? second.bytes / first.bytes - 1 : null
  const sides = [
    { compared: before, known: first, label: t('media.original'), share: null },
    { compared: after, known: second, label: t('media.result'), share: change },
  ]
  return (
    <div className={css.facts}>
      {sides.map(({ compared, known, label, share }) => (
        <div key={compared.file.of} className={css.fact}>
          <span className={css.title}>
            <span className={css.label}>{label}</span>
            {known !== undefined && <strong>{bytesText(known.bytes)}</strong>}
            {share !== null && <em data-less={share < 0 || undefined}>{changeText(share)}</em>}
          </span>
          <span className={css.line} title={compared.name}>
            {known === undefined ? compared.name : lineOf(known)}
          </span>
        </div>
      ))}
    </div>
  )
}

const shown: ReadonlySet<string> = new Set(['format', 'dimensions', 'duration', 'frames', 'video', 'audio'])
const figures = { bytes: bytesText, length: lengthText, number: countText }

function lineOf(facts: MediaFacts): string {
  const lines = mediaLines(facts, { texts: outcomeTexts(), figures, maxValues: 1, maxText: 60 })
  const values = lines.filter(({ key }) => shown.has(key)).flatMap((line) => line.values.slice(0, 1))
  const rate =
    facts.durationMs !== null && facts.durationMs > 0 && facts.video.length > 0 ? (facts.bytes * 8) / facts.durationMs : null
  // A FLAC that holds FLAC says so once.
  const told = values.filter((value, index) => !values.some((other, place) => place > index && other.startsWith(value)))
  return [...told, ...(rate === null ? [] : [`${countText(Math.round(rate))}\u00a0kbit/s`])].join(' · ')
}
