/** Which font files become which, as data. Apart, so that it is known without loading a library. */
import type { Need } from '../engine.ts'
import type { Pairing } from '../../provider.ts'

/** Outlines, tables and hints go over as they are: these differ in how they are packed alone. */
export const fontPairings: readonly Pairing[] = [
  { from: ['ttf', 'woff', 'woff2'], to: ['ttf'], options: [] },
  { from: ['otf', 'woff', 'woff2'], to: ['otf'], options: [] },
  { from: ['ttf', 'otf', 'woff', 'woff2'], to: ['woff', 'woff2'], options: [] },
]

/** Curves of one kind become those of the other by being drawn anew. */
export const redrawnPairings: readonly Pairing[] = [
  { from: ['otf', 'woff', 'woff2'], to: ['ttf'], options: [] },
  { from: ['ttf', 'woff', 'woff2'], to: ['otf'], options: [] },
]

export const fontForgeNeed: Need = {
  program: 'fontforge',
  title: 'FontForge',
  packages: {
    apt: 'fontforge-nox',
    dnf: 'fontforge',
    pacman: 'fontforge',
    zypper: 'fontforge',
    brew: 'fontforge',
    winget: 'FontForge.FontForge',
  },
}
