/** Everything about one job, at the side. */
import { Button, Drawer, Stack } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { factsOf } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import { nameOfOrder } from '../add/adding.ts'
import { useJob } from '../app/context.tsx'
import { bytesText, momentText } from '../ui/quantities.ts'
import { describeNote, leftBehind } from '../app/outcomes.ts'
import { useOptionLabels } from '../ui/option-texts.ts'
import { optionTexts } from '../../shared/options.ts'
import { closeDialog, useDialogs } from '../app/dialogs.ts'
import css from './details.module.css'
import { useJobActions } from './job-actions.ts'
import { MediaInfo } from './media-info.tsx'
import { PanelPreview } from './preview.tsx'
import { describeTrouble, machinesOf, machineText, paceTexts, pathText, reasonText, stateText, trouble } from './job-texts.ts'
import { FfmpegOffer, lacksFfmpeg } from '../providers/ffmpeg-offer.tsx'
import { providerName } from '../providers/provider-texts.ts'
import { RunsFact } from './runs-dialog.tsx'

export function Details() {
  const { t } = useTranslation()
  const job = useDialogs(({ details }) => details)
  return (
    <Drawer
      opened={job !== null}
      onClose={() => closeDialog('details')}
      position="right"
      size={460}
      title={job === null ? t('details.title') : nameOfOrder(job.order)}
      closeButtonProps={{ 'aria-label': t('details.close') }}
      classNames={{ title: css.title ?? '' }}
    >
      {job !== null && <DetailsOf job={job} key={job.id} />}
    </Drawer>
  )
}

function DetailsOf({ job: first }: { readonly job: Job }) {
  const { t } = useTranslation()
  const { job, progress } = useJob(first)
  const labels = useOptionLabels()
  const actions = useJobActions()(job).filter(({ name }) => name !== 'details')
  const { order, state } = job
  const bytes = order.source.kind === 'file' ? order.source.bytes : null
  const failure = trouble(job)
  const options = optionTexts(order.options).map(([name, text]) => `${labels[name]}: ${text}`)
  const allNotes = state.phase === 'done' ? state.notes : []
  const costs = allNotes.filter(({ what }) => what === 'cost')
  const notes = allNotes.filter(({ what }) => what !== 'cost' && what !== 'left')
  const left = leftBehind(allNotes)
  const machines = machinesOf(job, progress)
  const machine = machineText(machines, t)
  return (
    <Stack gap="md">
      {failure !== null && (
        <div className={css.failure} data-phase={state.phase}>
          <IconAlertTriangle size={18} aria-hidden />
          <div>
            <strong>{describeTrouble(order, failure).message}</strong>
            {!lacksFfmpeg(job) && <p>{describeTrouble(order, failure).action}</p>}
            {state.phase === 'failed' && state.sent === true && <p>{t('job.chargedAgain')}</p>}
          </div>
        </div>
      )}
      {lacksFfmpeg(job) && <FfmpegOffer />}
      <PanelPreview job={job} />
      <div className={css.actions}>
        {actions.map(({ name, label, icon: Icon, run }) => (
          <Button key={name} variant="default" size="compact-sm" leftSection={<Icon size={15} aria-hidden />} onClick={run}>
            {label}
          </Button>
        ))}
      </div>
      <dl className={css.facts}>
        <Fact name={t('details.state')}>{[stateText(job, t, progress), ...paceTexts(progress, t)].join(' · ')}</Fact>
        <Fact name={t('details.source')}>
          {order.source.kind === 'file' ? pathText(order.source.path, t) : order.source.url}
          {bytes !== null && <small>{bytesText(bytes)}</small>}
          {order.others?.map(({ path, bytes: otherBytes }) => (
            <span key={path} className={css.file}>
              {pathText(path, t)}
              <small>{bytesText(otherBytes)}</small>
            </span>
          ))}
        </Fact>
        {state.phase === 'done' && state.outputs.length > 0 && (
          <Fact name={t('details.outputs')}>
            {state.outputs.map((output) => (
              <span key={output.path} className={css.file}>
                {pathText(output.path, t)}
                <small>
                  {[
                    bytesText(output.bytes),
                    output.by ?? [],
                    output.on === undefined ? [] : t('details.on', { machine: output.on }),
                  ]
                    .flat()
                    .join(' · ')}
                </small>
              </span>
            ))}
          </Fact>
        )}
        {state.phase === 'done' && state.archivedTo !== null && <Fact name={t('details.archived')}>{state.archivedTo}</Fact>}
        {left.length > 0 && (
          <Fact name={t('details.left')}>
            <ul className={css.list}>
              {left.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </Fact>
        )}
        <Fact name={t('details.route')}>
          {order.from === null ? '?' : factsOf(order.from).title} → {factsOf(order.target).title}
        </Fact>
        <Fact name={t('details.options')}>{options.length === 0 ? t('details.noOptions') : options.join(' · ')}</Fact>
        <Fact name={t('details.provider')}>{providerName(job.provider, t)}</Fact>
        {machine !== null && (
          <Fact name={t('details.machine')}>
            {machine}
            {machines.length > 1 && <small>{t('details.machineBefore', { machines: machines.slice(0, -1).join(', ') })}</small>}
          </Fact>
        )}
        <Fact name={t('details.why')}>{reasonText(job, t)}</Fact>
        <Fact name={t('details.attempt')}>{job.attempt}</Fact>
        <Fact name={t('details.added')}>{momentText(job.createdAtMs)}</Fact>
        {'finishedAtMs' in state && <Fact name={t('details.finished')}>{momentText(state.finishedAtMs)}</Fact>}
        <RunsFact job={job} />
        {costs.length > 0 && <Fact name={t('details.cost')}>{costs.map(describeNote).join(' ')}</Fact>}
        {notes.length > 0 && <Fact name={t('details.notes')}>{notes.map(describeNote).join(' ')}</Fact>}
      </dl>
      <MediaInfo job={job} />
    </Stack>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
