/** A line for a terminal, with what copies it: a sign where it is short, a button with its name where it is seen whole. */
import { ActionIcon, Button, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import css from './copy-line.module.css'

export function CopyLine({ text }: { readonly text: string }) {
  const { t } = useTranslation()
  return (
    <div className={css.line}>
      <code>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={t(copied ? 'job.copied' : 'ffmpeg.copy')}>
            {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  )
}

/** @param button what copying is called. */
export function CopyWhole({ text, button }: { readonly text: string; readonly button: string }) {
  const { t } = useTranslation()
  return (
    <div className={css.line} data-whole>
      <code>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
            onClick={copy}
          >
            {copied ? t('job.copied') : button}
          </Button>
        )}
      </CopyButton>
    </div>
  )
}
