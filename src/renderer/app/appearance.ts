/** How the window looks: what this user chose, and Mantine's theme. The tokens themselves are in tokens.css. */
import { Button, createTheme, type CSSVariablesResolver } from '@mantine/core'
import * as z from 'zod'
import { languageTags } from '../../shared/language.ts'
import css from './appearance.module.css'
import { createPersisted } from './persisted.ts'

const appearanceSchema = z.object({
  scheme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', ...languageTags]),
})
export type Appearance = z.infer<typeof appearanceSchema>

export const defaultAppearance: Appearance = { scheme: 'system', language: 'system' }

/** The engine has no part in it. */
export const useAppearance = createPersisted<Appearance>('beside.appearance', appearanceSchema, defaultAppearance)

/** One accent, calm neutrals, small round corners. */
export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, 'Segoe UI', 'Hiragino Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.5', lg: '1.45', xl: '1.3' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '1.375rem', lineHeight: '1.3' }, h2: { fontSize: '1rem', lineHeight: '1.4' } },
  },
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '18px' },
  spacing: { xs: '6px', sm: '10px', md: '16px', lg: '24px', xl: '36px' },
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    Input: { classNames: { input: css.input ?? '' } },
    InputWrapper: { classNames: { label: css.above ?? '', description: css.help ?? '' } },
    Switch: { classNames: { label: css.label ?? '', description: css.description ?? '' } },
    Modal: { defaultProps: { overlayProps: { backgroundOpacity: 0.35 } } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.25 } } },
    Button: Button.extend({
      // Filled buttons are light in the dark, so their text is dark there.
      vars: (_theme, { variant = 'filled' }) => ({ root: variant === 'filled' ? { '--button-color': 'var(--accent-ink)' } : {} }),
    }),
  },
  colors: {
    petrol: ['#e9f4f3', '#d3e8e7', '#a5d2d1', '#73c0bf', '#46a3a4', '#258588', '#126d72', '#0d5c63', '#094a50', '#05373c'],
    dark: ['#e8ebe9', '#c3cbc8', '#a3adaa', '#7d8886', '#454f50', '#353f40', '#262e2f', '#1c2223', '#151a1b', '#101415'],
    gray: ['#f8f7f4', '#f1efea', '#e5e2db', '#d6d2c9', '#b8b4aa', '#8e8b83', '#6a6862', '#4b4a46', '#33332f', '#1d1d1a'],
  },
})

/** Mantine's own surfaces take our tokens, so that menus and dialogs belong to the same window. */
export const surfaces: CSSVariablesResolver = () => {
  const own = {
    '--mantine-color-body': 'var(--sheet)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-2)',
    '--mantine-color-placeholder': 'var(--ink-3)',
    '--mantine-color-default-border': 'var(--line-2)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-error': 'var(--bad)',
  }
  return { variables: {}, light: own, dark: own }
}
