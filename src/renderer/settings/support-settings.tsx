/** What helps to find out what went wrong. */
import { Button } from '@mantine/core'
import { IconFolder, IconPackage, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useBeside } from '../app/context.tsx'
import { saveFile } from '../ui/save-file.ts'
import { language } from '../app/language.ts'
import { guarded } from '../app/outcomes.ts'
import { TableSection } from './setting-rows.tsx'
import { Field } from './settings-section.tsx'
import css from './support-settings.module.css'

const maxLines = 200

export function SupportSettings() {
  return (
    <TableSection
      id="support"
      before={
        <Field name="log">
          <LogEnd />
        </Field>
      }
      after={
        <Field name="bundle">
          <BundleSave />
        </Field>
      }
    />
  )
}

function LogEnd() {
  const { t } = useTranslation()
  const { calls, host } = useBeside()
  const { data, refetch, isFetching } = useQuery({
    queryKey: ['log'],
    queryFn: async () => await calls.support.log({ lines: maxLines }),
    refetchOnMount: 'always',
  })
  const { reveal } = host
  const time = new Intl.DateTimeFormat(language(), { dateStyle: 'short', timeStyle: 'medium' })
  const lines = data?.lines.toReversed() ?? []
  return (
    <>
      <div className={css.head}>
        <p className={css.label} id="log-label">
          {t('settings.log')}
        </p>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconRefresh size={15} aria-hidden />}
          disabled={isFetching}
          onClick={() => guarded(async () => await refetch())}
        >
          {t('settings.logRefresh')}
        </Button>
        {reveal !== null && data !== undefined && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconFolder size={15} aria-hidden />}
            onClick={() => guarded(async () => await reveal(data.path))}
          >
            {t('settings.logOpen')}
          </Button>
        )}
      </div>
      {/* It scrolls, so the keyboard has to get there. */}
      <div className={css.log} role="region" aria-labelledby="log-label" tabIndex={0}>
        {data !== undefined && lines.length === 0 && <p className={css.help}>{t('settings.logEmpty')}</p>}
        {lines.map(({ at, level, text, facts }, index) => (
          <p key={index} data-level={level}>
            <time dateTime={at}>{time.format(new Date(at))}</time> <b>{level}</b> {text} <span>{facts}</span>
          </p>
        ))}
      </div>
      {data !== undefined && <p className={css.path}>{data.path}</p>}
    </>
  )
}

function BundleSave() {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const [isCollecting, setCollecting] = useState(false)
  const collect = async () => {
    setCollecting(true)
    try {
      const { name, zip } = await calls.support.bundle()
      const bytes = Uint8Array.from(atob(zip), (character) => character.charCodeAt(0))
      saveFile(new Blob([bytes], { type: 'application/zip' }), name)
    } finally {
      setCollecting(false)
    }
  }
  return (
    <div className={css.bundle}>
      <div>
        <p className={css.label}>{t('settings.bundle')}</p>
        <p className={css.help}>{t('settings.bundleHelp')}</p>
      </div>
      <Button
        variant="default"
        leftSection={<IconPackage size={16} aria-hidden />}
        disabled={isCollecting}
        onClick={() => guarded(collect)}
      >
        {t(isCollecting ? 'settings.bundleSaving' : 'settings.bundleSave')}
      </Button>
    </div>
  )
}
