/** A section of the settings: its fields, whether the last change holds, and the way back to the defaults. */
import { Button, Switch, type SwitchProps } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconRestore } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { toFailure, type Failure } from '../../shared/failure.ts'
import { describeFailure } from '../app/outcomes.ts'
import type { PageSection, RowName } from './settings-index.ts'
import css from './settings-section.module.css'

export type SaveState = 'untouched' | 'saving' | 'saved' | Failure

/** Changes of a section, and whether the last one holds. Each runs at once. */
export function useSaving(): { readonly state: SaveState; save(work: () => Promise<unknown>): void } {
  const { mutate, status, error } = useMutation({ mutationFn: async (work: () => Promise<unknown>) => await work() })
  const states = { idle: 'untouched', pending: 'saving', success: 'saved' } as const
  return { state: status === 'error' ? toFailure(error) : states[status], save: (work) => mutate(work) }
}

interface SectionProps {
  readonly id: PageSection
  readonly state?: SaveState
  /** Absent where nothing can be reset; null where all is as delivered. */
  readonly onReset?: (() => void) | null
  readonly children: ReactNode
}

export function Section({ id, state = 'untouched', onReset, children }: SectionProps) {
  const { t } = useTranslation()
  const name = t(`settings.${id}`)
  return (
    <section className={css.card} aria-labelledby={`settings-${id}`} data-section={id}>
      <header className={css.head}>
        <h2 id={`settings-${id}`}>{name}</h2>
        <span className={css.state} role="status">
          {state === 'saving' && t('settings.saving')}
          {state === 'saved' && (
            <>
              <IconCheck size={15} aria-hidden /> {t('settings.saved')}
            </>
          )}
        </span>
        {onReset !== undefined && onReset !== null && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconRestore size={15} aria-hidden />}
            aria-label={t('settings.resetSection', { section: name })}
            onClick={onReset}
          >
            {t('settings.reset')}
          </Button>
        )}
      </header>
      {typeof state === 'object' && (
        <div className={css.trouble} role="alert">
          <IconAlertTriangle size={18} aria-hidden />
          <p>
            <strong>{describeFailure(state).message}</strong> {describeFailure(state).action}
          </p>
        </div>
      )}
      <div className={css.fields}>{children}</div>
    </section>
  )
}

/** Can be gone to by its name. */
export function Field({ name, children }: { readonly name: RowName; readonly children: ReactNode }) {
  return (
    <div id={`setting-${name}`} className={css.field}>
      {children}
    </div>
  )
}

interface OnOffProps extends Pick<SwitchProps, 'label' | 'description' | 'checked'> {
  readonly onChange: (isOn: boolean) => void
}

/** The label to the left, the switch at the edge, where all switches are. */
export function OnOff({ onChange, ...rest }: OnOffProps) {
  return (
    <Switch
      {...rest}
      labelPosition="left"
      classNames={{ body: css.switch ?? '', labelWrapper: css.text ?? '' }}
      onChange={({ currentTarget: { checked } }) => onChange(checked)}
    />
  )
}

/** Of plain values, however deep. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
