/** How much is done at once, when, and by what. */
import { NumberInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { laneKinds, widestLane, type LaneKind } from '../../shared/model.ts'
import type { Settings } from '../../shared/settings.ts'
import { useBeside } from '../app/context.tsx'
import { HoursField } from '../ui/hours-field.tsx'
import { useSettingsOf } from './saving.ts'
import { Field, OnOff, Section } from './settings-section.tsx'
import css from './settings-section.module.css'
import { TextField } from '../ui/text-field.tsx'

const megabyte = 1024 * 1024

export function EngineSettings() {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const machine = useQuery({ queryKey: ['machine'], queryFn: async () => await calls.machine() }).data
  const { settings, set, state, onReset } = useSettingsOf(['lanes', 'hours', 'holdOnBattery', 'diskReserveBytes', 'ffmpegPath'])
  if (settings === undefined) return null
  return (
    <Section id="engine" state={state} onReset={onReset}>
      <Field name="lanes">
        <Lanes lanes={settings.lanes} automatic={machine?.lanes} onChange={(lanes) => set({ lanes })} />
      </Field>
      <Field name="hours">
        <HoursField hours={settings.hours} onChange={(hours) => set({ hours: [...hours] })} />
      </Field>
      {machine !== undefined && machine.power !== 'unknown' && (
        <Field name="battery">
          <OnOff
            label={t('settings.battery')}
            description={t('settings.batteryHelp')}
            checked={settings.holdOnBattery}
            onChange={(holdOnBattery) => set({ holdOnBattery })}
          />
        </Field>
      )}
      <Field name="reserve">
        <NumberInput
          label={t('settings.reserve')}
          suffix=" MB"
          min={0}
          max={1_000_000}
          hideControls
          allowDecimal={false}
          value={Math.round(settings.diskReserveBytes / megabyte)}
          onChange={(value) => {
            if (typeof value === 'number') set({ diskReserveBytes: value * megabyte })
          }}
        />
      </Field>
      <Field name="ffmpeg">
        <TextField
          label={t('settings.ffmpeg')}
          description={t('settings.ffmpegHelp')}
          value={settings.ffmpegPath}
          onChange={(ffmpegPath) => set({ ffmpegPath })}
        />
      </Field>
    </Section>
  )
}

interface LanesProps {
  readonly lanes: Settings['lanes']
  readonly automatic: Readonly<Record<LaneKind, number>> | undefined
  readonly onChange: (lanes: Settings['lanes']) => void
}

function Lanes({ lanes, automatic, onChange }: LanesProps) {
  const { t } = useTranslation()
  const change = (kind: LaneKind, width: number | string) => {
    const { [kind]: _, ...rest } = lanes
    if (width === '') onChange(rest)
    else if (typeof width === 'number' && width >= 1 && width <= widestLane) onChange({ ...rest, [kind]: width })
  }
  return (
    <div role="group" aria-labelledby="lanes-label">
      <p className={css.label} id="lanes-label">
        {t('settings.lanes')}
      </p>
      <p className={css.help}>{t('settings.lanesHelp')}</p>
      <div className={css.four}>
        {laneKinds.map((kind) => (
          <NumberInput
            key={kind}
            label={t(`family.${kind}`)}
            placeholder={automatic === undefined ? '' : t('settings.automatic', { number: automatic[kind] })}
            min={1}
            max={widestLane}
            allowDecimal={false}
            clampBehavior="strict"
            value={lanes[kind] ?? ''}
            onChange={(width) => change(kind, width)}
          />
        ))}
      </div>
    </div>
  )
}
