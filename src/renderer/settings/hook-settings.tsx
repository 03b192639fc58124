/** Hooks: what each is for and does, how its deliveries fare, and a test. They are added on the command line, since no page may name a program to run. */
import { Button, Code, Group, Switch } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { hookOutcomes, type Hook, type HookStatus, type HookTest } from '../../shared/hooks.ts'
import { describeFailure, guarded } from '../app/outcomes.ts'
import { useBeside } from '../app/context.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { countText, tookText, waitText } from '../ui/quantities.ts'
import { HookDeliveries } from './hook-deliveries.tsx'
import { useHooks, useHooksChanged } from './hook-queries.ts'
import { Section, useSaving } from './settings-section.tsx'
import css from './hook-settings.module.css'

const example = 'beside hooks add tell --after batch --url https://example.org/beside'

export function HookSettings() {
  const { t } = useTranslation()
  const { state, save } = useSaving()
  const hooks = useHooks()
  return (
    <Section id="hooks" state={state}>
      {hooks !== undefined && hooks.length > 0 && (
        <ul className={css.hooks}>
          {hooks.map((status) => (
            <HookRow key={status.hook.id} status={status} save={save} />
          ))}
        </ul>
      )}
      <div className={css.how}>
        <p>
          {t('hooks.why')} {t('hooks.how')}
        </p>
        <Code block>{example}</Code>
      </div>
    </Section>
  )
}

interface HookRowProps {
  readonly status: HookStatus
  readonly save: (work: () => Promise<unknown>) => void
}

function HookRow({ status: { hook, counts }, save }: HookRowProps) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useHooksChanged()
  const [isOpen, deliveries] = useDisclosure(false)
  const [isAskingRemove, removal] = useDisclosure(false)
  const folderPath = useFolderPath(hook.folderId)
  const { id, name, on } = hook
  const act = (work: () => Promise<unknown>) =>
    save(async () => {
      await work()
      await changed()
    })
  const givenUp = counts['given-up']
  const figures = (['running', 'due', 'failed', 'delivered'] as const).filter((phase) => counts[phase] > 0)
  return (
    <li className={css.hook}>
      <header className={css.head}>
        <div className={css.names}>
          <h3>{name}</h3>
          <p>{whenText(hook, folderPath, t)}</p>
        </div>
        <Switch
          aria-label={t('hooks.on', { name })}
          checked={on}
          onChange={({ currentTarget: { checked } }) => act(async () => await calls.hooks.switch({ id, on: checked }))}
        />
      </header>
      <code className={css.does} title={doesText(hook)}>
        {doesText(hook)}
      </code>
      {givenUp > 0 && (
        <div className={css.trouble} role="status">
          <IconAlertTriangle size={18} aria-hidden />
          <span>{t('hooks.givenUp', { count: givenUp, amount: countText(givenUp) })}</span>
          <Button size="compact-sm" variant="default" onClick={() => act(async () => await calls.hooks.again({ hookId: id }))}>
            {t('hooks.againAll')}
          </Button>
        </div>
      )}
      {figures.length > 0 && (
        <p className={css.figures}>
          {figures.map((phase) => (
            <span key={phase}>{t('hooks.count', { phase: t(`hooks.phase.${phase}`), amount: countText(counts[phase]) })}</span>
          ))}
        </p>
      )}
      <HookTry hook={hook}>
        <Button size="compact-sm" variant="default" aria-expanded={isOpen} onClick={deliveries.toggle}>
          {t('hooks.deliveries')}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={removal.open}>
          {t('hooks.remove')}
        </Button>
      </HookTry>
      {isOpen && <HookDeliveries hook={hook} />}
      <ConfirmDialog
        opened={isAskingRemove}
        onClose={removal.close}
        title={t('hooks.removeTitle')}
        confirm={t('hooks.remove')}
        tone="plain"
        onConfirm={() => act(async () => await calls.hooks.remove({ id }))}
      >
        {t('hooks.removeWhy')}
      </ConfirmDialog>
    </li>
  )
}

/** Its actions, and what came of a sample. */
function HookTry({ hook, children }: { readonly hook: Hook; readonly children: ReactNode }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const [isTesting, setTesting] = useState(false)
  const [result, setResult] = useState<HookTest | null>(null)
  const test = async () => {
    setTesting(true)
    try {
      setResult(await calls.hooks.test({ id: hook.id }))
    } finally {
      setTesting(false)
    }
  }
  return (
    <>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" disabled={isTesting} onClick={() => guarded(test)}>
          {t(isTesting ? 'hooks.testing' : 'hooks.test')}
        </Button>
        {children}
      </Group>
      {result !== null && !isTesting && <Result hook={hook} result={result} />}
    </>
  )
}

function Result({ hook, result: { answer, why, output } }: { readonly hook: Hook; readonly result: HookTest }) {
  const { t } = useTranslation()
  // None took no time at all.
  const time = tookText(Math.max(100, answer?.tookMs ?? 0))
  const wellText =
    hook.action.kind === 'url' ? t('hooks.answered', { status: answer?.status ?? 0, time }) : t('hooks.ranWell', { time })
  const bad = why === null ? null : describeFailure(why)
  return (
    <div className={css.result} data-tone={bad === null ? 'good' : 'bad'} role="status">
      <p>
        {bad === null ? <IconCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
        <span>{bad === null ? wellText : `${bad.message} ${bad.action}`}</span>
      </p>
      {output.trim() !== '' && (
        // It scrolls, so the keyboard has to get there.
        <pre tabIndex={0} aria-label={`${t('hooks.test')}: ${hook.name}`} role="region">
          {output.trim()}
        </pre>
      )}
    </div>
  )
}

function whenText({ after, outcomes, folderId, preset, timeoutMs }: Hook, folderPath: string | null, t: TFunction): string {
  const some = outcomes.length === hookOutcomes.length ? [] : [outcomes.map((outcome) => t(`phase.${outcome}`)).join(', ')]
  return [
    t(`hooks.after.${after}`),
    ...some,
    ...(folderId === null ? [] : [t('hooks.onlyFolder', { path: folderPath ?? `#${folderId}` })]),
    ...(preset === null ? [] : [t('hooks.onlyPreset', { preset })]),
    t('hooks.limit', { time: waitText(timeoutMs) }),
  ].join(' · ')
}

/** As it could be typed. */
function doesText({ action }: Hook): string {
  if (action.kind === 'url') return `POST ${action.url}`
  return [action.program, ...action.args].map((word) => (/^[\w./:=@%+\\-]+$/.test(word) ? word : `'${word}'`)).join(' ')
}

function useFolderPath(id: number | null): string | null {
  const { calls } = useBeside()
  const { data } = useQuery({ queryKey: ['folders'], queryFn: async () => await calls.folders.list(), enabled: id !== null })
  return data?.find((folder) => folder.id === id)?.rule.path ?? null
}
