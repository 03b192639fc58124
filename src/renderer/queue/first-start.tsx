/** The queue before anything was dropped: how Beside works, in three lines, a sample to try, and what is missing. Apart, as a screen of its own. */
import { Button, Kbd } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAdjustmentsHorizontal, IconCircleCheck, IconFileImport, IconFiles } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { JobError } from '../../shared/failure.ts'
import { folderOf } from '../add/adding.ts'
import { chooseFiles } from '../add/add-menu.tsx'
import { useBeside } from '../app/context.tsx'
import { guarded } from '../app/outcomes.ts'
import { paletteKey } from '../app/sidebar.tsx'
import { FfmpegOffer } from '../providers/ffmpeg-offer.tsx'
import { Empty } from '../ui/empty.tsx'
import type { Calls } from '../wire/live.ts'
import css from './first-start.module.css'
import view from './queue-view.module.css'

export function FirstStart() {
  const { t } = useTranslation()
  const { adding, calls, host } = useBeside()
  const steps = [
    { icon: IconFiles, text: t('queue.emptyDrop') },
    { icon: IconAdjustmentsHorizontal, text: t('queue.emptyChoose') },
    { icon: IconCircleCheck, text: t(host.results === 'beside' ? 'queue.emptyResult' : 'queue.emptyDownload') },
  ]
  const trySample = async () => {
    const path = await convertSample(calls, t('queue.sampleLabel'))
    notifications.show({ message: t('queue.sampleWhere', { folder: folderOf(path) }), autoClose: 10_000 })
  }
  return (
    <Empty icon={IconFileImport} title={t('queue.emptyTitle')}>
      <ol className={css.steps}>
        {steps.map(({ icon: StepIcon, text }) => (
          <li key={text}>
            <StepIcon size={18} stroke={1.7} aria-hidden />
            {text}
          </li>
        ))}
      </ol>
      <div className={css.actions}>
        <Button variant="light" onClick={() => chooseFiles('files', (dropped) => void adding.addFiles(dropped))}>
          {t('queue.emptyAdd')}
        </Button>
        <Button variant="default" onClick={() => guarded(trySample)}>
          {t('queue.emptySample')}
        </Button>
      </div>
      <FfmpegOffer />
      <p className={view.hint}>
        <Kbd>?</Kbd> {t('shortcuts.title')} <Kbd>{paletteKey}</Kbd> {t('palette.label')}
      </p>
    </Empty>
  )
}

/** Through the queue, like any other file; answers where it lies. */
async function convertSample(calls: Calls, label: string): Promise<string> {
  const { path } = await calls.sample()
  const { batchId } = await calls.batches.open({ label })
  const events = await calls.batches.convert({
    batchId,
    sources: [path],
    target: 'webp',
    options: {},
    preset: null,
    out: null,
    recursive: false,
    include: [],
    exclude: [],
    priority: 0,
  })
  for await (const event of events) if (event.type === 'refused') throw JobError.from(event.why)
  return path
}
