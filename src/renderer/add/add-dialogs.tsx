/** What adding files asks and says, over whatever is shown: targets that nobody chose, how far an upload is, and what was refused. */
import { Button, Group, Input, Progress, ScrollArea, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { factsOf } from '../../shared/formats.ts'
import { useAdding, useBeside } from '../app/context.tsx'
import { describeFailure } from '../app/outcomes.ts'
import { useAllPairings } from '../app/queries.ts'
import { Dialog } from '../ui/dialog.tsx'
import { FormatSelect } from '../ui/format-select.tsx'
import { bytesText, countText } from '../ui/quantities.ts'
import css from './add-dialogs.module.css'
import { lastPart } from './adding.ts'
import { CombineDialog } from './combine-dialog.tsx'
import { useConversion, type TargetByFamily } from './conversion.ts'
import { defaultTarget, offerOf } from './pairings.ts'

export function AddDialogs() {
  return (
    <>
      <AskTargets />
      <CombineDialog />
      <RefusedFiles />
      <UploadProgress />
    </>
  )
}

/** Kinds of files that cannot become the bar's format: what they become instead, asked once. */
function AskTargets() {
  const { t } = useTranslation()
  const { asking } = useAdding()
  const { target: chosen } = useConversion()
  const pairings = useAllPairings()
  const [answers, setAnswers] = useState<TargetByFamily>({})
  useEffect(() => {
    if (asking === null) return
    setAnswers(Object.fromEntries(asking.groups.map((group) => [group.family ?? 'audio', defaultTarget(group)])))
  }, [asking])
  return (
    <Dialog opened={asking !== null} onClose={() => asking?.answer(null)} title={t('ask.title')}>
      {asking !== null && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            asking.answer(answers)
          }}
        >
          <Stack gap="md">
            <Text c="dimmed">{t('ask.why', { target: factsOf(chosen).title })}</Text>
            {asking.groups.map(({ family, from }) => {
              const kind = family ?? 'audio'
              const answer = answers[kind]
              const label = t('ask.become', {
                kind: t(`family.${kind}`),
                from: from.map((id) => factsOf(id).title).join(', '),
              })
              if (answer === undefined) return null
              return (
                <Input.Wrapper key={kind} label={label} labelElement="div">
                  <FormatSelect
                    label={label}
                    value={answer}
                    formats={offerOf(pairings, from)}
                    onChange={(target) => setAnswers({ ...answers, [kind]: target })}
                  />
                </Input.Wrapper>
              )
            })}
            <Group justify="flex-end">
              <Button variant="default" onClick={() => asking.answer(null)}>
                {t('ask.cancel')}
              </Button>
              <Button type="submit" data-autofocus>
                {t('ask.confirm')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}

/** Each with its reason and what to do. */
function RefusedFiles() {
  const { t } = useTranslation()
  const { adding } = useBeside()
  const { refused, passed, uploading, asking, combining } = useAdding()
  return (
    <Dialog
      opened={refused.length > 0 && uploading === null && asking === null && combining === null}
      onClose={adding.dismiss}
      title={t('refused.title', { count: refused.length })}
      size="lg"
    >
      <Stack gap="md">
        <ScrollArea.Autosize mah="50vh" viewportProps={{ tabIndex: 0 }}>
          <ul className={css.refused}>
            {refused.slice(0, 200).map(({ source, why }, index) => {
              const { message, action } = describeFailure(why)
              return (
                <li key={`${source} ${index}`}>
                  {source !== '' && <strong title={source}>{lastPart(source)}</strong>}
                  <span>{message}</span>
                  <span className={css.action}>{action}</span>
                </li>
              )
            })}
          </ul>
        </ScrollArea.Autosize>
        {passed > 0 && <Text c="dimmed">{t('refused.passed', { count: passed })}</Text>}
        <Group justify="flex-end">
          <Button onClick={adding.dismiss} data-autofocus>
            {t('refused.close')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

/** Files on their way to the engine. */
function UploadProgress() {
  const { t } = useTranslation()
  const { uploading } = useAdding()
  if (uploading === null) return null
  const { files, ofFiles, bytes, ofBytes, stop } = uploading
  const label = t('upload.line', { files: countText(files), of: countText(ofFiles) })
  return (
    <div className={css.upload} role="status">
      <div className={css.progress}>
        <strong>{label}</strong>
        <span>
          {bytesText(bytes)} / {bytesText(ofBytes)}
        </span>
      </div>
      <Progress value={ofBytes === 0 ? 0 : (bytes / ofBytes) * 100} aria-label={label} size="sm" />
      <Button size="compact-sm" variant="default" onClick={stop}>
        {t('upload.stop')}
      </Button>
    </div>
  )
}
