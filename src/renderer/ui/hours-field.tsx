/** Hours of the week in which something may be done: a row for each stretch, with its days and its times. */
import { ActionIcon, Button, Chip, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Hours } from '../../shared/hours.ts'
import { dayText, daysInOrder, timeText } from './hours-text.ts'
import css from './hours-field.module.css'

const nights: Hours = { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 22 * 60, toMinute: 6 * 60 }

interface HoursFieldProps {
  readonly hours: readonly Hours[]
  readonly onChange: (hours: readonly Hours[]) => void
}

export function HoursField({ hours, onChange }: HoursFieldProps) {
  const { t } = useTranslation()
  const [shown, setShown] = useState(hours)
  useEffect(() => setShown(hours), [hours])
  /** A row without days is kept on screen only: it would never apply. */
  const take = (now: readonly Hours[]) => {
    setShown(now)
    if (now.every(({ days }) => days.length > 0)) onChange(now)
  }
  return (
    <div role="group" aria-labelledby="hours-label">
      <p className={css.label} id="hours-label">
        {t('settings.hours')}
      </p>
      <p className={css.help}>{t(shown.length === 0 ? 'settings.anyTime' : 'settings.hoursHelp')}</p>
      {shown.map((stretch, index) => (
        <Stretch
          // Rows have no names of their own, and are few.
          key={index}
          number={index + 1}
          stretch={stretch}
          onChange={(now) => take(shown.with(index, now))}
          onRemove={() => take(shown.toSpliced(index, 1))}
        />
      ))}
      <Button
        variant="default"
        size="compact-md"
        leftSection={<IconPlus size={15} aria-hidden />}
        onClick={() => take([...shown, nights])}
      >
        {t('settings.addHours')}
      </Button>
    </div>
  )
}

interface StretchProps {
  readonly number: number
  readonly stretch: Hours
  readonly onChange: (stretch: Hours) => void
  readonly onRemove: () => void
}

function Stretch({ number, stretch, onChange, onRemove }: StretchProps) {
  const { t } = useTranslation()
  const { days, fromMinute, toMinute } = stretch
  return (
    <div className={css.stretch}>
      <div role="group" aria-label={t('settings.hoursDays', { number })}>
        <Chip.Group
          multiple
          value={days.map(String)}
          onChange={(now) => onChange({ ...stretch, days: now.map(Number).toSorted() })}
        >
          <div className={css.days}>
            {daysInOrder.map((day) => (
              <Chip key={day} value={String(day)} size="xs" radius="sm" icon={null} classNames={{ label: css.day ?? '' }}>
                {dayText(day)}
              </Chip>
            ))}
          </div>
        </Chip.Group>
      </div>
      <TextInput
        type="time"
        size="xs"
        aria-label={t('settings.from')}
        value={timeText(fromMinute)}
        onChange={({ currentTarget: { value } }) => {
          const minute = minuteIn(value)
          if (minute !== null) onChange({ ...stretch, fromMinute: minute })
        }}
      />
      <span aria-hidden>–</span>
      <TextInput
        type="time"
        size="xs"
        aria-label={t('settings.to')}
        value={timeText(toMinute)}
        onChange={({ currentTarget: { value } }) => {
          const minute = minuteIn(value)
          if (minute !== null) onChange({ ...stretch, toMinute: minute })
        }}
      />
      <ActionIcon variant="subtle" color="gray" aria-label={t('settings.removeHours', { number })} onClick={onRemove}>
        <IconX size={16} aria-hidden />
      </ActionIcon>
      <span className={days.length === 0 ? css.bad : css.note}>
        {days.length === 0 ? t('settings.noDay') : toMinute <= fromMinute && t('settings.nextDay')}
      </span>
    </div>
  )
}

function minuteIn(text: string): number | null {
  const [hour, minute] = text.split(':').map(Number)
  return hour === undefined || minute === undefined || Number.isNaN(hour + minute) ? null : hour * 60 + minute
}
